import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../src/services/live/scope.js';
import { BatchEnds } from '../../src/services/live/batchEnds.js';
import type { Change } from '../../src/graph/change.js';
import { node, openWorld, OWN, type World } from './world.js';

let world: World;
beforeEach(async () => void (world = await openWorld()));
afterEach(() => world.close());

describe('watch', () => {
  it('reads again after a change only, and sends what differs only', async () => {
    let reads = 0;
    const released: number[] = [];
    const counts = world.live
      .watch({
        everyMs: 0,
        quietMs: 60_000,
        read: () => {
          reads += 1;
          return world.recorder.graph.stats().nodes;
        },
        fingerprint: String,
        release: (value) => void released.push(value),
      })
      [Symbol.asyncIterator]();
    expect((await counts.next()).value).toBe(0);
    const second = counts.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reads).toBe(1);
    world.write(node('a'));
    expect((await second).value).toBe(1);
    const third = counts.next();
    world.write(node('a', 'bridge')); // the count is the same
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.write(node('b'));
    expect((await third).value).toBe(2);
    await counts.return!();
    expect(released).toHaveLength(reads);
  });

  it('ends at once while it waits', async () => {
    const values = world.live.watch({ everyMs: 60_000, read: () => 1, fingerprint: String })[Symbol.asyncIterator]();
    await values.next();
    const waiting = values.next();
    await values.return!();
    expect((await waiting).done).toBe(true);
  });
});

describe('metrics', () => {
  const measure = (id: string, value: number) => ({ op: 'measure' as const, id, values: [['Metric.RxBytes', value]] as const });

  it('begin with what is known, and go on with what was measured since, of matching nodes', async () => {
    world.write(node('a'), node('b', 'bridge'), measure('a', 1), measure('b', 1));
    const batches = world.live.metrics({ scope: OWN, everyMs: 5 })[Symbol.asyncIterator]();
    expect((await batches.next()).value).toMatchObject({ samples: [{ node: { id: 'a' }, values: { 'Metric.RxBytes': 1 } }] });
    const next = batches.next();
    await Promise.resolve();
    world.write(measure('b', 2));
    world.write(measure('a', 2), measure('a', 3));
    expect((await next).value).toMatchObject({ samples: [{ node: { id: 'a' }, values: { 'Metric.RxBytes': 3 } }] });
    await batches.return!();
  });

  it('of everything are of everything', async () => {
    world.write(node('a'), node('b', 'bridge'), measure('a', 1), measure('b', 1));
    const batches = world.live.metrics({ scope: EVERYTHING, everyMs: 5 })[Symbol.asyncIterator]();
    expect((await batches.next()).value.samples).toHaveLength(2);
    await batches.return!();
  });
});

describe('ends of delta batches', () => {
  const change = (seq: number, at: number) => ({ seq, at }) as Change;

  it('are known where they were heard, and guessed from `at` before that', () => {
    const ends = new BatchEnds();
    expect(ends.isBetween(change(1, 5), change(2, 5))).toBe(false);
    expect(ends.isBetween(change(1, 5), change(2, 6))).toBe(true);
    ends.add([change(10, 7), change(11, 7)]);
    ends.add([change(12, 7)]);
    ends.add([change(13, 8), change(14, 9)]);
    expect([11, 12, 13].map((seq) => ends.isBetween(change(seq, 7), change(seq + 1, 7)))).toEqual([true, true, false]);
    expect(ends.isBetween(change(9, 6), change(10, 7))).toBe(true);
  });
});
