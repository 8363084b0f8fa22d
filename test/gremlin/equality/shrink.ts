import type { Moment } from './randomHistory.js';

/** Most histories that are tried; each is written to a database. */
const MOST_TRIES = 150;

/** A history with as little as possible that still fails: parts are left out, first large ones, as long as it does. Instants stay as they were. */
export async function shrinkHistory(
  whole: readonly Moment[],
  fails: (history: readonly Moment[]) => Promise<boolean>,
): Promise<readonly Moment[]> {
  let history = whole;
  let tries = 0;
  const without = (from: number, to: number): Moment[] => {
    // Who follows waits for those that were left out, so that instants do not move.
    const waitMs = history.slice(from, to).reduce((sum, moment) => sum + moment.waitMs, 0);
    const [next, ...others] = history.slice(to);
    return [...history.slice(0, from), ...(next === undefined ? [] : [{ ...next, waitMs: next.waitMs + waitMs }, ...others])];
  };
  for (let size = history.length >> 1; size >= 1; size >>= 1) {
    for (let from = history.length - size; from >= 0 && tries < MOST_TRIES; from -= size) {
      const fewer = without(Math.max(0, from), from + size);
      tries++;
      if (await fails(fewer)) history = fewer;
    }
  }
  for (let index = 0; index < history.length && tries < MOST_TRIES * 2; index++) {
    const { waitMs, batch } = history[index]!;
    for (let place = batch.deltas.length - 1; place >= 0 && history[index]!.batch.deltas.length > 1; place--) {
      const deltas = history[index]!.batch.deltas.filter((_, other) => other !== place);
      const fewer = history.with(index, { waitMs, batch: { ...batch, deltas } });
      tries++;
      if (await fails(fewer)) history = fewer;
    }
  }
  return history;
}
