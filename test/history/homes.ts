import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { silentLog } from '../../src/common/log.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import type { HistoryStore } from '../../src/history/store.js';
import { openRecorder, Recorder } from '../../src/journal/recorder.js';
import { SimulatedDisk } from '../simulator/simulatedDisk.js';
import { VirtualClock } from '../simulator/virtualClock.js';

/** An analyzer's writing and reading side, without its network. */
export interface Site {
  readonly clock: VirtualClock;
  recorder: Recorder;
  history: HistoryStore;
  /** Stops cleanly and starts again on the same data. */
  restart(): Promise<void>;
}

export interface Home {
  readonly name: string;
  open(): Promise<Site>;
}

const LIMITS = { maxTailBytes: 1 << 26 };
const CACHE_BYTES = 1 << 24;

/** Every home of the history; a new one joins by an entry here. */
export const HOMES: readonly Home[] = [
  { name: 'embedded, LMDB', open: () => openLmdb() },
  { name: 'embedded, simulated disk', open: () => openSimulated() },
];

const cleanups: (() => Promise<void>)[] = [];

/** Runs the suite once for each home; what `open` opened is closed after each test. */
export function describeEachHome(title: string, body: (open: () => Promise<Site>) => void): void {
  describe.each(HOMES)(`${title} ($name)`, (home) => {
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0)) await cleanup();
    });
    body(() => home.open());
  });
}

async function openLmdb(): Promise<Site> {
  const dataDir = mkdtempSync(join(tmpdir(), 'canopy-history-'));
  const clock = new VirtualClock();
  const site = await siteOf(clock, () => openRecorder({ dataDir, clock, log: silentLog, limits: LIMITS }));
  cleanups.push(async () => {
    await site.recorder.close();
    rmSync(dataDir, { recursive: true });
  });
  return site;
}

async function openSimulated(): Promise<Site> {
  const disk = new SimulatedDisk();
  const clock = new VirtualClock();
  const site = await siteOf(clock, () => Recorder.open(disk.open(), { clock, log: silentLog, limits: LIMITS }));
  cleanups.push(() => site.recorder.close());
  return site;
}

async function siteOf(clock: VirtualClock, open: () => Promise<Recorder>): Promise<Site> {
  const recorder = await open();
  const site: Site = {
    clock,
    recorder,
    history: new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES }),
    async restart() {
      await site.recorder.close();
      site.recorder = await open();
      site.history = new EmbeddedHistory(site.recorder, { cacheBytes: CACHE_BYTES });
    },
  };
  return site;
}
