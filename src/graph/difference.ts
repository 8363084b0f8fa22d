import type { Json, JsonObject } from '../common/json.js';
import type { Revision } from './element.js';
import { jsonEqual } from './jsonCompare.js';
import { isJsonObject } from './metadataPath.js';
import type { Tables } from './revision.js';

/** One dotted path that differs; `undefined` where the path is not there. */
export interface PathChange {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** The paths at which two objects differ, down to values that are not both objects. Lists are compared as wholes. */
export function differentPaths(before: JsonObject, after: JsonObject): PathChange[] {
  const changes: PathChange[] = [];
  if (before !== after) collect(before, after, '', changes);
  return changes;
}

function collect(before: JsonObject, after: JsonObject, prefix: string, into: PathChange[]): void {
  for (const key in before) compare(before[key], after[key], prefix + key, into);
  for (const key in after) if (before[key] === undefined) into.push({ path: prefix + key, before: undefined, after: after[key] });
}

function compare(before: Json | undefined, after: Json | undefined, path: string, into: PathChange[]): void {
  if (before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) collect(before, after, `${path}.`, into);
  else if (!jsonEqual(before, after)) into.push({ path, before, after });
}

/**
 * What is different between two revisions of an element: paths of metadata, and for tables the rows that differ, each under `table.rowKey`.
 * `undefined` on either side stands for an element that is not there.
 */
export function revisionDifference(before: Revision | undefined, after: Revision | undefined): readonly PathChange[] {
  const changes = differentPaths(before?.metadata ?? {}, after?.metadata ?? {});
  if (before?.tables !== after?.tables) tableDifference(before?.tables, after?.tables, changes);
  return changes;
}

function tableDifference(before: Tables, after: Tables, into: PathChange[]): void {
  for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const was = before?.[name];
    const now = after?.[name];
    if (was === now) continue;
    for (const [key, row] of was?.entries() ?? []) {
      const rowNow = now?.get(key);
      if (rowNow !== row && !jsonEqual(row, rowNow)) into.push({ path: `${name}.${key}`, before: row, after: rowNow });
    }
    for (const [key, row] of now?.entries() ?? []) {
      if (was?.get(key) === undefined) into.push({ path: `${name}.${key}`, before: undefined, after: row });
    }
  }
}
