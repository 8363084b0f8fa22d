import { describe, expect, it } from 'vitest';
import { AGENT, TestGraph, USER, edge, node, patch, remove, rows, told } from './builders.js';

/** Writes values 1, 2, 3… to a path, all in one millisecond, and returns how many came out at once. */
function flap(graph: TestGraph, path: string, times: number, from = 1): number {
  let changes = 0;
  for (let value = from; value < from + times; value++) changes += graph.put(patch('a', { [path]: value })).changes.length;
  return changes;
}

describe('the governor', () => {
  it('lets a burst of ten through, then one revision a second, and loses nothing', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    expect(flap(graph, 'State', 25)).toBe(10);
    expect(graph.stats()).toMatchObject({ held: 1, merged: 15 });
    graph.clock.now += 999;
    expect(graph.tick()).toEqual([]);
    graph.clock.now += 1;
    expect(graph.tick()).toMatchObject([{ op: 'updated', element: { metadata: { State: 25 }, revision: 12 }, at: graph.clock.now }]);
    expect(flap(graph, 'State', 5, 100)).toBe(0);
    graph.clock.now += 1_000;
    expect(graph.tick()).toMatchObject([{ element: { metadata: { State: 104 } } }]);
    expect(graph.tick()).toEqual([]);
    expect(graph.stats()).toMatchObject({ held: 0, merged: 20 });
  });

  it('gives the burst back after a quiet time', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    flap(graph, 'State', 10);
    graph.clock.now += 3_000;
    expect(flap(graph, 'State', 10, 50)).toBe(3);
    graph.clock.now += 60_000;
    graph.tick();
    graph.clock.now += 60_000;
    expect(flap(graph, 'State', 20, 100)).toBe(10);
  });

  it('does not hold up other paths: a revision that goes out anyway shows all that is held', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    flap(graph, 'State', 20);
    const applied = graph.put(patch('a', { MTU: 9000 }));
    expect(applied.changes).toMatchObject([{ element: { metadata: { State: 20, MTU: 9000 } }, before: { metadata: { State: 10 } } }]);
    expect(graph.oldestHeld()).toBeUndefined();
  });

  it('counts a table as one path', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    let changes = 0;
    for (let row = 0; row < 50; row++) changes += graph.put(rows('a', 'Routes', { [`r${row}`]: { Metric: row } })).changes.length;
    expect(changes).toBe(10);
    graph.clock.now += 1_000;
    const [out] = graph.tick();
    expect(Object.keys(out?.rows?.['Routes'] ?? {})).toHaveLength(40);
    expect(out?.element.tables?.['Routes']?.size).toBe(50);
  });

  it('lets many rows out at once: collecting more of them saves nothing', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    const put = (from: number, count: number) => {
      const added = Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${from + index}`, { Metric: 1 }]));
      return graph.put(rows('a', 'Routes', added)).changes.map((change) => Object.keys(change.rows?.['Routes'] ?? {}).length);
    };
    for (let row = 0; row < 10; row++) put(row, 1);
    expect(put(10, 600)).toEqual([600]);
    expect(put(1_000, 300)).toEqual([]);
    // The same rows again are no more of them.
    expect(graph.put(rows('a', 'Routes', { r1000: { Metric: 2 } })).changes).toEqual([]);
    expect(put(2_000, 300)).toEqual([600]);
    expect(graph.stats()).toMatchObject({ held: 0 });
    expect(graph.node('a')?.tables?.['Routes']?.get('r1000')).toEqual({ Metric: 2 });
  });

  it('lets out what was held of many rows a part at a time', () => {
    const graph = new TestGraph();
    const ids = ['a', 'b', 'c', 'd'];
    graph.put(...ids.map((id) => node(id)));
    for (const id of ids) {
      for (let row = 0; row < 10; row++) graph.put(rows(id, 'Routes', { [`r${row}`]: {} }));
      graph.put(rows(id, 'Routes', Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, {}]))));
    }
    graph.clock.now += 1_000;
    expect(graph.tick().map(({ element }) => element.id)).toEqual(['a', 'b']);
    expect(graph.hasDue()).toBe(true);
    expect(graph.tick().map(({ element }) => element.id)).toEqual(['c', 'd']);
    expect(graph.hasDue()).toBe(false);
  });

  it('makes no change of rows that changed to and fro while they were held', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    for (let row = 0; row < 10; row++) graph.put(rows('a', 'T', { [`r${row}`]: {} }));
    graph.put(rows('a', 'T', { r0: { Metric: 1 }, r1: { Metric: 1 }, added: {} }));
    graph.put(rows('a', 'T', { r0: {} }, ['added']));
    graph.clock.now += 1_000;
    expect(graph.tick().map((change) => change.rows)).toEqual([{ T: { r1: { Metric: 1 } } }]);
  });

  it('makes no change of what changed to and fro while it was held', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    flap(graph, 'State', 10);
    graph.put(rows('a', 'T', { kept: {} }));
    graph.put(patch('a', { State: 'other' }));
    graph.put(patch('a', { State: 10 }));
    expect(graph.stats().held).toBe(1);
    graph.clock.now += 1_000;
    expect(graph.tick()).toEqual([]);
    expect(graph.stats().held).toBe(0);
  });

  it('is passed by immediate writes, which take along what is held for their elements', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'));
    flap(graph, 'State', 20);
    const applied = graph.apply({ origin: USER, deltas: [patch('a', { Note: 'x' })], immediate: true });
    expect(applied.changes).toMatchObject([{ element: { metadata: { State: 20, Note: 'x' } } }]);
    flap(graph, 'State', 5, 30);
    const equal = graph.apply({ origin: AGENT, deltas: [patch('a', { State: 34 })], immediate: true });
    expect(equal).toMatchObject({ updated: 1, changes: [{ element: { metadata: { State: 34 } } }] });
  });

  it('says what a batch waits for, also when the batch says what is held already', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'));
    flap(graph, 'State', 10);
    const held = graph.put(patch('a', { State: 'x' }), patch('b', { State: 'x' }));
    expect(held).toMatchObject({ held: 1, updated: 1 });
    expect(graph.oldestHeld()).toBeLessThanOrEqual(held.heldSerial);
    const again = graph.put(patch('a', { State: 'x' }));
    expect(again).toMatchObject({ held: 1, unchanged: 0 });
    graph.clock.now += 1_000;
    graph.tick();
    expect(graph.oldestHeld() ?? Infinity).toBeGreaterThan(again.heldSerial);
    flap(graph, 'State', 1);
    expect(graph.oldestHeld()).toBeGreaterThan(again.heldSerial);
  });

  it('drops what is held for an element that goes, and folds it into an edge that is suspended', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'));
    flap(graph, 'State', 12);
    expect(graph.put(remove('a')).changes).toMatchObject([{ op: 'removed', element: { metadata: { State: 10 } } }]);
    expect(graph.oldestHeld()).toBeUndefined();
    graph.put(node('a'));
    graph.by(USER, edge('ab', 'a', 'b'));
    for (let value = 1; value <= 12; value++) graph.by(USER, patch('ab', { Value: value }));
    expect(graph.put(remove('b')).changes[0]).toMatchObject({ op: 'removed', reason: 'END_MISSING', element: { metadata: { Value: 12 } } });
    expect(graph.oldestHeld()).toBeUndefined();
    expect(told(graph.put(node('b')))).toEqual(['added b', 'added ab']);
  });

  it('does not wait for a clock that stepped back', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    flap(graph, 'State', 12);
    graph.clock.now -= 3_600_000;
    expect(graph.tick()).toEqual([]);
    graph.clock.now += 1_000;
    expect(graph.tick()).toHaveLength(1);
  });

  it('keeps its books small when somebody makes up paths', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    let changes = 0;
    for (let number = 0; number < 1_000; number++) changes += graph.put(patch('a', { [`P${number}`]: 1 })).changes.length;
    expect(changes).toBeLessThan(300);
    graph.clock.now += 1_000;
    graph.tick();
    expect(graph.node('a')?.metadata).toHaveProperty('P999');
  });
});
