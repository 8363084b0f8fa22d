import type { NodeRevision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';
import type { Asker } from './asker.js';
import { whenReady, type Awaitable } from './awaitable.js';
import { EdgeView } from './edgeView.js';
import type { Moment, NodeView } from './elementView.js';
import { candidateNodes } from '../graph/filter/candidates.js';
import { compileEdgeFilter } from '../graph/filter/edgeFilter.js';
import type { EdgeFilter } from '../graph/filter/edgeFilter.js';
import type { NodeFilter } from '../graph/filter/nodeFilter.js';
import { compileNodeFilter } from '../graph/filter/nodeFilter.js';
import type { CompiledNodeFilter } from '../graph/filter/compiled.js';
import { shortestPaths as walkShortest, type WalkedPath } from '../graph/walk/shortestPaths.js';
import type { Instant } from './instant.js';
import { nodeViewOf } from './nodeViews.js';
import { byId } from './order.js';
import { leading } from './page.js';
import { requireRight } from './viewer.js';

export interface PathsQuery {
  readonly from: NodeFilter;
  readonly to: NodeFilter;
  readonly via?: EdgeFilter | null;
  readonly at?: Instant | null;
}

/** A way through the graph; `edges[i]` joins `nodes[i]` and `nodes[i + 1]`. */
export interface Path {
  readonly nodes: readonly NodeView[];
  readonly edges: readonly EdgeView[];
  readonly length: number;
}

/** Most starts that are looked from, in the order of their ids; each gives one path at most. */
export const MAX_PATHS = 100;

/** One path for each start, however long. */
const ONE_PATH = { maxPaths: 1, maxLength: Infinity };

/**
 * For each node that matches `from`, a shortest way to the nearest node that matches `to`, against or along edges. Shortest first. Of
 * equally short ways the one through the smallest ids is taken, so that the answer is the same every time.
 */
export function shortestPaths({ viewer, scope }: Asker, query: PathsQuery): Awaitable<Path[]> {
  requireRight(viewer, 'topology', 'read');
  const from = compileNodeFilter(query.from, 'from');
  const to = compileNodeFilter(query.to, 'to');
  const via = compileEdgeFilter(query.via, 'via');
  return whenReady(scope.at(query.at), (moment) => {
    const starts = leading(matching(moment.graph, query.from, from), MAX_PATHS, byId);
    const goals = new Set(matching(moment.graph, query.to, to).map(({ id }) => id));
    const paths = starts.flatMap(({ id }) => walkShortest(moment.graph, id, goals, { direction: 'BOTH', via, ...ONE_PATH }));
    return paths.map((path) => shown(path, moment)).sort((a, b) => a.length - b.length);
  });
}

const matching = (graph: GraphView, filter: NodeFilter, compiled: CompiledNodeFilter): NodeRevision[] =>
  Array.from(candidateNodes(graph, filter)).filter(compiled.in(graph));

const shown = ({ nodes, edges }: WalkedPath, moment: Moment): Path => ({
  nodes: nodes.map((node) => nodeViewOf(node, moment)),
  edges: edges.map((edge) => new EdgeView(edge, moment)),
  length: edges.length,
});
