import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit } from '../../agent/link/fit.js';
import { Outbox } from '../../agent/link/outbox.js';
import type { Delta } from '../../src/graph/delta.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.js';
import { node, remove } from '../hub/harness.js';

/** Counts a delta by its rows, so that the bound is met with few of them. */
const SIZE_OF_ROW = MAX_MESSAGE_BYTES / 5;
const sizeOf = (delta: Delta): number => {
  const rows =
    delta.op === 'putNode'
      ? Object.values(delta.tables ?? {}).flatMap((table) => Object.keys(table)).length
      : delta.op === 'rows'
        ? (delta.put?.length ?? 0) + (delta.remove?.length ?? 0)
        : 0;
  return 1_000 + rows * SIZE_OF_ROW;
};
/** Only the length counts: megabytes of zeros would only take time. */
const encode = (items: readonly Delta[]): Uint8Array => ({ length: items.reduce((sum, item) => sum + sizeOf(item), 0) }) as Uint8Array;

const id = fc.constantFrom('a', 'b');
const key = fc.constantFrom(...'stuvwxyz');
const rows = fc.uniqueArray(key, { maxLength: 8 });
const delta: fc.Arbitrary<Delta> = fc.oneof(
  id.map((name) => node(name)),
  fc.tuple(id, rows, rows).map(([name, one, two]) => ({ ...node(name), tables: { One: tableOf(one), Two: tableOf(two) } })),
  fc.tuple(id, rows, rows).map(([name, put, gone]): Delta => {
    const removed = gone.filter((row) => !put.includes(row));
    return { op: 'rows', id: name, table: 'One', put: put.map((row): [string, { R: string }] => [row, { R: row }]), remove: removed };
  }),
  id.map(remove),
);
const tableOf = (keys: readonly string[]) => Object.fromEntries(keys.map((row) => [row, { R: row }]));

function graphAfter(deltas: readonly Delta[]): unknown {
  const graph = new LiveGraph({ now: () => 1, limits: { burst: 1e9 } });
  graph.apply({ origin: 'o', deltas });
  return graph.elementsOf('o').map(({ revision: { id: name, base, tables } }) => ({
    name,
    base,
    tables: Object.fromEntries(
      Object.entries(tables ?? {}).map(([table, content]) => [table, Object.fromEntries([...content.entries()].sort())]),
    ),
  }));
}

describe('fit', () => {
  it('says the same in messages that are not too large, in order', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 12 }), (deltas) => {
        const fitted = fit(deltas, encode, () => expect.unreachable('every one of these can be cut'));
        for (const { bytes } of fitted) expect(bytes.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        expect(graphAfter(fitted.flatMap(({ items }) => items))).toEqual(graphAfter(deltas));
      }),
    );
  });

  it('tells what went before, and leaves out what cannot be cut', () => {
    const befores: number[][] = [];
    const refused: string[] = [];
    const big = node('big');
    const fitted = fit(
      [node('a'), big, node('b')],
      (items, before) => {
        befores.push([before.items, before.messages]);
        return new Uint8Array(items.includes(big) ? MAX_MESSAGE_BYTES + 1 : 10);
      },
      (item) => refused.push(item.id),
    );
    expect(fitted.map(({ items }) => items.map(({ id: name }) => name))).toEqual([['a'], ['b']]);
    expect(befores.at(-1)).toEqual([1, 1]);
    expect(refused).toEqual(['big']);
  });
});

describe('the outbox', () => {
  it('keeps exactly what is not acknowledged, whatever is sent, acknowledged and sent again', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ acknowledge: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ rewind: fc.integer({ min: 0, max: 60 }) }),
      fc.constant({ next: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const outbox = new Outbox();
        let model: { first: number; last: number }[] = [];
        let sent = 0;
        for (const action of steps) {
          if ('add' in action) {
            const message = { first: outbox.newest + 1, last: outbox.newest + action.add };
            model.push(message);
            outbox.add({ ...message, bytes: new Uint8Array(action.add) });
          } else if ('acknowledge' in action) {
            model = model.filter(({ last }) => last > action.acknowledge);
            outbox.acknowledge(action.acknowledge);
          } else if ('rewind' in action) {
            sent = Math.min(action.rewind, outbox.newest);
            outbox.rewind(sent);
          } else {
            const expected = model.find(({ last }) => last > sent);
            const message = outbox.next();
            expect(message?.last).toBe(expected?.last);
            sent = message?.last ?? sent;
          }
          expect(outbox.oldest).toBe(model[0]?.first ?? outbox.newest + 1);
          expect(outbox.bytes).toBe(model.reduce((sum, { first, last }) => sum + last - first + 1, 0));
        }
      }),
    );
  });
});
