import { hasIndexedValue, indexedValue } from '../../src/graph/indexes.js';
import { resultJson } from '../../src/gremlin/gremlin.js';
import type { GraphView, IndexedKey } from '../../src/graph/view.js';
import { lessIsBetter, type Bench } from './bench.js';
import { interfaceGraph, runString, takingTurns } from './gremlinGraph.js';
import { interfaceMetadata } from './interfaces.js';

/** The same graph, whose index looks at every node. */
const withoutIndex = (view: GraphView): GraphView =>
  Object.create(view, {
    nodesBy: {
      value: (key: IndexedKey, value: string) => [...view.nodes()].filter((node) => hasIndexedValue(key, indexedValue(node, key), value)),
    },
  }) as GraphView;

export const bench: Bench = {
  name: 'gremlin-has',
  measures: "µs from the string G.V().Has('Name', 'x') to its JSON, 100k nodes, against the same without index",
  async run() {
    const graph = interfaceGraph();
    const query = `G.V().Has('Name', '${interfaceMetadata(4_711)['Name'] as string}')`;
    const once = async (open: (view: GraphView) => GraphView): Promise<void> => {
      const view = graph.view();
      const json = resultJson(await runString(open(view), query)) as readonly unknown[];
      view.release();
      if (json.length !== 1) throw new Error(`${json.length} nodes found`);
    };
    const byIndex = (): Promise<void> => once((view) => view);
    const { ours, baseline } = await takingTurns(
      50,
      () => repeat(CALLS, byIndex),
      () => once(withoutIndex),
    );
    return [lessIsBetter('gremlin-has', (ours * 1_000) / CALLS, 'µs', baseline * 1_000)];
  },
};

/** Calls in one turn: one alone takes less than a clock's tick can tell. */
const CALLS = 200;

async function repeat(times: number, call: () => Promise<void>): Promise<void> {
  for (let index = 0; index < times; index++) await call();
}
