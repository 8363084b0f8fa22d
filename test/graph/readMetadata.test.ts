import { describe, expect, it } from 'vitest';
import { differentPaths, revisionDifference } from '../../src/graph/difference.js';
import { readMetadata } from '../../src/graph/readMetadata.js';
import { TestGraph, measure, node, rows } from './builders.js';

describe('metadata as readers see it', () => {
  const graph = new TestGraph();
  graph.put(
    node(
      'a',
      { Metric: { Last: 1 }, Neutron: { Ports: [{ Id: 1 }, { Name: 'x' }, 3, { Id: [2] }] } },
      { tables: { Routes: { r: { Prefix: 'p' }, s: { Prefix: 'q' } } } },
    ),
    measure('a', { 'Metric.RxBytes': 5 }),
  );
  const view = graph.view();
  const read = (path?: string) => readMetadata(view, view.node('a')!, path);

  it('is state, tables as lists of rows, and measurements in one object', () => {
    expect(read()).toEqual({
      Type: 'device',
      Name: 'a',
      Metric: { Last: 1, RxBytes: 5 },
      Neutron: { Ports: [{ Id: 1 }, { Name: 'x' }, 3, { Id: [2] }] },
      Routes: [{ Prefix: 'p' }, { Prefix: 'q' }],
    });
  });

  it('is reached by dotted paths, through arrays too', () => {
    expect(read('Metric.RxBytes')).toBe(5);
    expect(read('Routes.Prefix')).toEqual(['p', 'q']);
    expect(read('Neutron.Ports.Id')).toEqual([1, [2]]);
    expect(read('Neutron.Ports.None')).toEqual([]);
    expect(read('Name.First')).toBeUndefined();
    expect(read('constructor')).toBeUndefined();
  });

  it('is in a past without measurements', () => {
    expect(view.measurements('a')).toEqual({ Metric: { RxBytes: 5 } });
  });
});

describe('differences', () => {
  it('are told by path, lists as wholes', () => {
    expect(differentPaths({ A: 1, B: { C: 1, D: [1] }, Gone: {} }, { A: 1, B: { C: 2, D: [1, 2] }, New: null })).toEqual([
      { path: 'B.C', before: 1, after: 2 },
      { path: 'B.D', before: [1], after: [1, 2] },
      { path: 'Gone', before: {}, after: undefined },
      { path: 'New', before: undefined, after: null },
    ]);
    expect(differentPaths({ A: { B: 1 } }, { A: 1 })).toEqual([{ path: 'A', before: { B: 1 }, after: 1 }]);
  });

  it('of revisions tell tables by row', () => {
    const graph = new TestGraph();
    graph.put(node('a', {}, { tables: { T: { r: { v: 1 }, s: { v: 1 } } } }));
    const before = graph.node('a');
    graph.put(rows('a', 'T', { s: { v: 2 }, t: { v: 3 } }, ['r']), node('a', { State: 'UP' }));
    expect(revisionDifference(before, graph.node('a'))).toEqual([
      { path: 'State', before: undefined, after: 'UP' },
      { path: 'T.r', before: { v: 1 }, after: undefined },
      { path: 'T.s', before: { v: 1 }, after: { v: 2 } },
      { path: 'T.t', before: undefined, after: { v: 3 } },
    ]);
    expect(revisionDifference(undefined, before)).toHaveLength(4);
  });
});
