/** Longest stretch of work on the event loop before others get a turn, ms. */
const LONGEST_TURN_MS = 5;

/** Lets long work give way: `if (pause.isDue()) await pause.now()`. */
export interface Pause {
  isDue(): boolean;
  now(): Promise<void>;
}

export function pauser(): Pause {
  let started = performance.now();
  let calls = 0;
  return {
    // Asking for the time costs more than most steps of work, so only every 32nd asks.
    isDue: () => (++calls & 31) === 0 && performance.now() - started > LONGEST_TURN_MS,
    async now() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      started = performance.now();
    },
  };
}
