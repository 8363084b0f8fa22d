/** Time and sizes of the agent's link. Milliseconds and bytes. */
export interface LinkLimits {
  /** After a message, how long further deltas are collected for the next one. */
  readonly batchMs: number;
  /** Encoded deltas kept until they are acknowledged; beyond it they are dropped and a picture follows. */
  readonly keptBytes: number;
  /** How long a connected analyzer may take to answer HELLO. */
  readonly greetingMs: number;
  /** How long `close` waits for the last acknowledgement. */
  readonly closeMs: number;
  /** Shortest pause after a refusal that somebody has to mend: token, version, a broken message. */
  readonly refusedMs: number;
  /** Shortest pause when another agent has our identity: it is asked for a sign of life meanwhile. */
  readonly takenMs: number;
  /** Shortest pause after a quota was exceeded too often. */
  readonly quotaMs: number;
}

export const DEFAULT_LINK_LIMITS: LinkLimits = {
  batchMs: 4,
  // An hour of a busy host, or all of a host with 100,000 interfaces.
  keptBytes: 32 * 1024 * 1024,
  greetingMs: 10_000,
  closeMs: 1_000,
  refusedMs: 10_000,
  takenMs: 5_000,
  quotaMs: 60_000,
};
