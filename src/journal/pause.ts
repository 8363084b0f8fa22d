/** Longest stretch of work on the event loop before others get a turn, ms. */
const LONGEST_TURN_MS = 5;

/** Lets long work give way: `if (pause.isDue()) await pause.now()`. */
export interface Pause {
  /** For small steps: looks at the clock only every 32nd time, because that costs more than most steps. */
  isDue(): boolean;
  /** For steps that take a while themselves. */
  isDueNow(): boolean;
  now(): Promise<void>;
}

export function pauser(): Pause {
  let started = performance.now();
  let calls = 0;
  const isDueNow = (): boolean => performance.now() - started > LONGEST_TURN_MS;
  return {
    isDue: () => (++calls & 31) === 0 && isDueNow(),
    isDueNow,
    async now() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      started = performance.now();
    },
  };
}
