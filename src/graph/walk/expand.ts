import type { EdgeRevision, ElementId, NodeRevision } from '../element.js';
import type { EdgeTest } from '../filter/edgeFilter.js';
import type { GraphView } from '../view.js';
import { stepsFrom, type Direction } from './steps.js';

/** How far to go around nodes, and along which edges. */
export interface Reach {
  /** Edges to follow, at least 1. */
  readonly depth: number;
  readonly direction: Direction;
  readonly via: EdgeTest;
}

/** Adds to the nodes what lies at most `depth` edges around them; nearest first. */
export function expand(graph: GraphView, nodes: Map<ElementId, NodeRevision>, { depth, direction, via }: Reach): void {
  let ring: readonly ElementId[] = [...nodes.keys()];
  for (let step = 0; step < depth && ring.length > 0; step++) {
    const next: ElementId[] = [];
    for (const id of ring) {
      for (const [, node] of stepsFrom(graph, id, direction, via)) {
        if (nodes.has(node.id)) continue;
        nodes.set(node.id, node);
        next.push(node.id);
      }
    }
    ring = next;
  }
}

/** Every edge with both ends among the nodes. */
export function edgesBetween(graph: GraphView, nodes: ReadonlyMap<ElementId, unknown>, matches: EdgeTest): EdgeRevision[] {
  const edges: EdgeRevision[] = [];
  if (nodes.size === graph.nodeCount) {
    for (const edge of graph.edges()) if (matches(edge)) edges.push(edge);
    return edges;
  }
  for (const id of nodes.keys()) for (const edge of graph.outEdges(id)) if (nodes.has(edge.child) && matches(edge)) edges.push(edge);
  return edges;
}
