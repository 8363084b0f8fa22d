import type { Clock } from '../../src/common/clock.js';
import { systemClock } from '../../src/common/clock.js';
import type { Json } from '../../src/common/json.js';
import { compile, execute, resultJson, type GraphSource, type Outcome } from '../../src/gremlin/gremlin.js';
import type { RunLimits } from '../../src/gremlin/limits.js';
import { edge, measure, node, owns, TestGraph } from '../graph/builders.js';
import type { Delta } from '../../src/graph/delta.js';

/** A host with a namespace, a bridge, a veth pair and a few oddly typed keys. */
export const SMALL: readonly Delta[] = [
  node('h', { Type: 'host', Name: 'web-1', Flag: true, Text: '42', Fraction: 1.9 }),
  node('ns', { Type: 'netns', Name: 'blue', Path: '/run/netns/blue' }),
  node('br', { Type: 'bridge', Name: 'br0', MTU: 1500, IPV4: ['10.0.0.1/24'], Empty: [], Neutron: { NetworkID: 'n1' } }),
  node('va', { Type: 'veth', Name: 'veth0', MTU: 1500, IPV4: ['10.0.0.2/24', '192.168.0.5/16'], MAC: '02:00:00:00:00:04', Nothing: null }),
  node('vb', { Type: 'veth', Name: 'veth1', MTU: 9000, Vfs: [{ ID: 1, MAC: 'aa' }, { ID: 2 }] }),
  owns('h-ns', 'h', 'ns'),
  owns('h-br', 'h', 'br'),
  owns('h-va', 'h', 'va'),
  owns('ns-vb', 'ns', 'vb'),
  edge('br-va', 'br', 'va'),
  edge('va-vb', 'va', 'vb', { Tags: ['x', 'y'] }),
];

export const smallGraph = (...more: Delta[]): TestGraph => {
  const graph = new TestGraph();
  const { rejected } = graph.put(...SMALL, ...more);
  if (rejected.length > 0) throw new Error(rejected[0]!.message);
  return graph;
};

export { edge, measure, node, owns };

const noPast = (): never => {
  throw new Error('this test has no past');
};

export interface Asked {
  readonly clock?: Clock;
  readonly limits?: Partial<RunLimits>;
  readonly signal?: AbortSignal;
  readonly source?: Partial<GraphSource>;
}

/** Runs a string over the graph as it is, and reads the outcome before the view is gone. */
export async function run<T>(graph: TestGraph, query: string, read: (outcome: Outcome) => T, asked: Asked = {}): Promise<T> {
  const { clock = systemClock, limits, signal, source } = asked;
  const view = graph.view();
  try {
    const whole: GraphSource = { present: () => view, at: noPast, between: noPast, readings: noPast, ...source };
    return read(await execute(compile(query), { source: whole, clock, limits, signal }));
  } finally {
    view.release();
  }
}

/** The answer in Skydive's form. */
export const answer = (graph: TestGraph, query: string, asked?: Asked): Promise<Json> => run(graph, query, resultJson, asked);

/** Ids of the nodes or edges found, in order. */
export const ids = (graph: TestGraph, query: string, asked?: Asked): Promise<string[]> =>
  run(graph, query, ({ rows }) => (rows as { id: string }[]).map(({ id }) => id), asked);
