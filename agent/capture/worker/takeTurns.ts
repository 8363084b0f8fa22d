/** Milliseconds of work on tables between two visits of the rings: these are some 50 ms deep when packets come as fast as they can. */
const SLICE = 2;
/** Rows between two looks at the clock: a tenth of a millisecond. */
const ROWS = 64;

/** Work that is done piece by piece. */
export interface Workload {
  /** Does as much as goes with so many rows. Answers whether there is more to do. */
  step(rows: number): boolean;
}

/**
 * Lets all who have work do a little of it, one after the other and on with the next where the time before was up, so that nobody waits for
 * one who has much. Each call takes one slice of time, and answers whether there is more to do.
 */
export function takeTurns(workloads: ReadonlyMap<unknown, Workload>): () => boolean {
  let turn = workloads.values();
  const next = (): Workload | undefined => {
    const { value, done } = turn.next();
    if (done !== true) return value;
    turn = workloads.values();
    return turn.next().value;
  };
  return () => {
    const until = performance.now() + SLICE;
    for (let idle = 0; idle < workloads.size;) {
      const present = workloads.size;
      if (next()?.step(ROWS) === true) idle = 0;
      // Who is done for good is gone: the others are to be asked all the same.
      else if (workloads.size === present) idle++;
      if (idle < workloads.size && performance.now() >= until) return true;
    }
    return false;
  };
}
