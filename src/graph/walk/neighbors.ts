import type { ElementId, NodeRevision } from '../element.js';
import type { GraphView } from '../view.js';
import { expand, type Reach } from './expand.js';

/** Nodes at most `depth` edges away from one, each once, without the node itself, nearest first. */
export function neighborsOf(graph: GraphView, id: ElementId, reach: Reach): NodeRevision[] {
  const start = graph.node(id);
  if (start === undefined) return [];
  if (reach.depth === 1) return nextTo(graph, id, reach);
  const found = new Map([[id, start]]);
  expand(graph, found, reach);
  found.delete(id);
  return [...found.values()];
}

/** The other ends of a node's edges, each once: what screens ask for most, so without a map for each node. */
function nextTo(graph: GraphView, id: ElementId, { direction, via }: Reach): NodeRevision[] {
  const found: NodeRevision[] = [];
  if (direction !== 'IN') for (const edge of graph.outEdges(id)) if (via(edge)) addOnce(found, graph.node(edge.child), id);
  if (direction !== 'OUT') for (const edge of graph.inEdges(id)) if (via(edge)) addOnce(found, graph.node(edge.parent), id);
  return found.length > FEW ? [...new Set(found)] : found;
}

/** Up to here looking through the list is cheaper than a set; a hub with thousands of neighbours needs one. */
const FEW = 16;

function addOnce(found: NodeRevision[], node: NodeRevision | undefined, self: ElementId): void {
  if (node === undefined || node.id === self || (found.length <= FEW && found.includes(node))) return;
  found.push(node);
}
