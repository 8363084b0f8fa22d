import type { Clock } from '../../src/common/clock.js';

/** A difference below this is drift or scheduling, not somebody who set the clock. */
const STEP_MS = 50;

/** Notices when real time was set, by the clock that cannot be. */
export class ClockWatch {
  private anchor: number;

  constructor(private readonly clock: Clock) {
    this.anchor = this.difference();
  }

  /** Milliseconds by which the clock was set since the last call; 0 when it was not. */
  step(): number {
    const difference = this.difference();
    const moved = difference - this.anchor;
    this.anchor = difference;
    return Math.abs(moved) < STEP_MS ? 0 : moved;
  }

  private difference(): number {
    return this.clock.now() - this.clock.monotonic();
  }
}
