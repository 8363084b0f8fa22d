import type { Cancel, Clock } from '../../src/common/clock.js';

/** A clock that moves when a test says so. */
export class SteppedClock implements Clock {
  private time = 0;
  private timers: { at: number; period: number | undefined; action: () => void }[] = [];

  now(): number {
    return 1_000_000 + this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(delayMs: number, action: () => void): Cancel {
    return this.add({ at: this.time + delayMs, period: undefined, action });
  }

  every(periodMs: number, action: () => void): Cancel {
    return this.add({ at: this.time + periodMs, period: periodMs, action });
  }

  /** Lets time pass, runs what falls due in order, and what that promised. */
  async step(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = next.at;
      if (next.period === undefined) this.timers = this.timers.filter((timer) => timer !== next);
      else next.at += next.period;
      next.action();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.time = until;
    await new Promise((resolve) => setImmediate(resolve));
  }

  private add(timer: { at: number; period: number | undefined; action: () => void }): Cancel {
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((other) => other !== timer));
  }
}
