import type { Clock } from '../../common/clock.js';

/** One sleeper that can be woken. */
export class Alarm {
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(private readonly clock: Clock) {}

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Resolves after the delay, or when rung; at once when closed. Without a delay only ringing ends it. */
  sleep(delayMs?: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = delayMs === undefined ? undefined : this.clock.after(Math.max(0, delayMs), () => this.ring());
      this.#wake = () => {
        cancel?.();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  ring(): void {
    this.#wake?.();
  }

  /** Ends the sleep and every later one. */
  close(): void {
    this.#closed = true;
    this.ring();
  }
}
