import { isOwnership, type EdgeEntry, type NodeEntry } from './entry.js';
import type { EdgeRevision } from './element.js';

/** Puts the edge at the head of its ends' chains. */
export function linkEdge(edge: EdgeEntry): void {
  const { parent, child } = edge;
  edge.nextOut = parent.firstOut;
  if (parent.firstOut) parent.firstOut.previousOut = edge;
  parent.firstOut = edge;
  edge.nextIn = child.firstIn;
  if (child.firstIn) child.firstIn.previousIn = edge;
  child.firstIn = edge;
  if (isOwnership(edge.revision)) child.ownership = edge;
}

/** Takes the edge out of its ends' chains. */
export function unlinkEdge(edge: EdgeEntry): void {
  const { parent, child } = edge;
  if (edge.previousOut) edge.previousOut.nextOut = edge.nextOut;
  else parent.firstOut = edge.nextOut;
  if (edge.nextOut) edge.nextOut.previousOut = edge.previousOut;
  if (edge.previousIn) edge.previousIn.nextIn = edge.nextIn;
  else child.firstIn = edge.nextIn;
  if (edge.nextIn) edge.nextIn.previousIn = edge.previousIn;
  edge.nextOut = edge.previousOut = edge.nextIn = edge.previousIn = undefined;
  if (child.ownership === edge) child.ownership = undefined;
}

/** Revisions of the visible edges whose parent is the node. */
export function visibleOut(node: NodeEntry | undefined): EdgeRevision[] {
  const edges: EdgeRevision[] = [];
  for (let edge = node?.firstOut; edge; edge = edge.nextOut) if (edge.isVisible) edges.push(edge.revision);
  return edges;
}

/** Revisions of the visible edges whose child is the node. */
export function visibleIn(node: NodeEntry | undefined): EdgeRevision[] {
  const edges: EdgeRevision[] = [];
  for (let edge = node?.firstIn; edge; edge = edge.nextIn) if (edge.isVisible) edges.push(edge.revision);
  return edges;
}

/** All edges of the node, each once, also one that leads from the node to itself. A copy: the caller may unlink them. */
export function edgesOf(node: NodeEntry): EdgeEntry[] {
  const edges: EdgeEntry[] = [];
  for (let edge = node.firstOut; edge; edge = edge.nextOut) edges.push(edge);
  for (let edge = node.firstIn; edge; edge = edge.nextIn) if (edge.parent !== node) edges.push(edge);
  return edges;
}
