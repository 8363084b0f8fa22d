/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type Cancel = () => void;

/** Time and timers of a process. Rooms take one instead of reading the machine's, so that a simulator can drive them. */
export interface Clock {
  /** Real time in integer milliseconds since the epoch; may step in either direction. */
  now(): number;
  /** Milliseconds of a clock that never steps; only differences mean anything. */
  monotonic(): number;
  /** Runs `action` once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, action: () => void): Cancel;
  /** Runs `action` every `periodMs`, first after one period. Does not keep the process alive. */
  every(periodMs: number, action: () => void): Cancel;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(periodMs, action) {
    const timer = setInterval(action, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
