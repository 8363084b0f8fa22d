import type { Clock } from '../common/clock.js';
import type { HistoryConfig } from '../common/config/config.js';
import { readPassword } from '../common/config/tokens.js';
import type { Log } from '../common/log.js';
import { EmbeddedHistory } from '../history/embedded/historyStore.js';
import type { ProjectionStatus } from '../history/neo4j/projectionStatus.js';
import type { HistoryStore } from '../history/store.js';
import type { Recorder } from '../journal/recorder.js';

/** The past of the topology, as the server sees it. */
export interface OpenedHistory {
  /** What questions about the past are asked. */
  readonly history: HistoryStore;
  /** What reads the journal itself: for everything that must not wait for a database. */
  readonly embedded: EmbeddedHistory;
  /** How Neo4j follows; `undefined` where it is not asked for. */
  projection(): ProjectionStatus | undefined;
  /** Bytes of kept pictures that came from another home. */
  pictureBytes(): number;
  close(): Promise<void>;
}

/** With Neo4j each of the two homes gets half of the memory for views. */
const HOMES = 2;

/** Opens the home that is configured. Throws `CONFIG_INVALID` when the password's file cannot be read. A database that is away throws nothing. */
export async function openHistory(config: HistoryConfig, recorder: Recorder, clock: Clock, log: Log): Promise<OpenedHistory> {
  const { home, url, user, database } = config;
  if (home === 'embedded') {
    const embedded = new EmbeddedHistory(recorder, { cacheBytes: config.cacheBytes });
    return { history: embedded, embedded, projection: () => undefined, pictureBytes: () => 0, close: async () => undefined };
  }
  const password = readPassword(config.password) ?? '';
  // The driver is a large library that most analyzers do not need.
  const { openNeo4j } = await import('../history/neo4j/open.js');
  const cacheBytes = Math.floor(config.cacheBytes / HOMES);
  const embedded = new EmbeddedHistory(recorder, { cacheBytes });
  const neo4j = openNeo4j({ url, user, password, database }, { recorder, embedded, cacheBytes, clock, log });
  return {
    history: neo4j.history,
    embedded,
    projection: () => neo4j.projector.status(),
    pictureBytes: () => neo4j.history.viewBytes,
    close: () => neo4j.close(),
  };
}
