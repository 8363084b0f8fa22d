/** How far the numbered batches of flows of one run of an agent were taken and stored. They go on over its sessions. */
export class FlowProgress {
  /** The last that was taken. */
  accepted = 0;
  /** All up to here are stored, or were given up. */
  stored = 0;
  /** Batches that are stored although one before them is not yet. */
  private readonly early = new Set<number>();

  constructor(readonly incarnation: string) {}

  settle(number: number): void {
    this.early.add(number);
    while (this.early.delete(this.stored + 1)) this.stored += 1;
  }
}
