import type { Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import type { Recorder } from '../../journal/recorder.js';
import type { EmbeddedHistory } from '../embedded/historyStore.js';
import { openDatabase, type DatabaseAddress } from './database.js';
import { Neo4jHistory } from './historyStore.js';
import { Projector } from './projector.js';

/** How long the transaction that is running may take when the analyzer stops, ms. It is not lost when it takes longer: its changes are written again. */
const PATIENCE_MS = 1_000;

export interface OpenedNeo4j {
  readonly history: Neo4jHistory;
  readonly projector: Projector;
  /** Before the recorder is closed. */
  close(): Promise<void>;
}

export interface Neo4jSurroundings {
  readonly recorder: Recorder;
  readonly embedded: EmbeddedHistory;
  /** Most memory for pictures that were read from Neo4j. */
  readonly cacheBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to follow the recorder's journal into Neo4j, and reads the past from there. Does not wait for the database, and never fails because of it. */
export function openNeo4j(address: DatabaseAddress, { recorder, embedded, cacheBytes, clock, log }: Neo4jSurroundings): OpenedNeo4j {
  const database = openDatabase(address);
  const source = { journal: recorder.journal, recent: recorder.recent.bind(recorder) };
  const projector = new Projector({ database, source, url: address.url, clock, log });
  projector.start();
  const cancel = recorder.onChanges(() => projector.nudge());
  return {
    history: new Neo4jHistory({ recorder, embedded, database, projector }, { cacheBytes }),
    projector,
    async close() {
      cancel();
      const patience = (): Promise<void> => new Promise((resolve) => void clock.after(PATIENCE_MS, resolve));
      const stopped = projector.stop();
      await Promise.race([stopped, patience()]);
      // A database that does not answer must not hold the analyzer up. Closing its connections ends what waits for it, sooner or later; nothing is begun any more.
      await Promise.race([Promise.all([database.close(), stopped]), patience()]);
    },
  };
}
