import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { WalkedPath } from '../../graph/walk/shortestPaths.js';
import { noRows } from '../execute/rows.js';
import { SmallGraph } from '../execute/smallGraph.js';
import { edgesIn, nodesIn, type QueriedGraph, type Rows } from '../execute/traversal.js';
import { allCriteria, readCriteria } from '../predicates/filter.js';
import { defineStep } from '../step.js';

/** `SubGraph([edge filter])`: what was found as a graph of its own. */
export const subGraph = defineStep({
  name: 'SubGraph',
  usage: ['SubGraph()', "SubGraph('RelationType', 'layer2')"],
  doc: 'a graph of the nodes and the edges between them; of edges: with their ends; the parameters filter the edges as `Has` does',
  on: { nodes: 'graph', edges: 'graph', paths: 'graph' },
  walks: true,
  read: (call) => call,
  plan(_args, from, call) {
    const filter = call.args.length === 0 ? undefined : allCriteria(readCriteria(call), 'edges', call);
    return async (input, run) => {
      const { graph } = input;
      const test = filter?.in(graph) ?? (() => true);
      if (from === 'edges') {
        const edges = await run.all(edgesIn(input));
        const ends = new Set(edges.flatMap(({ parent, child }) => [parent, child]));
        const nodes = [...ends].flatMap((id) => graph.node(id) ?? []);
        return subGraphOf(graph, nodes, edges.filter(test));
      }
      const nodes =
        from === 'paths' ? (await run.all(input.rows as Rows<WalkedPath>)).flatMap((path) => path.nodes) : await run.all(nodesIn(input));
      const ids = new Set(nodes.map(({ id }) => id));
      return subGraphOf(
        graph,
        nodes,
        between(graph, ids, test, (edges) => run.spend(edges)),
      );
    };
  },
});

const subGraphOf = (graph: QueriedGraph, nodes: Iterable<NodeRevision>, edges: Iterable<EdgeRevision>) => ({
  graph: new SmallGraph(graph, nodes, edges),
  slice: undefined,
  marks: new Map(),
  rows: noRows,
});

function between(
  graph: QueriedGraph,
  ids: ReadonlySet<ElementId>,
  test: (edge: EdgeRevision) => boolean,
  spend: (edges: number) => void,
): EdgeRevision[] {
  const found: EdgeRevision[] = [];
  for (const id of ids) {
    let seen = 0;
    for (const edge of graph.outEdges(id)) {
      seen++;
      if (ids.has(edge.child) && test(edge)) found.push(edge);
    }
    spend(seen);
  }
  return found;
}
