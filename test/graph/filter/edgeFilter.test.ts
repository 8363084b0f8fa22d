import { describe, expect, it } from 'vitest';
import { candidateEdges } from '../../../src/graph/filter/candidates.js';
import { compileEdgeFilter, type EdgeFilter } from '../../../src/graph/filter/edgeFilter.js';
import { TestGraph, edge, ids, node, owns } from '../builders.js';

const graph = new TestGraph();
graph.put(
  node('a'),
  node('b'),
  node('c'),
  edge('ab', 'a', 'b', { Speed: 10 }),
  edge('bc', 'b', 'c', { Directed: true }),
  owns('ac', 'a', 'c'),
);
const view = graph.view();

describe('a filter of edges', () => {
  it.each<[string, EdgeFilter, string[]]>([
    ['nothing given', {}, ['ab', 'ac', 'bc']],
    ['id', { id: ['ab', 'never'] }, ['ab']],
    ['relation type', { relationType: { eq: 'ownership' } }, ['ac']],
    ['source', { source: 'a' }, ['ab', 'ac']],
    ['target', { target: 'c' }, ['ac', 'bc']],
    ['source and target', { source: 'a', target: 'c' }, ['ac']],
    ['metadata', { metadata: [{ path: 'Speed', int: { gte: 10 } }] }, ['ab']],
    ['and', { and: [{ target: 'c' }, { metadata: [{ path: 'Directed', bool: true }] }] }, ['bc']],
    ['or', { or: [{ id: ['ab'] }, { source: 'b' }] }, ['ab', 'bc']],
    ['not', { not: { relationType: { startsWith: 'layer' } } }, ['ac']],
  ])('%s', (_name, filter, expected) => {
    const test = compileEdgeFilter(filter);
    expect(ids([...view.edges()].filter(test))).toEqual(expected);
    expect(ids([...candidateEdges(view, filter)].filter(test))).toEqual(expected);
  });

  it('says where it is wrong', () => {
    expect(() => compileEdgeFilter({ not: { relationType: { regex: '[' } } }, 'via')).toThrow(/^via\.not\.relationType\.regex: "\["/);
  });
});
