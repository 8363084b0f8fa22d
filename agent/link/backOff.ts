/** First and longest pause between two attempts, ms. */
const FIRST_MS = 200;
const LONGEST_MS = 15_000;

/** Pauses between attempts: doubled each time, each shortened by a random part of up to half, so that a thousand agents do not come back at once. */
export class BackOff {
  private attempts = 0;

  constructor(private readonly random: () => number) {}

  /** The next pause; it comes on top of `atLeastMs`. */
  next(atLeastMs: number): number {
    const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.attempts, 16));
    this.attempts += 1;
    return atLeastMs + full * (1 - this.random() / 2);
  }

  /** It worked: the next failure begins with the shortest pause again. */
  reset(): void {
    this.attempts = 0;
  }
}
