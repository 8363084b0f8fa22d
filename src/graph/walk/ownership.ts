import type { ElementId, NodeRevision } from '../element.js';
import type { GraphView } from '../view.js';

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

/** What the nodes own at any depth, each once, nearest first. The nodes themselves are not among it, unless one owns another. */
export function ownedBelow(graph: GraphView, roots: Iterable<NodeRevision>): NodeRevision[] {
  const found = new Map<ElementId, NodeRevision>();
  const waiting = [...roots];
  for (let index = 0; index < waiting.length; index++) {
    for (const node of ownedBy(graph, (waiting[index] as NodeRevision).id)) {
      if (found.has(node.id)) continue;
      found.set(node.id, node);
      waiting.push(node);
    }
  }
  return [...found.values()];
}
