import { describe, expect, it } from 'vitest';
import { Placement, type Need } from '../../../../agent/capture/worker/placement.js';

const THRESHOLDS = { moveAbove: 400, spreadAbove: 1_000, quietAfter: 10_000 };

/** What a capture needs second by second, when it always gets it. */
function needs(rates: readonly (number | { rate: number; lost: number })[]): Need[] {
  const placement = new Placement(THRESHOLDS);
  return rates.map((load, second) => {
    const need = placement.after(typeof load === 'number' ? { rate: load, lost: 0 } : load, second * 1_000);
    if (need !== placement.need) placement.got(need);
    return need;
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('a capture', () => {
  it('has a thread of its own above the first threshold, and more above the second', () => {
    expect(needs([400, 401, 1_000, 1_001, 2_000, 3_500])).toEqual(['shared', 'own', 'own', 2, 2, 4]);
  });

  it('gives threads up when it was quiet for a while, first all but one', () => {
    expect(needs([3_000, 3_000, ...times(11, 10), ...times(11, 10)])).toEqual([
      'own',
      3,
      ...times(10, 3),
      'own',
      ...times(10, 'own'),
      'shared',
    ]);
  });

  it('keeps them when it is busy again in between', () => {
    expect(needs([500, ...times(9, 10), 201, ...times(9, 10), 201]).every((need) => need === 'own')).toBe(true);
  });

  it('has more when its own thread loses packets second after second', () => {
    const losing = { rate: 900, lost: 5 };
    expect(needs([500, losing, losing, 900, losing, losing, losing, 900])).toEqual([...times(6, 'own'), 2, 2]);
    expect(needs(times(5, { rate: 100, lost: 5 }))).toEqual(times(5, 'shared'));
  });
});
