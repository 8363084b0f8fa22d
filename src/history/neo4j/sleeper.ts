import type { Clock } from '../../common/clock.js';

/** Waits that somebody can end. */
export class Sleeper {
  #isStopped = false;
  #wake: (() => void) | undefined;
  #isLight = false;

  constructor(private readonly clock: Clock) {}

  /** Until the time has passed (`true`) or somebody nudges (`false`). */
  sleep(ms: number): Promise<boolean> {
    return this.#wait(ms, true);
  }

  /** Until the time has passed, whatever happens meanwhile. */
  async pause(ms: number): Promise<void> {
    await this.#wait(ms, false);
  }

  nudge(): void {
    if (this.#isLight) this.#wake?.();
  }

  /** Ends every wait, now and later. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  #wait(ms: number, isLight: boolean): Promise<boolean> {
    if (this.#isStopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (isOver: boolean): void => {
        cancel();
        this.#wake = undefined;
        resolve(isOver);
      };
      const cancel = this.clock.after(ms, () => end(true));
      this.#wake = () => end(false);
      this.#isLight = isLight;
    });
  }
}
