import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR_MS, hoursIn } from './files.js';

/** What is on disk. */
export interface Kept {
  readonly bytes: number;
  /** When the oldest hour begins of which something is kept; `undefined` where nothing is. */
  readonly since: number | undefined;
}

export function keptIn(folder: string): Kept {
  try {
    const [oldest] = hoursIn(folder);
    return { bytes: usedBytes(folder), since: oldest === undefined ? undefined : oldest * HOUR_MS };
  } catch {
    // There is none yet.
    return { bytes: 0, since: undefined };
  }
}

function usedBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
