import type { PutNode } from '../delta.js';
import type { NodeEntry } from '../entry.js';
import { edgesOf } from '../chains.js';
import { withoutOverlay } from '../departed.js';
import { jsonSize, sizeChange } from '../jsonCompare.js';
import { layersOf, newNode, type Tables } from '../revision.js';
import { allRows, tableBytes, writeTable, type TouchedRows } from '../tables.js';
import type { Writing } from '../writing.js';
import { reviveEdge } from './edges.js';
import { saidOf, settle, settleUnchanged, chargeOverlays } from './settle.js';

/** Puts the base of a node: makes the node, or changes what is different. */
export function putNode(write: Writing, delta: PutNode, index: number): void {
  const { present } = write;
  const entry = present.nodeEntries.get(delta.id);
  if (entry?.revision) return changeNode(write, entry, entry.revision.origin, delta, index);
  if (delta.id === '') return write.reject(index, 'BAD_INPUT', 'a node needs an id');
  if (present.edgeEntries.has(delta.id)) return write.reject(index, 'BAD_INPUT', `${delta.id} is the id of an edge`);
  createNode(write, entry ?? present.nodeEntry(delta.id), delta);
}

function changeNode(write: Writing, entry: NodeEntry, owner: string, delta: PutNode, index: number): void {
  if (owner !== write.origin) return write.reject(index, 'FORBIDDEN', `node ${delta.id} belongs to ${owner}, not to ${write.origin}`);
  const said = saidOf(entry);
  const growth = sizeChange(said.base, delta.metadata);
  let touched: TouchedRows | undefined;
  let tables = said.tables;
  if (delta.tables) {
    touched = new Map();
    tables = putTables(tables, delta.tables, touched);
    if (touched.size === 0) touched = undefined;
  }
  if (growth === undefined && !touched && said.host === delta.host) return settleUnchanged(write, entry);
  const host = said.host === delta.host ? said.host : delta.host;
  const base = growth === undefined ? said.base : delta.metadata;
  settle(write, entry, layersOf(host, base, said.overlays, tables), delta.observedAt, growth ?? 0, touched);
}

function createNode(write: Writing, entry: NodeEntry, delta: PutNode): void {
  const { present, account } = write;
  const departed = write.departed.take(delta.id);
  const overlays = withoutOverlay(departed?.overlays, write.origin);
  const tables = delta.tables && putTables(undefined, delta.tables, new Map());
  const layers = layersOf(present.sharedHost(delta.host), delta.metadata, overlays, tables);
  const stamp = write.stamp(write.observed(delta.observedAt), delta.appearedAt);
  const node = newNode(entry.id, account.origin, (departed?.revision ?? 0) + 1, stamp, layers);
  present.rememberNode(entry);
  entry.revision = node;
  entry.account = account;
  entry.bytes = jsonSize(delta.metadata);
  account.nodes.add(entry);
  account.metadataBytes += entry.bytes;
  if (tables) account.metadataBytes += tableBytes(tables);
  if (overlays) chargeOverlays(write, overlays, 1);
  present.indexes.add(entry, node);
  present.nodeCount++;
  write.created++;
  write.log('added', node, undefined, undefined, allRows(tables));
  if (entry.firstOut ?? entry.firstIn) {
    for (const edge of edgesOf(entry)) if (edge.parent.revision && edge.child.revision) reviveEdge(write, edge, stamp.observedAt);
  }
}

function putTables(tables: Tables, put: NonNullable<PutNode['tables']>, touched: TouchedRows): Tables {
  let result = tables;
  for (const [name, rows] of Object.entries(put)) result = writeTable(result, name, rows, touched);
  return result;
}
