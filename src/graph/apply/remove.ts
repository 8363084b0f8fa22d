import { edgesOf } from '../chains.js';
import type { ChangeReason } from '../change.js';
import type { Remove } from '../delta.js';
import { withoutOverlay } from '../departed.js';
import type { NodeRevision } from '../element.js';
import type { Entry, NodeEntry } from '../entry.js';
import { goneRevision, layersOf } from '../revision.js';
import { tableBytes } from '../tables.js';
import type { Writing } from '../writing.js';
import { removeEdge, suspendEdge } from './edges.js';
import { chargeOverlays, saidOf, settle } from './settle.js';

/** Removes the owner's element, or the overlay of a writer that is not the owner. Removing what is not there changes nothing. */
export function remove(write: Writing, delta: Remove, index: number): void {
  const entry = write.present.entry(delta.id);
  if (!entry) {
    write.departed.dropOverlay(delta.id, write.origin);
    write.unchanged++;
    return;
  }
  if (entry.account !== write.account) return removeOverlay(write, entry, delta, index);
  const reason = delta.reason ?? 'REMOVED';
  const observedAt = write.observed(delta.observedAt);
  if (entry.kind === 'edge') removeEdge(write, entry, reason, observedAt);
  else removeNode(write, entry, reason, observedAt);
  write.removed++;
}

function removeOverlay(write: Writing, entry: Entry, delta: Remove, index: number): void {
  const said = saidOf(entry);
  const overlays = withoutOverlay(said.overlays, write.origin);
  if (overlays === said.overlays) {
    return write.reject(
      index,
      'FORBIDDEN',
      `${entry.kind} ${delta.id} belongs to ${String(entry.account?.origin)}, not to ${write.origin}`,
    );
  }
  settle(write, entry, layersOf(said.host, said.base, overlays, said.tables), delta.observedAt, 0);
}

/**
 * With a node go the edges of its own origin, for the same reason: who says that the node is gone speaks for them too. Edges of other origins are
 * suspended, because their owners have said nothing. Edges are logged before the node, so that no prefix of the log holds an edge without its ends.
 */
function removeNode(write: Writing, entry: NodeEntry, reason: ChangeReason, observedAt: number): void {
  const { present } = write;
  for (const edge of edgesOf(entry)) {
    if (edge.account === entry.account) removeEdge(write, edge, reason, observedAt);
    else if (edge.isVisible) suspendEdge(write, edge, observedAt);
  }
  const before = entry.revision as NodeRevision;
  const said = saidOf(entry);
  const gone = goneRevision(before, write.stamp(observedAt), before);
  write.governor.release(entry);
  present.rememberNode(entry);
  present.indexes.remove(entry, before);
  present.nodeCount--;
  write.departed.remember(entry.id, { revision: gone.revision, overlays: said.overlays });
  if (said.overlays) chargeOverlays(write, said.overlays, -1);
  const { account } = entry;
  if (account) {
    account.nodes.delete(entry);
    account.metadataBytes -= entry.bytes + tableBytes(said.tables);
  }
  present.forgetNode(entry);
  write.log('removed', gone, before, reason, undefined);
}
