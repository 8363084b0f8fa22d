import { linkEdge } from '../chains.js';
import { withoutOverlay } from '../departed.js';
import type { PutEdge } from '../delta.js';
import { edgeEntry, type EdgeEntry } from '../entry.js';
import { jsonSize, sizeChange } from '../jsonCompare.js';
import { layersOf, newEdge } from '../revision.js';
import type { Writing } from '../writing.js';
import { removeEdge } from './edges.js';
import { chargeOverlays, saidOf, settle, settleUnchanged } from './settle.js';

/** Puts the base of an edge: makes the edge, suspended while an end is missing, or changes what is different. */
export function putEdge(write: Writing, delta: PutEdge, index: number): void {
  const { present } = write;
  const relationType = delta.metadata['RelationType'];
  if (typeof relationType !== 'string' || relationType === '') {
    return write.reject(index, 'BAD_INPUT', `edge ${delta.id} needs a RelationType`);
  }
  const entry = present.edgeEntries.get(delta.id);
  if (entry) return changeEdge(write, entry, delta, index);
  if (delta.id === '' || delta.parent === '' || delta.child === '') {
    return write.reject(index, 'BAD_INPUT', `edge '${delta.id}' needs an id, a parent and a child`);
  }
  if (present.nodeEntries.get(delta.id)?.revision) return write.reject(index, 'BAD_INPUT', `${delta.id} is the id of a node`);
  if (relationType === 'ownership' && !takeOwnership(write, delta, index)) return;
  createEdge(write, delta);
}

function changeEdge(write: Writing, entry: EdgeEntry, delta: PutEdge, index: number): void {
  const { origin, parent, child } = entry.revision;
  if (origin !== write.origin) return write.reject(index, 'FORBIDDEN', `edge ${delta.id} belongs to ${origin}, not to ${write.origin}`);
  if (parent !== delta.parent || child !== delta.child) {
    return write.reject(index, 'BAD_INPUT', `edge ${delta.id} leads from ${parent} to ${child}; other ends need another id`);
  }
  const said = saidOf(entry);
  if (said.base['RelationType'] !== delta.metadata['RelationType']) {
    return write.reject(
      index,
      'BAD_INPUT',
      `edge ${delta.id} is of type ${String(said.base['RelationType'])}; another type needs another id`,
    );
  }
  const growth = sizeChange(said.base, delta.metadata);
  if (growth === undefined && said.host === delta.host) return settleUnchanged(write, entry);
  const base = growth === undefined ? said.base : delta.metadata;
  settle(write, entry, layersOf(delta.host, base, said.overlays, said.tables), delta.observedAt, growth ?? 0);
}

/** A child has one owner: an earlier ownership edge of the same origin gives way, one of another origin stands. */
function takeOwnership(write: Writing, delta: PutEdge, index: number): boolean {
  const earlier = write.present.nodeEntries.get(delta.child)?.ownership;
  if (!earlier) return true;
  const { origin, parent } = earlier.revision;
  if (origin !== write.origin) {
    write.reject(index, 'FORBIDDEN', `node ${delta.child} is owned by ${parent} through edge ${earlier.id} of ${origin}`);
    return false;
  }
  removeEdge(write, earlier, 'REMOVED', write.observed(delta.observedAt));
  return true;
}

function createEdge(write: Writing, delta: PutEdge): void {
  const { present, account } = write;
  const parent = present.nodeEntry(delta.parent);
  const child = present.nodeEntry(delta.child);
  const departed = write.departed.take(delta.id);
  const overlays = withoutOverlay(departed?.overlays, write.origin);
  const layers = layersOf(present.sharedHost(delta.host), present.sharedBase(delta.metadata), overlays, undefined);
  const stamp = write.stamp(write.observed(delta.observedAt), delta.appearedAt);
  const revision = newEdge(delta.id, account.origin, parent.id, child.id, (departed?.revision ?? 0) + 1, stamp, layers);
  const entry = edgeEntry(revision, parent, child, account);
  entry.bytes = jsonSize(delta.metadata);
  present.edgeEntries.set(entry.id, entry);
  account.edges.add(entry);
  account.metadataBytes += entry.bytes;
  if (overlays) chargeOverlays(write, overlays, 1);
  linkEdge(entry);
  write.created++;
  if (parent.revision && child.revision) return write.showEdge(entry, revision);
  account.suspended++;
  write.log('suspended', revision, undefined, undefined, undefined);
}
