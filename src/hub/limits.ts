/** Time and sizes of agent sessions. Milliseconds and bytes. */
export interface HubLimits {
  /** How often HEARTBEAT goes out. */
  readonly heartbeatMs: number;
  /** Silence after which an agent counts as dead. */
  readonly silenceMs: number;
  /** How long a new connection may take until its HELLO. */
  readonly helloMs: number;
  /** How long a connected agent may take to answer when another one claims its origin. */
  readonly takeoverMs: number;
  /** How long an agent may be away before its elements are closed. */
  readonly graceMs: number;
  /** Bytes of data messages that one session may have under way or waiting in line. */
  readonly creditBytes: number;
  /** Differences of a picture that are applied without a pause. */
  readonly chunkDeltas: number;
  /** Refused deltas of one batch that are told to the agent one by one; all are counted. */
  readonly refusalsTold: number;
  /** Seconds with an exceeded quota, within one minute, after which the session is closed. */
  readonly quotaStrikes: number;
  /** How long a lost agent stays in the list after its elements were closed. */
  readonly forgetMs: number;
}

export const DEFAULT_HUB_LIMITS: HubLimits = {
  heartbeatMs: 10_000,
  // Two and a half heartbeats: one may be lost, and the next be late.
  silenceMs: 25_000,
  helloMs: 10_000,
  takeoverMs: 5_000,
  graceMs: 35_000,
  // Some 4,000 deltas of 250 bytes, more than one agent sends while the disk syncs once.
  creditBytes: 1024 * 1024,
  // About 5 ms of work.
  chunkDeltas: 500,
  refusalsTold: 20,
  quotaStrikes: 30,
  forgetMs: 24 * 3600 * 1000,
};

/** What one origin may hold and send. */
export interface Quota {
  readonly elements: number;
  readonly metadataBytes: number;
  /** Deltas a second, on average over ten seconds. */
  readonly changesPerSecond: number;
}
