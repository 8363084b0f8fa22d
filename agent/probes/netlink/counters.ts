import type { Json } from '../../../src/common/json.js';
import { LINK_COUNTERS } from '../../linux/abi.js';
import type { Link } from './link.js';

const NAMES = LINK_COUNTERS.map(([, name]) => name);

/**
 * What a new reading of a link's counters is worth writing, as values by path: `Metric` holds the totals and `LastUpdateMetric` what was
 * added since the reading before. Nothing (`undefined`) when all totals are zero, or nothing was added: an idle link stays silent.
 * A counter that is zero is left out unless it was not zero before.
 */
export function readingOf(link: Link, values: readonly number[], now: number): [path: string, value: Json][] | undefined {
  const first = link.counters === undefined;
  const before = link.counters ?? values.map(() => 0);
  const start = first ? link.appearedAt : link.countersAt;
  if (values.every((value) => value === 0)) return undefined;
  // The other end of the world: a link that is reset counts from zero again, so what it shows is what was added.
  const added = values.map((value, index) => (value >= before[index]! ? value - before[index]! : value));
  if (added.every((value) => value === 0)) return undefined;
  const written: [string, Json][] = [];
  NAMES.forEach((name, index) => {
    if (values[index] !== 0 || before[index] !== 0) written.push([`Metric.${name}`, values[index]!]);
  });
  written.push(['Metric.Last', now]);
  // Since when the totals of a link that was there before us count, nobody knows: no difference yet.
  if (start === undefined) return written;
  NAMES.forEach((name, index) => {
    if (values[index] !== 0 || before[index] !== 0) written.push([`LastUpdateMetric.${name}`, added[index]!]);
  });
  written.push(['LastUpdateMetric.Start', start], ['LastUpdateMetric.Last', now]);
  return written;
}
