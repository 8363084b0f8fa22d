import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEdgeFilter, everyEdge } from '../../../src/graph/filter/edgeFilter.js';
import type { GraphView } from '../../../src/graph/view.js';
import { edgesBetween } from '../../../src/graph/walk/expand.js';
import { neighborsOf } from '../../../src/graph/walk/neighbors.js';
import { ownedBelow, ownedBy, ownerOf, ownersOf } from '../../../src/graph/walk/ownership.js';
import { shortestPaths } from '../../../src/graph/walk/shortestPaths.js';
import { edgesOf, type Direction } from '../../../src/graph/walk/steps.js';
import { TestGraph, edge, ids, node, owns } from '../builders.js';

/** Layer-2 edges `xy` between nodes with one-letter names. */
function mesh(...pairs: string[]): GraphView {
  const graph = new TestGraph();
  for (const name of new Set(pairs.join(''))) graph.put(node(name));
  for (const pair of pairs) graph.put(edge(pair, pair[0]!, pair[1]!));
  return graph.view();
}

const around = (view: GraphView, id: string, depth: number, direction: Direction = 'BOTH'): string[] =>
  ids(neighborsOf(view, id, { depth, direction, via: everyEdge }));

describe('ownership', () => {
  const graph = new TestGraph();
  graph.put(
    node('h'),
    node('ns'),
    node('a'),
    node('b'),
    owns('1', 'h', 'ns'),
    owns('2', 'ns', 'a'),
    owns('3', 'ns', 'b'),
    edge('4', 'a', 'b'),
  );
  const view = graph.view();

  it('leads up and down', () => {
    expect(ownerOf(view, 'a')?.id).toBe('ns');
    expect(ownerOf(view, 'h')).toBeUndefined();
    expect(ownersOf(view, 'a').map(({ id }) => id)).toEqual(['ns', 'h']);
    expect(ids(ownedBy(view, 'ns'))).toEqual(['a', 'b']);
    expect(ids(ownedBelow(view, [view.node('h')!]))).toEqual(['a', 'b', 'ns']);
  });

  it('ends in a circle', () => {
    graph.put(owns('5', 'a', 'h'));
    expect(ownersOf(graph.view(), 'a').map(({ id }) => id)).toEqual(['ns', 'h']);
    expect(ids(ownedBelow(graph.view(), [graph.node('h')!]))).toEqual(['a', 'b', 'h', 'ns']);
  });
});

describe('neighbors', () => {
  const view = mesh('ab', 'bc', 'cd', 'ea', 'aa');

  it('are found to a depth, in a direction, each once', () => {
    expect(around(view, 'a', 1)).toEqual(['b', 'e']);
    expect(around(view, 'a', 2)).toEqual(['b', 'c', 'e']);
    expect(around(view, 'a', 9, 'OUT')).toEqual(['b', 'c', 'd']);
    expect(around(view, 'a', 9, 'IN')).toEqual(['e']);
    expect(around(view, 'never', 3)).toEqual([]);
  });

  it('follow only edges that match', () => {
    const via = compileEdgeFilter({ not: { id: ['bc'] } });
    expect(ids(neighborsOf(view, 'a', { depth: 9, direction: 'BOTH', via }))).toEqual(['b', 'e']);
  });

  it('have their edges, one that leads to itself once', () => {
    expect(ids(edgesOf(view, 'a', 'BOTH'))).toEqual(['aa', 'ab', 'ea']);
    expect(ids(edgesOf(view, 'a', 'OUT'))).toEqual(['aa', 'ab']);
    expect(ids(edgesOf(view, 'a', 'IN'))).toEqual(['aa', 'ea']);
    expect(
      ids(
        edgesBetween(
          view,
          new Map([
            ['a', 1],
            ['b', 1],
            ['d', 1],
          ]),
          everyEdge,
        ),
      ),
    ).toEqual(['aa', 'ab']);
    expect(ids(edgesBetween(view, new Map([...view.nodes()].map(({ id }) => [id, 1])), everyEdge))).toEqual(['aa', 'ab', 'bc', 'cd', 'ea']);
  });
});

describe('shortest paths', () => {
  const between = (
    view: GraphView,
    from: string,
    to: string[],
    more: { maxPaths?: number; maxLength?: number; direction?: Direction } = {},
  ) =>
    shortestPaths(view, from, new Set(to), { maxLength: 10, maxPaths: 10, direction: 'BOTH', via: everyEdge, ...more }).map(({ nodes }) =>
      nodes.map(({ id }) => id).join(''),
    );

  it('are all of the shortest, in the order of ids', () => {
    const view = mesh('ab', 'ac', 'bd', 'cd', 'de', 'ax', 'xy', 'ye');
    expect(between(view, 'a', ['e'])).toEqual(['abde', 'acde', 'axye']);
    expect(between(view, 'a', ['e'], { maxPaths: 2 })).toEqual(['abde', 'acde']);
    expect(between(view, 'a', ['e'], { maxLength: 2 })).toEqual([]);
    expect(between(view, 'a', ['e', 'd'])).toEqual(['abd', 'acd']);
    expect(between(view, 'e', ['a'], { direction: 'OUT' })).toEqual([]);
    expect(between(view, 'a', ['a'])).toEqual(['a']);
    expect(between(view, 'a', ['never'])).toEqual([]);
    expect(between(view, 'never', ['a'])).toEqual([]);
  });

  it('count parallel edges as different ways', () => {
    const graph = new TestGraph();
    graph.put(node('a'), node('b'), edge('e1', 'a', 'b'), edge('e2', 'b', 'a'));
    const paths = shortestPaths(graph.view(), 'a', new Set(['b']), { maxLength: 5, maxPaths: 5, direction: 'BOTH', via: everyEdge });
    expect(paths.map(({ edges }) => edges.map(({ id }) => id))).toEqual([['e1'], ['e2']]);
  });

  it('do not drown in the number of ways', () => {
    const rungs = Array.from({ length: 14 }, (_, index) => String.fromCharCode(65 + index));
    const graph = new TestGraph();
    for (const rung of rungs) graph.put(node(rung), node(`${rung}1`), node(`${rung}2`));
    rungs.slice(1).forEach((rung, index) => {
      for (const side of ['1', '2'])
        graph.put(edge(`${rung}${side}u`, rungs[index]!, `${rung}${side}`), edge(`${rung}${side}d`, `${rung}${side}`, rung));
    });
    const paths = between(graph.view(), 'A', ['N'], { maxLength: 100, maxPaths: 3 });
    expect(paths).toHaveLength(3);
  });

  it('are as long as a search over every pair says', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).map(([x, y]) => x + y);
    fc.assert(
      fc.property(fc.uniqueArray(pair, { maxLength: 12 }), (pairs) => {
        const view = mesh('af', ...pairs.filter((each) => each !== 'af' && each !== 'fa'));
        const distance = new Map<string, number>();
        for (const x of names)
          for (const y of names)
            distance.set(
              x + y,
              x === y ? 0 : pairs.includes(x + y) || pairs.includes(y + x) || x + y === 'af' || y + x === 'af' ? 1 : Infinity,
            );
        const d = (key: string): number => distance.get(key) ?? Infinity;
        for (const k of names) for (const x of names) for (const y of names) distance.set(x + y, Math.min(d(x + y), d(x + k) + d(k + y)));
        for (const goal of names) {
          const [first] = between(view, 'a', [goal]);
          expect(first === undefined ? Infinity : first.length - 1).toBe(view.node(goal) ? d(`a${goal}`) : Infinity);
        }
      }),
    );
  });
});
