import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that the store takes on disk; 0 where there is none yet. */
export function usedBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  } catch {
    return 0;
  }
}
