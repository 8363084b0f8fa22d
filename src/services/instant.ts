import type { Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';

/**
 * An instant as a client names it: milliseconds since the epoch, or an offset back from now. The offset stays one until the request is
 * answered, because a document is compiled once and asked many times.
 */
export type Instant = number | { readonly agoMs: number };

/** A stretch of time as a client names it; `to` is now when it is left out. */
export interface TimeRange {
  readonly from: Instant;
  readonly to?: Instant | null;
}

/** Milliseconds, `from` up to and with `to`. */
export interface ResolvedRange {
  readonly from: number;
  readonly to: number;
  /** Whether it ends now: everything that has happened is in it, also what the log dates a moment ahead of the clock. */
  readonly endsNow: boolean;
}

/** Milliseconds since the epoch; `now` is the same for everything that one question resolves. */
export const resolveInstant = (instant: Instant, now: number): number => (typeof instant === 'number' ? instant : now - instant.agoMs);

/** Throws `BAD_INPUT` for a range that ends before it starts. An end in the future is now. */
export function resolveRange(range: TimeRange, clock: Clock, field = 'between'): ResolvedRange {
  const now = clock.now();
  const from = resolveInstant(range.from, now);
  const to = Math.min(now, range.to === undefined || range.to === null ? now : resolveInstant(range.to, now));
  if (from > to) {
    throw new CanopyError(
      'BAD_INPUT',
      `${field}.from (${new Date(from).toISOString()}) lies after ${field}.to (${new Date(to).toISOString()}); give an earlier start`,
      { details: { field: `${field}.from`, value: new Date(from).toISOString(), valid: `at most ${new Date(to).toISOString()}` } },
    );
  }
  return { from, to, endsNow: to === now };
}
