import type { Cancel, Clock } from '../../src/common/clock.js';

interface Timer {
  at: number;
  readonly period: number | undefined;
  readonly action: () => void;
  readonly order: number;
}

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  private elapsed = 0;
  private real: number;
  private order = 0;
  private timers: Timer[] = [];

  constructor(startedAt = 1_700_000_000_000) {
    this.real = startedAt;
  }

  now(): number {
    return Math.round(this.real);
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(delayMs: number, action: () => void): Cancel {
    return this.add(delayMs, undefined, action);
  }

  every(periodMs: number, action: () => void): Cancel {
    return this.add(periodMs, periodMs, action);
  }

  private add(delayMs: number, period: number | undefined, action: () => void): Cancel {
    const timer = { at: this.elapsed + delayMs, period, action, order: (this.order += 1) };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Somebody sets the clock. */
  step(byMs: number): void {
    this.real += byMs;
  }

  /** Lets time pass; timers run in order, and between them whatever they made possible. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    await settle();
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.moveTo(Math.max(next.at, this.elapsed));
      if (next.period === undefined) this.timers = this.timers.filter((timer) => timer !== next);
      else next.at += next.period;
      next.action();
      await settle();
    }
    this.moveTo(end);
    await settle();
  }

  private moveTo(elapsed: number): void {
    this.real += elapsed - this.elapsed;
    this.elapsed = elapsed;
  }
}

/** Lets promises and real I/O (a commit to disk) that are under way finish. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resume) => setImmediate(resume));
}
