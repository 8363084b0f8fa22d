/** What became of the flows of one agent since the analyzer started. */
export class FlowCounts {
  received = 0;
  /** Received, and refused by the store. */
  notStored = 0;
  /** Never sent by the agent, by reason. */
  readonly lost = new Map<string, number>();
  /** What each incarnation of the agent said last: its totals, since it started. */
  private readonly said = new Map<string, Readonly<Record<string, number>>>();

  /** Takes totals of an incarnation; answers what is new in them, by reason. */
  heard(incarnation: string, totals: Readonly<Record<string, number>>): readonly (readonly [reason: string, flows: number])[] {
    const before = this.said.get(incarnation) ?? {};
    // Of those before nothing comes any more.
    this.said.clear();
    this.said.set(incarnation, totals);
    const news = Object.entries(totals).map(([reason, total]) => [reason, total - (before[reason] ?? 0)] as const);
    const added = news.filter(([, flows]) => flows > 0);
    for (const [reason, flows] of added) this.lost.set(reason, (this.lost.get(reason) ?? 0) + flows);
    return added;
  }
}
