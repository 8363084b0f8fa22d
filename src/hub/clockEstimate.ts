/** Samples that count: a heartbeat every ten seconds makes this 80 seconds. */
const KEPT_SAMPLES = 8;

/** Stamps are whole milliseconds, so each may be off by almost one. */
const RESOLUTION_MS = 1;

interface Sample {
  offset: number;
  readonly error: number;
}

/**
 * How far an agent's clock is from ours, from four stamps of each heartbeat (RFC 5905 §8): the offset of the sample with the lowest
 * delay among the last eight, which is off by at most half of that delay.
 */
export class ClockEstimate {
  private samples: Sample[] = [];
  private best: Sample | undefined;
  private guess = 0;

  /** Agent − analyzer in milliseconds; 0 as long as nothing is known. */
  get offset(): number {
    return this.best?.offset ?? this.guess;
  }

  /** The truth is within `offset ± error`; `undefined` before the first heartbeat. */
  get error(): number | undefined {
    return this.best?.error;
  }

  /** A first guess from one stamp, whose way here took an unknown time. */
  hint(agentClock: number, ourClock: number): void {
    this.guess = agentClock - ourClock;
  }

  /**
   * Takes a heartbeat: sent and answered by our clock, received and sent by the agent's.
   * A sample that cannot be true together with the estimate means that a clock was set: what was known before is forgotten.
   */
  add(sentAt: number, agentReceivedAt: number, agentSentAt: number, answeredAt: number): void {
    const delay = Math.max(0, answeredAt - sentAt - (agentSentAt - agentReceivedAt));
    const sample = { offset: (agentReceivedAt - sentAt + (agentSentAt - answeredAt)) / 2, error: delay / 2 + RESOLUTION_MS };
    if (this.best !== undefined && Math.abs(sample.offset - this.best.offset) > sample.error + this.best.error) this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > KEPT_SAMPLES) this.samples.shift();
    this.best = this.samples.reduce((least, next) => (next.error <= least.error ? next : least));
  }

  /** The agent says that its clock was set by so much. */
  shift(byMs: number): void {
    this.guess += byMs;
    for (const sample of this.samples) sample.offset += byMs;
  }
}
