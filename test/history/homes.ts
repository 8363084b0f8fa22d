import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, vi } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { Position } from '../../src/graph/position.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { Neo4jHistory } from '../../src/history/neo4j/historyStore.js';
import { openDatabase } from '../../src/history/neo4j/database.js';
import { Projector } from '../../src/history/neo4j/projector.js';
import type { HistoryStore } from '../../src/history/store.js';
import { openRecorder, Recorder } from '../../src/journal/recorder.js';
import { SimulatedDisk } from '../simulator/simulatedDisk.js';
import { VirtualClock } from '../simulator/virtualClock.js';
import { describeWith, type Need } from '../needs.js';
import { addressOf, clearTopology, NEO4J_START_MS, NEO4J_TEST_MS, neo4jNeeds, sharedNeo4j } from './neo4j/server/shared.js';

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
  readonly needs?: readonly Need[];
  /** What takes long and is done once for a file. */
  start?(): Promise<void>;
  open(): Promise<Site>;
}

const LIMITS = { maxTailBytes: 1 << 26 };
const CACHE_BYTES = 1 << 24;

/** Every home of the history; a new one joins by an entry here. */
export const HOMES: readonly Home[] = [
  { name: 'embedded, LMDB', open: () => openLmdb() },
  { name: 'embedded, simulated disk', open: () => openSimulated() },
  { name: 'Neo4j', needs: neo4jNeeds, start: async () => void (await sharedNeo4j()), open: () => openNeo4j() },
];

const cleanups: (() => Promise<void>)[] = [];

/** Runs the suite once for each home; what `open` opened is closed after each test. */
export function describeEachHome(title: string, body: (open: () => Promise<Site>) => void): void {
  for (const home of HOMES) {
    describeWith(home.needs ?? [], `${title} (${home.name})`, () => {
      if (home.start !== undefined) beforeAll(() => home.start!(), NEO4J_START_MS);
      afterEach(async () => {
        for (const cleanup of cleanups.splice(0)) await cleanup();
      });
      if (home.start !== undefined) vi.setConfig({ testTimeout: NEO4J_TEST_MS, hookTimeout: NEO4J_TEST_MS });
      body(() => home.open());
      vi.resetConfig();
    });
  }
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

/** The journal on a simulated disk, projected into a real Neo4j, which is asked. */
async function openNeo4j(): Promise<Site> {
  const { url } = await sharedNeo4j();
  const database = openDatabase(addressOf(url));
  await clearTopology(database);
  const disk = new SimulatedDisk();
  const clock = new VirtualClock();
  let projector: Projector | undefined;
  const over = (recorder: Recorder): HistoryStore => {
    const source = { journal: recorder.journal, recent: recorder.recent.bind(recorder) };
    projector = new Projector({ database, source, url, clock: systemClock, log: silentLog });
    projector.start();
    recorder.onChanges(() => projector!.nudge());
    const embedded = new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES });
    return answeredByNeo4j(new Neo4jHistory({ recorder, embedded, database, projector }, { cacheBytes: CACHE_BYTES }), recorder, projector);
  };
  const site = await siteOf(clock, () => Recorder.open(disk.open(), { clock, log: silentLog, limits: LIMITS }), {
    over,
    leave: async () => projector?.stop(),
  });
  cleanups.push(async () => {
    await projector?.stop();
    await site.recorder.close();
    await database.close();
  });
  return site;
}

/** The store, asked only once the projection has caught up. What is durable must then come from Neo4j: fails the test when it did not. */
function answeredByNeo4j(history: Neo4jHistory, recorder: Recorder, projector: Projector): HistoryStore {
  const checked =
    <A extends readonly unknown[], R>(ask: (...args: A) => Promise<R>, positionOf: (args: A) => Position) =>
    async (...args: A): Promise<R> => {
      await projector.caughtUp();
      const position = positionOf(args);
      const isDurable = history.check(position) === 'good' && position.seq <= recorder.journal.keptSeq;
      const before = history.answered.neo4j;
      const answer = await ask(...args);
      if (isDurable && history.answered.neo4j === before) throw new Error('Neo4j has the position and was not asked');
      return answer;
    };
  return new Proxy<HistoryStore>(history, {
    get(target, name: keyof HistoryStore) {
      if (name === 'at') return checked(history.at.bind(history), ([position]) => position);
      if (name === 'node') return checked(history.node.bind(history), ([, position]) => position);
      if (name === 'edge') return checked(history.edge.bind(history), ([, position]) => position);
      if (name === 'prune')
        return async (position: Position) => {
          await projector.caughtUp();
          await history.prune(position);
        };
      return (target[name] as (...args: unknown[]) => unknown).bind(target);
    },
  });
}

/** How a home stands on a recorder. */
interface Standing {
  over(recorder: Recorder): HistoryStore;
  /** Before the recorder is closed. */
  leave(): Promise<void>;
}

const EMBEDDED: Standing = {
  over: (recorder) => new EmbeddedHistory(recorder, { cacheBytes: CACHE_BYTES }),
  leave: async () => undefined,
};

async function siteOf(clock: VirtualClock, open: () => Promise<Recorder>, { over, leave } = EMBEDDED): Promise<Site> {
  const recorder = await open();
  const site: Site = {
    clock,
    recorder,
    history: over(recorder),
    async restart() {
      await leave();
      await site.recorder.close();
      site.recorder = await open();
      site.history = over(site.recorder);
    },
  };
  return site;
}
