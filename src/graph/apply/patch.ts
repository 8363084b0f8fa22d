import type { JsonObject } from '../../common/json.js';
import type { Patch, PatchRows } from '../delta.js';
import { withoutOverlay } from '../departed.js';
import { sizeChange } from '../jsonCompare.js';
import { pathSteps, setPath, unsetPath, withKeys } from '../metadataPath.js';
import { layersOf, type Overlays } from '../revision.js';
import { writeRows, type TouchedRows } from '../tables.js';
import type { Writing } from '../writing.js';
import { saidOf, settle, settleUnchanged } from './settle.js';

/** Sets and removes paths of the writer's layer: all of a patch or nothing. */
export function patch(write: Writing, delta: Patch, index: number): void {
  const entry = write.present.entry(delta.id);
  if (!entry) return write.reject(index, 'NOT_FOUND', `there is no element ${delta.id}`);
  const said = saidOf(entry);
  const isOwner = entry.account === write.account;
  const layer = isOwner ? said.base : (said.overlays?.[write.origin] ?? {});
  const patched = patchLayer(layer, delta);
  if (typeof patched === 'string') return write.reject(index, 'BAD_INPUT', `element ${delta.id}: ${patched}`);
  if (entry.kind === 'edge' && patched['RelationType'] !== layer['RelationType']) {
    return write.reject(index, 'BAD_INPUT', `edge ${delta.id}: RelationType cannot change; another type needs another edge`);
  }
  const growth = patched === layer ? undefined : sizeChange(layer, patched);
  if (growth === undefined) return settleUnchanged(write, entry);
  if (isOwner) return settle(write, entry, layersOf(said.host, patched, said.overlays, said.tables), delta.observedAt, growth);
  const overlays = withOverlay(said.overlays, write.origin, patched);
  settle(write, entry, layersOf(said.host, said.base, overlays, said.tables), delta.observedAt, 0);
}

/** The layer with the patch applied, or what is wrong with the patch. */
function patchLayer(layer: JsonObject, { set = [], unset = [] }: Patch): JsonObject | string {
  for (const path of unset) if (!isPath(path)) return `'${path}' is not a path`;
  for (const [path] of set) if (!isPath(path)) return `'${path}' is not a path`;
  if (!unset.some(isDeep) && !set.some(([path]) => isDeep(path))) return withKeys(layer, set, unset);
  let patched = layer;
  for (const path of unset) patched = unsetPath(patched, path.split('.'));
  for (const [path, value] of set) {
    const next = setPath(patched, path.split('.'), value);
    if (!next) return `cannot set '${path}': something on the way is not an object`;
    patched = next;
  }
  return patched;
}

const isDeep = (path: string): boolean => path.includes('.');
const isPath = (path: string): boolean => (isDeep(path) ? pathSteps(path) !== undefined : path !== '');

function withOverlay(overlays: Overlays, writer: string, overlay: JsonObject): Overlays {
  return Object.keys(overlay).length === 0 ? withoutOverlay(overlays, writer) : { ...overlays, [writer]: overlay };
}

/** Changes rows of one table of the writer's own element. */
export function patchRows(write: Writing, delta: PatchRows, index: number): void {
  const entry = write.present.entry(delta.id);
  if (!entry) return write.reject(index, 'NOT_FOUND', `there is no element ${delta.id}`);
  if (entry.account !== write.account) {
    return write.reject(index, 'FORBIDDEN', `the tables of ${delta.id} belong to ${String(entry.account?.origin)}, not to ${write.origin}`);
  }
  if (delta.table === '') return write.reject(index, 'BAD_INPUT', `element ${delta.id}: a table needs a name`);
  const said = saidOf(entry);
  const touched: TouchedRows = new Map();
  const tables = writeRows(said.tables, delta.table, delta.put ?? [], delta.remove ?? [], touched);
  if (tables === said.tables) return settleUnchanged(write, entry);
  settle(write, entry, { ...said, tables }, delta.observedAt, 0, touched);
}
