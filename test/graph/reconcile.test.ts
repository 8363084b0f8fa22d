import { describe, expect, it } from 'vitest';
import { reconcile } from '../../src/graph/reconcile.js';
import { AGENT, OTHER, TestGraph, USER, edge, ids, node, owns, patch, remove, rows, told } from './builders.js';

describe('reconcile', () => {
  it('finds nothing where nothing is different', () => {
    const graph = new TestGraph();
    const picture = [
      node('h'),
      node('a', { X: { Y: 1 } }, { tables: { T: { r: { v: 1 } } } }),
      owns('h-a', 'h', 'a'),
      edge('wait', 'a', 'x'),
    ];
    graph.put(...picture);
    graph.by(USER, patch('a', { Note: 'x' }));
    expect(reconcile(graph, AGENT, picture)).toEqual([]);
  });

  it('says differences only: bases, tables by row, what is new and what is gone', () => {
    const graph = new TestGraph();
    graph.put(
      node('a', {}, { tables: { T: { r: { v: 1 }, s: { v: 2 }, t: { v: 3 } }, Gone: { x: {} } } }),
      node('b'),
      node('c'),
      edge('ab', 'a', 'b'),
      edge('bc', 'b', 'c'),
    );
    const deltas = reconcile(graph, AGENT, [
      node('a', {}, { tables: { T: { r: { v: 1 }, s: { v: 9 } } } }),
      node('b', { State: 'UP' }),
      node('d'),
      edge('ab', 'a', 'b'),
    ]);
    expect(deltas).toEqual(
      [
        remove('bc'),
        remove('c'),
        rows('a', 'T', { s: { v: 9 } }, ['t']),
        rows('a', 'Gone', {}, ['x']),
        node('b', { State: 'UP' }),
        node('d'),
      ].map((delta) => (delta.op === 'remove' ? { op: 'remove', id: delta.id } : delta)),
    );
  });

  it('leaves other origins and overlays alone', () => {
    const graph = new TestGraph();
    graph.put(node('a'));
    graph.by(OTHER, node('o'));
    graph.by(USER, patch('a', { Note: 'x' }));
    graph.apply({ origin: AGENT, deltas: reconcile(graph, AGENT, [node('a', { State: 'UP' })]) });
    expect(ids(graph.view().nodes())).toEqual(['a', 'o']);
    expect(graph.node('a')?.metadata).toMatchObject({ State: 'UP', Note: 'x' });
  });

  it('compares with what was said, not with what is shown', () => {
    const graph = new TestGraph();
    graph.put(node('a', { V: 0 }));
    for (let value = 1; value <= 12; value++) graph.put(node('a', { V: value }));
    expect(graph.node('a')?.metadata['V']).toBe(10);
    expect(reconcile(graph, AGENT, [node('a', { V: 12 })])).toEqual([]);
    expect(reconcile(graph, AGENT, [node('a', { V: 10 })])).toEqual([node('a', { V: 10 })]);
  });

  it('ends at the picture, also when ids have become other things', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), node('c'), edge('x', 'a', 'b'), edge('y', 'b', 'c'), edge('z', 'c', 'a'));
    const picture = [node('a'), node('b'), edge('x', 'b', 'a'), node('y'), edge('z', 'c', 'a')];
    const applied = graph.apply({ origin: AGENT, deltas: reconcile(graph, AGENT, picture) });
    expect(applied.rejected).toEqual([]);
    expect(reconcile(graph, AGENT, picture)).toEqual([]);
    expect(graph.originStats(AGENT)).toMatchObject({ nodes: 3, edges: 1, suspended: 1 });
    expect(told(graph.put(node('c')))).toEqual(['added c', 'added z']);
  });
});
