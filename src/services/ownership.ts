import type { ElementId, NodeRevision } from '../graph/element.js';
import type { GraphView } from '../graph/view.js';

/** Relation by which one node owns another; a node has at most one owner. */
export const OWNERSHIP = 'ownership';

/** The one node that owns this one. */
export function ownerOf(graph: GraphView, id: ElementId): NodeRevision | undefined {
  for (const edge of graph.inEdges(id)) if (edge.metadata.RelationType === OWNERSHIP) return graph.node(edge.parent);
  return undefined;
}

/** Owners, nearest first. A circle, which a publisher can make, ends where it closes. */
export function ownersOf(graph: GraphView, id: ElementId): NodeRevision[] {
  const owners: NodeRevision[] = [];
  const seen = new Set([id]);
  for (let owner = ownerOf(graph, id); owner !== undefined && !seen.has(owner.id); owner = ownerOf(graph, owner.id)) {
    seen.add(owner.id);
    owners.push(owner);
  }
  return owners;
}

/** What the node owns itself, in no order. */
export function ownedBy(graph: GraphView, id: ElementId): NodeRevision[] {
  const owned: NodeRevision[] = [];
  for (const edge of graph.outEdges(id)) {
    if (edge.metadata.RelationType !== OWNERSHIP) continue;
    const child = graph.node(edge.child);
    if (child !== undefined) owned.push(child);
  }
  return owned;
}
