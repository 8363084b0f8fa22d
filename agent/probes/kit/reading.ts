import type { Json } from '../../../src/common/json.js';

/** What was counted of something at the last reading. */
export interface Counted {
  /** Totals then; `undefined` before the first reading. */
  readonly counters: readonly number[] | undefined;
  /** When that was. */
  readonly countersAt: number;
  /** Since when its totals count, where that is known: nobody knows of what was there before. */
  readonly appearedAt: number | undefined;
}

/**
 * What a new reading of counters is worth writing, as values by path: `Metric` holds the totals and `LastUpdateMetric` what was
 * added since the reading before. Nothing (`undefined`) when all totals are zero, or nothing was added: what is idle stays silent.
 * A counter that is zero is left out unless it was not zero before. `prefix`: `Ovs.`, or nothing.
 */
export function readingOf(
  names: readonly string[],
  prefix: string,
  last: Counted,
  values: readonly number[],
  now: number,
): [path: string, value: Json][] | undefined {
  const first = last.counters === undefined;
  const before = last.counters ?? values.map(() => 0);
  const start = first ? last.appearedAt : last.countersAt;
  if (values.every((value) => value === 0)) return undefined;
  // The other end of the world: what is reset counts from zero again, so what it shows is what was added.
  const added = values.map((value, index) => (value >= before[index]! ? value - before[index]! : value));
  if (added.every((value) => value === 0)) return undefined;
  const written: [string, Json][] = [];
  names.forEach((name, index) => {
    if (values[index] !== 0 || before[index] !== 0) written.push([`${prefix}Metric.${name}`, values[index]!]);
  });
  written.push([`${prefix}Metric.Last`, now]);
  // Since when the totals of what was there before us count, nobody knows: no difference yet.
  if (start === undefined) return written;
  names.forEach((name, index) => {
    if (values[index] !== 0 || before[index] !== 0) written.push([`${prefix}LastUpdateMetric.${name}`, added[index]!]);
  });
  written.push([`${prefix}LastUpdateMetric.Start`, start], [`${prefix}LastUpdateMetric.Last`, now]);
  return written;
}
