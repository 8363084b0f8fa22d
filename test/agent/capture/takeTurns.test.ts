import { describe, expect, it } from 'vitest';
import { takeTurns, type Workload } from '../../../agent/capture/worker/takeTurns.js';

/** Somebody with so many steps to do; `took` says after how many steps of all each of them was done. */
function workloads(steps: Readonly<Record<string, number>>): { byName: Map<string, Workload>; order: string[] } {
  const order: string[] = [];
  const byName = new Map(
    Object.entries(steps).map(([name, count]) => {
      let left = count;
      const step = (): boolean => {
        if (left === 0) return false;
        order.push(name);
        return --left > 0;
      };
      return [name, { step }] as const;
    }),
  );
  return { byName, order };
}

describe('work in turns', () => {
  it('gives everybody a little at a time until nobody has more', () => {
    const { byName, order } = workloads({ a: 3, b: 1, c: 2 });
    const work = takeTurns(byName);
    while (work());
    expect(order).toEqual(['a', 'b', 'c', 'a', 'c', 'a']);
  });

  it('stops when its time is up, and goes on with the next', () => {
    const { byName, order } = workloads({});
    for (const name of ['a', 'b', 'c']) byName.set(name, { step: () => (order.push(name), spend(), true) });
    const work = takeTurns(byName);
    expect([work(), work(), work(), work()]).toEqual([true, true, true, true]);
    expect(order).toEqual(['a', 'b', 'c', 'a']);
  });

  it('goes on where somebody has left, and where nobody is there', () => {
    const { byName, order } = workloads({ a: 2, b: 2 });
    const work = takeTurns(byName);
    expect(takeTurns(new Map())()).toBe(false);
    byName.set('b', { step: () => (order.push('b'), byName.delete('b'), false) });
    while (work());
    expect(order).toEqual(['a', 'b', 'a']);
    expect(work()).toBe(false);
  });
});

/** Lets more time pass than there is in a slice. */
function spend(): void {
  for (const until = performance.now() + 20; performance.now() < until;);
}
