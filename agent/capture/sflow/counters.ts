import type { MeasuredValues } from '../source.js';

/** Interfaces of which counters are kept; more are a forger's, and their counters are dropped. */
const MOST_INTERFACES = 1_024;

type Counters = Record<string, number>;

/** What says how much there is and not how much there was: nothing is added to it. */
const isLevel = (name: string): boolean => /^(?:OvsDpNFlows|OvsDpNMasks|OvsApp.*)$/.test(name);

/** Counters of samples, as the node shows them below `SFlow`: each interface's, the sum of all, and what was added since the report before. */
export class SampledCounters {
  private readonly interfaces = new Map<number, Counters>();
  private readonly others: Counters = {};
  private changed = new Map<string, number>();
  private added: Counters = {};
  private isNew = false;
  private reportedAt: number | undefined;
  /** Counters of interfaces beyond the limit. */
  dropped = 0;
  private readonly start: number;

  constructor(nowMs: number) {
    this.start = nowMs;
  }

  interface(index: number, counters: Readonly<Counters>): void {
    let known = this.interfaces.get(index);
    if (known === undefined) {
      if (this.interfaces.size >= MOST_INTERFACES) return void this.dropped++;
      known = {};
      this.interfaces.set(index, known);
    }
    this.keep(known, counters);
    for (const name of Object.keys(counters)) this.changed.set(`SFlow.IfMetrics.${index}.${name}`, known[name] ?? 0);
  }

  add(counters: Readonly<Counters>): void {
    this.keep(this.others, counters);
  }

  /** What changed since the last call; nothing when no counters came. */
  take(nowMs: number): MeasuredValues {
    if (!this.isNew) return [];
    const sums: Counters = { ...this.others };
    for (const counters of this.interfaces.values())
      for (const [name, value] of Object.entries(counters)) sums[name] = (sums[name] ?? 0) + value;
    const values = [...this.changed, ...below('SFlow.Metric', { ...sums, Start: this.start, Last: nowMs })];
    // Since when the first totals count, nobody knows: no difference yet.
    if (this.reportedAt !== undefined) {
      const added = Object.fromEntries(
        Object.keys(sums)
          .filter((name) => !isLevel(name))
          .map((name) => [name, this.added[name] ?? 0]),
      );
      values.push(...below('SFlow.LastUpdateMetric', { ...added, Start: this.reportedAt, Last: nowMs }));
    }
    this.changed = new Map();
    this.added = {};
    this.isNew = false;
    this.reportedAt = nowMs;
    return values;
  }

  private keep(known: Counters, counters: Readonly<Counters>): void {
    this.isNew = true;
    for (const [name, value] of Object.entries(counters)) {
      // Agents that do not count something send 0 at times, and then the count again.
      if (value === 0) continue;
      const before = known[name];
      known[name] = value;
      // One that was started anew counts from zero again; the first reading of an interface says nothing of the time before.
      if (before !== undefined) this.added[name] = (this.added[name] ?? 0) + (value >= before ? value - before : value);
    }
  }
}

const below = (path: string, counters: Readonly<Counters>): (readonly [path: string, value: number])[] =>
  Object.entries(counters).map(([name, value]) => [`${path}.${name}`, value]);
