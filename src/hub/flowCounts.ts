import { FlowProgress } from './flowProgress.js';

/** What became of the flows of one agent since the analyzer started. */
export class FlowCounts {
  received = 0;
  /** Received, and refused by the store. */
  notStored = 0;
  /** Never sent by the agent, by reason. */
  readonly lost = new Map<string, number>();
  private progress: FlowProgress | undefined;
  /** What each incarnation of the agent said last: its totals, since it started. */
  private readonly said = new Map<string, Readonly<Record<string, number>>>();

  /** How far the flows of an incarnation were taken; `undefined` when none were. */
  progressOf(incarnation: string): FlowProgress | undefined {
    return this.progress?.incarnation === incarnation ? this.progress : undefined;
  }

  /** The numbers of an incarnation begin with 1. */
  begin(incarnation: string): FlowProgress {
    return (this.progress = new FlowProgress(incarnation));
  }

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
