import { describe, expect, it } from 'vitest';
import { LINK_COUNTERS } from '../../../../agent/linux/abi.js';
import { readingOfLink } from '../../../../agent/probes/netlink/counters.js';
import type { Link } from '../../../../agent/probes/netlink/link.js';

const values = (some: Readonly<Record<string, number>>): number[] => LINK_COUNTERS.map(([, name]) => some[name] ?? 0);
const link = (fields: Partial<Link>): Link => ({ counters: undefined, countersAt: 0, appearedAt: undefined, ...fields }) as Link;
const read = (of: Link, some: Readonly<Record<string, number>>) => {
  const written = readingOfLink(of, values(some), 5_000);
  return written && Object.fromEntries(written);
};

describe('a reading of counters', () => {
  it('of a link that was there before has totals only', () => {
    expect(read(link({}), { RxBytes: 10 })).toEqual({ 'Metric.RxBytes': 10, 'Metric.Last': 5_000 });
  });

  it('of a new link counts from when it appeared', () => {
    expect(read(link({ appearedAt: 4_000 }), { RxBytes: 10 })).toEqual({
      'Metric.RxBytes': 10,
      'Metric.Last': 5_000,
      'LastUpdateMetric.RxBytes': 10,
      'LastUpdateMetric.Start': 4_000,
      'LastUpdateMetric.Last': 5_000,
    });
  });

  it('says what was added since the one before, also that it was nothing', () => {
    expect(read(link({ counters: values({ RxBytes: 10, TxBytes: 3 }), countersAt: 3_000 }), { RxBytes: 15, TxBytes: 3 })).toEqual({
      'Metric.RxBytes': 15,
      'Metric.TxBytes': 3,
      'Metric.Last': 5_000,
      'LastUpdateMetric.RxBytes': 5,
      'LastUpdateMetric.TxBytes': 0,
      'LastUpdateMetric.Start': 3_000,
      'LastUpdateMetric.Last': 5_000,
    });
  });

  it('is silent when nothing ever happened, and when nothing was added', () => {
    expect(read(link({}), {})).toBeUndefined();
    expect(read(link({ counters: values({ RxBytes: 10 }), countersAt: 3_000 }), { RxBytes: 10 })).toBeUndefined();
  });

  it('never goes backwards: counters that were reset start from zero', () => {
    expect(read(link({ counters: values({ RxBytes: 100 }), countersAt: 3_000 }), { RxBytes: 7 })).toMatchObject({
      'LastUpdateMetric.RxBytes': 7,
    });
  });
});
