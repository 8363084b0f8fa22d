/** The axis of `at` and the numbers of changes (TIME.md). */
export class TimeAxis {
  private sealed = -1;
  private lastAt = 0;
  private lastSeq = 0;
  /** The last reading of the clock, and the time that has passed as far as it can be told from a clock that steps. */
  private lastNow: number;
  private elapsedMs = 0;

  constructor(private readonly clock: () => number) {
    this.lastNow = clock();
  }

  get seq(): number {
    return this.lastSeq;
  }

  restore(lastAt: number, lastSeq: number): void {
    this.lastAt = lastAt;
    this.lastSeq = lastSeq;
  }

  /** The `at` of what is applied now: never before the last one, always after everything sealed. */
  nextAt(): number {
    return Math.max(this.lastAt, this.sealed + 1, this.clock());
  }

  /** Takes the next number for a change at the instant, which must come from `nextAt`. */
  take(at: number): number {
    this.lastAt = at;
    return ++this.lastSeq;
  }

  /** The instant that the present stands for. */
  present(): number {
    return Math.max(this.lastAt, this.clock());
  }

  /** Nothing gets an `at` of the instant or before any more. The future cannot be sealed: it means the present. Returns what was sealed. */
  seal(instant: number): number {
    const resolved = Math.min(instant, this.present());
    this.sealed = Math.max(this.sealed, resolved);
    return resolved;
  }

  /** How far the clock is behind the last `at`, in milliseconds; 0 while it is not. */
  freeze(): number {
    return Math.max(0, this.lastAt - this.clock());
  }

  /** Milliseconds since the start; stands still while the clock steps back, instead of waiting for it to catch up. */
  elapsed(): number {
    const now = this.clock();
    if (now > this.lastNow) this.elapsedMs += now - this.lastNow;
    this.lastNow = now;
    return this.elapsedMs;
  }
}
