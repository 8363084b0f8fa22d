import type { MeasuredValues } from '../source.js';

/** Interfaces of which counters are kept; more are a forger's, and their counters are dropped. */
const MOST_INTERFACES = 1_024;

/** Counters of samples, as the node shows them below `SFlow`: each interface's, and the sum of all. */
export class SampledCounters {
  private readonly interfaces = new Map<number, Record<string, number>>();
  private readonly others: Record<string, number> = {};
  private changed = new Map<string, number>();
  /** Counters of interfaces beyond the limit. */
  dropped = 0;
  private readonly start: number;

  constructor(nowMs: number) {
    this.start = nowMs;
  }

  interface(index: number, counters: Readonly<Record<string, number>>): void {
    let known = this.interfaces.get(index);
    if (known === undefined) {
      if (this.interfaces.size >= MOST_INTERFACES) return void this.dropped++;
      known = {};
      this.interfaces.set(index, known);
    }
    for (const [name, value] of Object.entries(counters)) {
      // Agents that do not count something send 0 at times, and then the count again.
      if (value !== 0) known[name] = value;
      this.changed.set(`SFlow.IfMetrics.${index}.${name}`, known[name] ?? 0);
    }
  }

  add(counters: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(counters)) if (value !== 0) this.others[name] = value;
  }

  /** What changed since the last call; nothing when no counters came. */
  take(nowMs: number): MeasuredValues {
    if (this.changed.size === 0) return [];
    const sums: Record<string, number> = { ...this.others };
    for (const counters of this.interfaces.values())
      for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
    const values = [...this.changed, ...Object.entries(sums).map(([name, value]) => [`SFlow.Metric.${name}`, value] as const)];
    this.changed = new Map();
    return [...values, ['SFlow.Metric.Start', this.start], ['SFlow.Metric.Last', nowMs]];
  }
}
