/** How long each probe keeps the main thread busy. What one causes in another counts for the other. */
export class CostMeter {
  private readonly spent = new Map<string, number>();
  private running: string | undefined;
  private since = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Runs the work for the probe. */
  run<Result>(probe: string, work: () => Result): Result {
    const outer = this.running;
    this.switchTo(probe);
    try {
      return work();
    } finally {
      this.switchTo(outer);
    }
  }

  /** Milliseconds of the main thread that the probe took since the agent started. */
  of(probe: string): number {
    return this.spent.get(probe) ?? 0;
  }

  private switchTo(probe: string | undefined): void {
    const now = this.now();
    if (this.running !== undefined) this.spent.set(this.running, this.of(this.running) + now - this.since);
    this.running = probe;
    this.since = now;
  }
}
