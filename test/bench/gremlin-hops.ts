import { LiveGraph } from '../../src/graph/liveGraph.js';
import type { Delta } from '../../src/graph/delta.js';
import type { ElementId, NodeRevision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';
import { lessIsBetter, type Bench } from './bench.js';
import { runString, takingTurns } from './gremlinGraph.js';

const FAN_OUT = 10;
const RESULTS = FAN_OUT ** 3;
/** Trees beside the one that is asked, so that it does not sit in the processor's cache alone. */
const TREES = 50;

function forest(): LiveGraph {
  const graph = new LiveGraph({ now: () => Date.now() });
  for (let tree = 0; tree < TREES; tree++) {
    const deltas: Delta[] = [];
    const grow = (id: ElementId, depth: number): void => {
      deltas.push({ op: 'putNode', id, host: 'h', metadata: { Type: 'switch', Name: id } });
      if (depth === 0) return;
      for (let branch = 0; branch < FAN_OUT; branch++) {
        const child = `${id}.${branch}`;
        grow(child, depth - 1);
        deltas.push({ op: 'putEdge', id: `${id}-${child}`, host: 'h', parent: id, child, metadata: { RelationType: 'layer2' } });
      }
    };
    grow(`t${tree}`, 3);
    graph.apply({ origin: 'agent.h', deltas });
  }
  return graph;
}

/** What somebody would write who knows the graph's own interface. */
function byHand(view: GraphView, start: ElementId): NodeRevision[] {
  const found: NodeRevision[] = [];
  for (const first of view.outEdges(start)) {
    for (const second of view.outEdges(first.child)) {
      for (const third of view.outEdges(second.child)) {
        const node = view.node(third.child);
        if (node !== undefined) found.push(node);
      }
    }
  }
  return found;
}

export const bench: Bench = {
  name: 'gremlin-hops',
  measures: 'ms from the string of three Out() to its 1,000 nodes, against a loop over the adjacency written by hand',
  async run() {
    const view = forest().view();
    let turn = 0;
    const next = (): ElementId => `t${turn++ % TREES}`;
    const check = (found: number): void => {
      if (found !== RESULTS) throw new Error(`${found} nodes found`);
    };
    const { ours, baseline } = await takingTurns(
      1_000,
      async () => check((await runString(view, `G.V('${next()}').Out().Out().Out()`)).rows.length),
      () => check(byHand(view, next()).length),
    );
    return [lessIsBetter('gremlin-hops', ours, 'ms', baseline)];
  },
};
