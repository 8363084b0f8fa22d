import type { EdgeRevision, ElementId, NodeRevision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';
import type { Asker } from './asker.js';
import { whenReady, type Awaitable } from './awaitable.js';
import { EdgeView } from './edgeView.js';
import type { Moment, NodeView } from './elementView.js';
import { candidateNodes } from './filters/candidates.js';
import { compileEdgeFilter, type EdgeTest } from './filters/edges.js';
import type { EdgeFilter, NodeFilter } from './filters/inputs.js';
import { compileNodeFilter, type CompiledNodeFilter } from './filters/nodes.js';
import { stepsFrom } from './filters/selection.js';
import type { Instant } from './instant.js';
import { nodeViewOf } from './nodeViews.js';
import { byId } from './order.js';
import { leading } from './page.js';
import { requireReader } from './viewer.js';

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

/**
 * For each node that matches `from`, a shortest way to the nearest node that matches `to`, against or along edges. Shortest first. Of
 * equally short ways the one through the smallest ids is taken, so that the answer is the same every time.
 */
export function shortestPaths({ viewer, scope }: Asker, query: PathsQuery): Awaitable<Path[]> {
  requireReader(viewer);
  const from = compileNodeFilter(query.from, 'from');
  const to = compileNodeFilter(query.to, 'to');
  const via = compileEdgeFilter(query.via, 'via');
  return whenReady(scope.at(query.at), (moment) => {
    const starts = leading(matching(moment.graph, query.from, from), MAX_PATHS, byId);
    const goals = new Set(matching(moment.graph, query.to, to).map(({ id }) => id));
    const paths = starts.flatMap((start) => shortestPath(moment, start, goals, via) ?? []);
    return paths.sort((a, b) => a.length - b.length);
  });
}

const matching = (graph: GraphView, filter: NodeFilter, compiled: CompiledNodeFilter): NodeRevision[] =>
  Array.from(candidateNodes(graph, filter)).filter(compiled.in(graph));

interface Step {
  readonly node: NodeRevision;
  readonly edge: EdgeRevision | undefined;
  readonly previous: Step | undefined;
}

function shortestPath(moment: Moment, start: NodeRevision, goals: ReadonlySet<ElementId>, via: EdgeTest): Path | undefined {
  if (goals.size === 0) return undefined;
  const seen = new Set([start.id]);
  let ring: Step[] = [{ node: start, edge: undefined, previous: undefined }];
  while (ring.length > 0) {
    const arrived = ring.find(({ node }) => goals.has(node.id));
    if (arrived !== undefined) return shown(arrived, moment);
    const next: Step[] = [];
    for (const previous of ring) {
      for (const [edge, node] of stepsFrom(moment.graph, previous.node.id, 'BOTH', via)) {
        if (seen.has(node.id)) continue;
        seen.add(node.id);
        next.push({ node, edge, previous });
      }
    }
    ring = next.sort((a, b) => byId.compare(a.node, b.node));
  }
  return undefined;
}

function shown(last: Step, moment: Moment): Path {
  const nodes: NodeView[] = [];
  const edges: EdgeView[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.previous) {
    nodes.unshift(nodeViewOf(step.node, moment));
    if (step.edge !== undefined) edges.unshift(new EdgeView(step.edge, moment));
  }
  return { nodes, edges, length: edges.length };
}
