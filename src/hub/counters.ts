import type { PictureReason } from '../protocol/session.js';

/** What the hub counts since it started, for /metrics. Maps are by name, reason or kind. */
export interface HubCounters {
  /** Sessions that said a good HELLO. */
  sessionsOpened: number;
  /** Connections and sessions that ended, by close code. */
  sessionsClosed: Map<number, number>;
  /** HTTP upgrades refused: `token`, `version`, `origin`. */
  upgradesRefused: Map<string, number>;
  messages: Map<string, number>;
  bytesReceived: number;
  bytesSent: number;
  /** Messages that broke the protocol, by name of the message. */
  violations: Map<string, number>;
  deltasApplied: number;
  /** Deltas that had been applied before and were sent again. */
  deltasDuplicate: number;
  /** Deltas that came while a picture was awaited that has them. */
  deltasSkipped: number;
  /** Deltas that the graph rejected, by code. */
  deltasRejected: Map<string, number>;
  /** Gaps in the numbering. */
  gaps: number;
  resumes: number;
  pictures: Map<PictureReason, number>;
  reconciledElements: number;
  /** Changes that the pictures made. */
  reconciledDifferences: number;
  agentsLost: number;
  /** Elements closed because their agent stayed away. */
  elementsClosed: number;
  /** Deltas and elements refused by quota: `elements`, `metadataBytes`; batches held back: `changesPerSecond`. */
  quotaRefusals: Map<string, number>;
  /** How often reading was stopped because the journal was full. */
  pauses: number;
  creditGranted: number;
  flowBatches: number;
  /** Flows in batches of agents. */
  flowsReceived: number;
  /** Flows that agents lost before they could send them, by reason: rises by what each agent adds to its totals. */
  flowsLost: Map<string, number>;
  /** Flows that were received and that the store did not take. */
  flowsNotStored: number;
}

export const newCounters = (): HubCounters => ({
  sessionsOpened: 0,
  sessionsClosed: new Map(),
  upgradesRefused: new Map(),
  messages: new Map(),
  bytesReceived: 0,
  bytesSent: 0,
  violations: new Map(),
  deltasApplied: 0,
  deltasDuplicate: 0,
  deltasSkipped: 0,
  deltasRejected: new Map(),
  gaps: 0,
  resumes: 0,
  pictures: new Map(),
  reconciledElements: 0,
  reconciledDifferences: 0,
  agentsLost: 0,
  elementsClosed: 0,
  quotaRefusals: new Map(),
  pauses: 0,
  creditGranted: 0,
  flowBatches: 0,
  flowsReceived: 0,
  flowsLost: new Map(),
  flowsNotStored: 0,
});

/** Adds to one entry of a counter with names. */
export function count<K>(counter: Map<K, number>, key: K, by = 1): void {
  counter.set(key, (counter.get(key) ?? 0) + by);
}
