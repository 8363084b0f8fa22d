import type { Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import type { Recorder } from '../../journal/recorder.js';
import type { EmbeddedHistory } from '../embedded/historyStore.js';
import { openDatabase, type DatabaseAddress } from './database.js';
import { Neo4jHistory } from './historyStore.js';
import { Projector } from './projector.js';

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
      await projector.stop();
      await database.close();
    },
  };
}
