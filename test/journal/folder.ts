import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { systemClock, type Clock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, last given first. */
export const afterTest = (cleanup: () => unknown): void => void cleanups.push(cleanup);

/** A folder that goes with the test. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-journal-'));
  afterTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A recorder on the folder, closed after the test. */
export async function open(dataDir: string, clock: Clock = systemClock, maxTailBytes = 1 << 26): Promise<Recorder> {
  const recorder = await openRecorder({ dataDir, clock, log: silentLog, limits: { maxTailBytes } });
  afterTest(() => recorder.close(100));
  return recorder;
}
