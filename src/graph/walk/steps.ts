import type { EdgeRevision, ElementId, NodeRevision } from '../element.js';
import type { EdgeTest } from '../filter/edgeFilter.js';
import type { GraphView } from '../view.js';

/** `OUT` leads from an edge's parent to its child. */
export type Direction = 'OUT' | 'IN' | 'BOTH';

/** Edges of a node in a direction, each once, also one that leads to the node itself. */
export function edgesOf(graph: GraphView, id: ElementId, direction: Direction): EdgeRevision[] {
  const edges: EdgeRevision[] = [];
  if (direction !== 'IN') for (const edge of graph.outEdges(id)) edges.push(edge);
  if (direction !== 'OUT') for (const edge of graph.inEdges(id)) if (direction === 'IN' || edge.parent !== id) edges.push(edge);
  return edges;
}

/** Edges of a node that match, each with the node at its other end. */
export function stepsFrom(graph: GraphView, id: ElementId, direction: Direction, via: EdgeTest): [EdgeRevision, NodeRevision][] {
  const steps: [EdgeRevision, NodeRevision][] = [];
  const take = (edge: EdgeRevision, otherEnd: ElementId): void => {
    const node = via(edge) ? graph.node(otherEnd) : undefined;
    if (node !== undefined) steps.push([edge, node]);
  };
  if (direction !== 'IN') for (const edge of graph.outEdges(id)) take(edge, edge.child);
  if (direction !== 'OUT') for (const edge of graph.inEdges(id)) if (direction === 'IN' || edge.parent !== id) take(edge, edge.parent);
  return steps;
}
