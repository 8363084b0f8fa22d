/** Seconds over which the rate is averaged: a burst of so many seconds' worth passes. */
const AVERAGED_SECONDS = 10;

/** A bucket that fills at the permitted rate; what is taken from it may leave it in debt, which must be waited for. */
export class ChangeRate {
  private tokens: number;
  private filledAt: number;
  readonly perSecond: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.tokens = perSecond * AVERAGED_SECONDS;
    this.filledAt = nowMs;
  }

  /** Milliseconds until something may be taken; 0 when it may now. */
  delay(nowMs: number): number {
    this.fill(nowMs);
    return this.tokens > 0 ? 0 : Math.max(1, Math.ceil(((1 - this.tokens) / this.perSecond) * 1000));
  }

  take(changes: number): void {
    this.tokens -= changes;
  }

  private fill(nowMs: number): void {
    const gained = ((nowMs - this.filledAt) / 1000) * this.perSecond;
    this.tokens = Math.min(this.perSecond * AVERAGED_SECONDS, this.tokens + gained);
    this.filledAt = nowMs;
  }
}

/** Window in which strikes count. */
const STRIKE_WINDOW_MS = 60_000;

/** Seconds in which a quota was exceeded, within the last minute. */
export class Strikes {
  private seconds: number[] = [];

  /** Notes an excess; returns in how many seconds of the last minute there was one. */
  note(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    this.seconds = this.seconds.filter((noted) => noted * 1000 > nowMs - STRIKE_WINDOW_MS);
    if (this.seconds.at(-1) !== second) this.seconds.push(second);
    return this.seconds.length;
  }
}
