import type { Cancel, Clock } from '../../src/common/clock.js';

/** The clock as one process sees it: its timers end with the process. */
export class ProcessClock implements Clock {
  readonly #timers = new Set<Cancel>();
  #isDead = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  after(delayMs: number, action: () => void): Cancel {
    return this.#keep((done) =>
      this.clock.after(delayMs, () => {
        done();
        action();
      }),
    );
  }

  every(periodMs: number, action: () => void): Cancel {
    return this.#keep(() => this.clock.every(periodMs, action));
  }

  kill(): void {
    this.#isDead = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #keep(start: (done: () => void) => Cancel): Cancel {
    if (this.#isDead) return () => undefined;
    const stop = (): void => {
      this.#timers.delete(stop);
      cancel();
    };
    const cancel = start(() => this.#timers.delete(stop));
    this.#timers.add(stop);
    return stop;
  }
}
