/** Why a connection was closed, beside the standard codes (1000 done, 1001 going away, 1009 message too big). PROTOCOL.md §9. */
export const CloseCode = {
  DONE: 1000,
  GOING_AWAY: 1001,
  TOO_BIG: 1009,
  /** A message is not what the protocol says; the reason names the part. The same bytes will fail again. */
  VIOLATION: 4400,
  /** No revision in common. */
  VERSION: 4406,
  /** No HELLO in time, or no sign of life for two and a half heartbeats. */
  TIMEOUT: 4408,
  /** Another agent with this origin is connected and alive. */
  ORIGIN_TAKEN: 4409,
  /** A newer connection of the same agent took over. */
  REPLACED: 4410,
  /** A quota was exceeded again and again. */
  QUOTA: 4429,
  /** The analyzer cannot keep what it is given: try again later. */
  UNAVAILABLE: 4503,
} as const;

/** WebSocket close reasons have at most 123 bytes (RFC 6455 §5.5). */
export const MAX_CLOSE_REASON_BYTES = 123;

/** Cuts a reason to what fits into a close frame. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_CLOSE_REASON_BYTES) return text;
  return `${bytes
    .subarray(0, MAX_CLOSE_REASON_BYTES - 6)
    .toString('utf8')
    .replace(/�+$/u, '')}…`;
}
