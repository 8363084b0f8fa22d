import { unlinkEdge } from '../chains.js';
import type { ChangeReason } from '../change.js';
import type { EdgeEntry } from '../entry.js';
import { goneRevision, newEdge } from '../revision.js';
import { allRows, tableBytes } from '../tables.js';
import type { Writing } from '../writing.js';
import { chargeOverlays, saidOf } from './settle.js';

/** Shows a suspended edge whose missing end has come. Its life for readers begins now. */
export function reviveEdge(write: Writing, entry: EdgeEntry, observedAt: number): void {
  const { id, origin, parent, child, revision } = entry.revision;
  const layers = saidOf(entry);
  write.governor.release(entry);
  if (entry.account) entry.account.suspended--;
  write.showEdge(entry, newEdge(id, origin, parent, child, revision + 1, write.stamp(observedAt), layers));
}

/** Hides an edge because an end goes. The edge waits, with the latest that was said about it. */
export function suspendEdge(write: Writing, entry: EdgeEntry, observedAt: number): void {
  const before = entry.revision;
  const gone = goneRevision(before, write.stamp(observedAt), saidOf(entry));
  write.governor.release(entry);
  write.present.rememberEdge(entry);
  entry.revision = gone;
  entry.isVisible = false;
  write.present.edgeCount--;
  if (entry.account) entry.account.suspended++;
  write.log('removed', gone, before, 'END_MISSING', undefined);
}

/** Removes an edge for good. One that was suspended is only forgotten: readers did not see it. */
export function removeEdge(write: Writing, entry: EdgeEntry, reason: ChangeReason, observedAt: number): void {
  const { present } = write;
  const before = entry.revision;
  const said = saidOf(entry);
  const gone = goneRevision(before, write.stamp(observedAt), before);
  write.governor.release(entry);
  present.rememberEdge(entry);
  unlinkEdge(entry);
  present.edgeEntries.delete(entry.id);
  write.departed.remember(entry.id, { revision: gone.revision, overlays: said.overlays });
  if (said.overlays) chargeOverlays(write, said.overlays, -1);
  const { account } = entry;
  if (account) {
    account.edges.delete(entry);
    account.metadataBytes -= entry.bytes + tableBytes(said.tables);
    if (!entry.isVisible) account.suspended--;
  }
  if (entry.isVisible) {
    present.edgeCount--;
    write.log('removed', gone, before, reason, undefined);
  } else write.log('suspended', gone, undefined, reason, allRows(gone.tables));
  present.dropGhost(entry.parent);
  present.dropGhost(entry.child);
}
