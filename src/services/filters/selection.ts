import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { everyEdge, compileEdgeFilter, type EdgeTest } from '../../graph/filter/edgeFilter.js';
import { candidateNodes } from '../../graph/filter/candidates.js';
import { edgesBetween, expand } from '../../graph/walk/expand.js';
import { compileSelector } from '../../gremlin/gremlin.js';
import type { Awaitable } from '../awaitable.js';
import type { ExpandInput, TopologyFilter } from './inputs.js';
import { compileNodeFilter } from '../../graph/filter/nodeFilter.js';
import { everyNode, type NodeTest } from '../../graph/filter/compiled.js';
import { badValue } from '../../graph/filter/badValue.js';

/** Deepest `expand` and `neighbors(depth:)`: six steps reach across any network that a picture could show. */
export const MAX_DEPTH = 10;

/** What a filter selects in one graph. */
export interface Selected {
  readonly nodes: ReadonlyMap<ElementId, NodeRevision>;
  readonly edges: readonly EdgeRevision[];
}

/** A checked `TopologyFilter`, ready for any graph. */
export interface Selection {
  /** Whether the filter selects everything. */
  readonly isAll: boolean;
  /** Decides about a node where its own fields do; `undefined` where others do (`within`, `expand`, `gremlin`). */
  readonly ownNode: NodeTest | undefined;
  /** Decides about an edge whose ends are both selected. */
  readonly matchesEdge: EdgeTest;
  /** There at once, except where a Gremlin string has to be run. */
  in(graph: GraphView): Awaitable<Selected>;
}

/** Throws `BAD_INPUT` naming the field, its value and what is valid. */
export function compileSelection(filter: TopologyFilter | null | undefined, field = 'filter'): Selection {
  const nodeFilter = compileNodeFilter(filter?.nodes, `${field}.nodes`);
  const matchesEdge = compileEdgeFilter(filter?.edges, `${field}.edges`);
  const grow = filter?.expand ? compileExpand(filter.expand, `${field}.expand`) : undefined;
  const selector = filter?.gremlin ? compileSelector(filter.gremlin) : undefined;

  const selected = (graph: GraphView, candidates: Iterable<NodeRevision>, found: readonly EdgeRevision[] | undefined): Selected => {
    const test = nodeFilter.in(graph);
    const nodes = new Map<ElementId, NodeRevision>();
    for (const node of candidates) if (test(node)) nodes.set(node.id, node);
    const inner = found === undefined ? undefined : new Set(nodes.keys());
    grow?.(graph, nodes);
    if (found === undefined || inner === undefined) return { nodes, edges: edgesBetween(graph, nodes, matchesEdge) };
    // The string says which edges are between what it found; what `expand` adds comes with all of its own.
    const isInner = ({ parent, child }: EdgeRevision): boolean => inner.has(parent) && inner.has(child);
    const between = found.filter((edge) => isInner(edge) && matchesEdge(edge));
    const around = grow === undefined ? [] : edgesBetween(graph, nodes, matchesEdge).filter((edge) => !isInner(edge));
    return { nodes, edges: [...between, ...around] };
  };
  return {
    isAll: selector === undefined && nodeFilter === everyNode && matchesEdge === everyEdge,
    ownNode: grow === undefined && selector === undefined ? nodeFilter.own : undefined,
    matchesEdge,
    in: (graph) => {
      if (selector === undefined) return selected(graph, candidateNodes(graph, filter?.nodes), undefined);
      return selector(graph).then(({ nodes, edges }) => selected(graph, nodes.values(), edges));
    },
  };
}

/** Throws `BAD_INPUT` for a depth outside 1 to 10. */
export function checkDepth(depth: number, field: string): number {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) throw badValue(field, depth, `a depth from 1 to ${MAX_DEPTH}`);
  return depth;
}

function compileExpand(input: ExpandInput, field: string): (graph: GraphView, nodes: Map<ElementId, NodeRevision>) => void {
  const depth = checkDepth(input.depth ?? 1, `${field}.depth`);
  const via = compileEdgeFilter(input.via, `${field}.via`);
  const direction = input.direction ?? 'BOTH';
  return (graph, nodes) => expand(graph, nodes, { depth, direction, via });
}
