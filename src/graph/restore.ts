import { CanopyError } from '../common/errors.js';
import { linkEdge } from './chains.js';
import type { EdgeRevision, NodeRevision, Revision } from './element.js';
import { edgeEntry } from './entry.js';
import { jsonSize } from './jsonCompare.js';
import type { Present } from './present.js';
import { tableBytes } from './tables.js';
import type { GraphParts } from './writing.js';

/** What a store knows of the graph when the process starts. Its revisions are taken as they are: no change is made. */
export interface GraphState {
  /** What was visible, in any order. */
  readonly elements: Iterable<Revision>;
  /** Edges that waited for an end; one whose ends are both there is suspended until its owner puts it again. */
  readonly suspended: Iterable<EdgeRevision>;
  readonly lastAt: number;
  readonly lastSeq: number;
  readonly epoch: number;
}

/** Fills an empty graph. Throws `DATA_DAMAGED` for a visible edge without both ends. */
export function restoreGraph(parts: GraphParts, state: GraphState): void {
  const { present } = parts;
  const edges: EdgeRevision[] = [];
  for (const element of state.elements) {
    if (element.kind === 'node') restoreNode(present, element);
    else edges.push(element);
  }
  for (const edge of edges) {
    if (!present.node(edge.parent) || !present.node(edge.child)) {
      throw new CanopyError('DATA_DAMAGED', `edge ${edge.id} is stored as visible, but an end is missing`, { details: { edge: edge.id } });
    }
    restoreEdge(present, edge, true);
  }
  for (const edge of state.suspended) restoreEdge(present, edge, false);
  parts.axis.restore(state.lastAt, state.lastSeq);
}

function restoreNode(present: Present, node: NodeRevision): void {
  const entry = present.nodeEntry(node.id);
  const account = present.origins.open(node.origin);
  entry.revision = node;
  entry.account = account;
  entry.bytes = jsonSize(node.base);
  account.nodes.add(entry);
  account.metadataBytes += entry.bytes + tableBytes(node.tables);
  restoreOverlays(present, node);
  present.indexes.add(entry, node);
  present.nodeCount++;
}

function restoreEdge(present: Present, edge: EdgeRevision, isVisible: boolean): void {
  const account = present.origins.open(edge.origin);
  const entry = edgeEntry(edge, present.nodeEntry(edge.parent), present.nodeEntry(edge.child), account);
  entry.isVisible = isVisible;
  entry.bytes = jsonSize(edge.base);
  present.edgeEntries.set(edge.id, entry);
  account.edges.add(entry);
  account.metadataBytes += entry.bytes + tableBytes(edge.tables);
  restoreOverlays(present, edge);
  linkEdge(entry);
  if (isVisible) present.edgeCount++;
  else account.suspended++;
}

function restoreOverlays(present: Present, revision: Revision): void {
  for (const [writer, overlay] of Object.entries(revision.overlays ?? {})) present.origins.open(writer).metadataBytes += jsonSize(overlay);
}
