import { systemClock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';
import type { WalkedPath } from '../graph/walk/shortestPaths.js';
import { execute } from './execute/execute.js';
import type { GraphSource } from './execute/run.js';
import { KIND_NAMES, type Kind } from './kinds.js';
import { parse } from './parse.js';
import { plan } from './plan.js';

/** What a string finds, as a part of the graph. */
export interface Found {
  readonly nodes: ReadonlyMap<ElementId, NodeRevision>;
  /** Only these edges, where the string speaks of edges (`G.E()…`, `….SubGraph(…)`); `undefined`: whatever is between the nodes. */
  readonly edges: readonly EdgeRevision[] | undefined;
}

/** A checked string that selects in any graph. */
export type Selector = (graph: GraphView) => Promise<Found>;

/** What elements can be made of without asking any other store. */
const SELECTING: ReadonlySet<Kind> = new Set<Kind>(['graph', 'nodes', 'edges', 'paths']);

/**
 * A string as a filter: nodes, edges with their ends, nodes on paths, or a graph. Throws `GREMLIN_SYNTAX`, and `BAD_INPUT` for a string
 * that gives values, looks at another time than the filter's own, or asks flows and samples.
 */
export function compileSelector(source: string): Selector {
  const compiled = plan(parse(source));
  for (const { call, gives } of compiled.steps) {
    if (call.name === 'Context') throw call.refuse('a filter is of the moment that is asked for: leave At and Context out');
    if (!SELECTING.has(gives))
      throw call.refuse(`a filter selects nodes and edges, and ${call.name} gives ${KIND_NAMES[gives]}: end the string before it`);
  }
  return async (graph) => {
    const { kind, rows, graph: reached } = await execute(compiled, { source: only(graph), clock: systemClock, absentIsNothing: true });
    if (kind === 'graph') return { nodes: byId(reached.nodes()), edges: reached === graph ? undefined : [...reached.edges()] };
    if (kind === 'nodes') return { nodes: byId(rows as readonly NodeRevision[]), edges: undefined };
    if (kind === 'paths') return { nodes: byId((rows as readonly WalkedPath[]).flatMap(({ nodes }) => nodes)), edges: undefined };
    const edges = rows as readonly EdgeRevision[];
    const ends = edges.flatMap(({ parent, child }) => [graph.node(parent)!, graph.node(child)!]);
    return { nodes: byId(ends), edges: [...new Set(edges)] };
  };
}

const byId = (nodes: Iterable<NodeRevision>): Map<ElementId, NodeRevision> => {
  const found = new Map<ElementId, NodeRevision>();
  for (const node of nodes) found.set(node.id, node);
  return found;
};

/** The one graph that a filter looks at; other stores and times were refused when the string was read. */
function only(graph: GraphView): GraphSource {
  const refuse = (): never => {
    throw new CanopyError('INTERNAL', 'a filter asks its own graph only');
  };
  return { present: () => graph, at: refuse, between: refuse, readings: refuse };
}
