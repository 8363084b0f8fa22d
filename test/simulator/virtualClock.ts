import type { Cancel, Clock } from '../../src/common/clock.js';

interface Timer {
  due: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly action: () => void;
}

/** Time that passes only when it is told to. Wall time may be stepped apart from it. */
export class VirtualClock implements Clock {
  #elapsed = 0;
  #offset: number;
  #timers: Timer[] = [];
  #order = 0;

  constructor(startAt = 1_700_000_000_000) {
    this.#offset = startAt;
  }

  now(): number {
    return Math.floor(this.#offset + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, action: () => void): Cancel {
    return this.#add(delayMs, undefined, action);
  }

  every(periodMs: number, action: () => void): Cancel {
    return this.#add(periodMs, periodMs, action);
  }

  /** Sets the wall clock forward or back; timers do not notice. */
  step(byMs: number): void {
    this.#offset += byMs;
  }

  /** Lets time pass, timers going off in order. What they start runs on after it. */
  advance(byMs: number): void {
    const until = this.#elapsed + byMs;
    for (;;) {
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (first === undefined || isBefore(timer, first) ? timer : first),
        undefined,
      );
      if (next === undefined || next.due > until) break;
      this.#elapsed = Math.max(this.#elapsed, next.due);
      if (next.periodMs === undefined) this.#timers.splice(this.#timers.indexOf(next), 1);
      else next.due += next.periodMs;
      next.action();
    }
    this.#elapsed = until;
  }

  /** Forgets all timers: the process that set them is gone. */
  clear(): void {
    this.#timers = [];
  }

  #add(delayMs: number, periodMs: number | undefined, action: () => void): Cancel {
    const timer: Timer = { due: this.#elapsed + delayMs, order: this.#order++, periodMs, action };
    this.#timers.push(timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }
}

const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);
