import type { Clock } from '../../common/clock.js';

/** What happened with subscriptions since the start; for `/metrics`. */
export interface SubscriptionCounters {
  /** Events that were executed and turned into bytes, once for each group. */
  events: number;
  /** Messages handed to sockets. */
  delivered: number;
  /** Subscribers that were too slow for the ring and went back to the log. */
  fellOff: number;
  /** Cursors that led nowhere. */
  resyncs: number;
  /** Changes that were skipped because telling them would have taken too much. */
  lostChanges: number;
}

export interface GroupOptions {
  readonly clock: Clock;
  readonly counters: SubscriptionCounters;
  /** Executes the document for one event; the bytes that follow a message's opening. */
  serialize(event: unknown): Promise<Buffer>;
  /** Nobody is in it any more, or it failed. */
  onClose(): void;
}

/** What all groups have in common. */
export interface Group {
  readonly size: number;
  /** Bytes that it keeps for its subscribers. */
  readonly bytes: number;
  /** Events that its slowest subscriber is behind. */
  readonly lag: number;
  close(): void;
}
