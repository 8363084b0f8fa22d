import type { Json, JsonObject } from '../common/json.js';
import type { Table } from './element.js';
import { isJsonObject, mergeObjects } from './metadataPath.js';

/**
 * How the rows of a table look inside metadata: a list, as old clients know it. Rows change one by one; what people read is made of them here.
 *
 * A measurement whose path is the name of a table is an object of row keys, laid over the rows: the state of a neighbour, which changes with
 * traffic, without a revision for each turn. Keys that have no row are left out.
 */
export function shownTable(name: string, table: Table | undefined, measured?: Json): Json[] {
  if (table === undefined) return [];
  const rows = isJsonObject(measured)
    ? Array.from(table.entries(), ([key, row]) => rowWith(row, measured[key]))
    : Array.from(table.entries(), ([, row]) => row);
  return name === 'RoutingTables' ? nested(rows) : rows;
}

/** A row with what is measured of it. */
export const rowWith = (row: JsonObject, measured: Json | undefined): JsonObject =>
  isJsonObject(measured) ? mergeObjects(row, measured) : row;

/** Routes as Skydive's clients know them: `[{ID, Src, Routes: [{Protocol, Prefix, NextHops}]}]`, a routing table with the source of its first route. */
function nested(rows: readonly JsonObject[]): Json[] {
  const tables = new Map<Json, { readonly Src: Json; readonly Routes: Json[] }>();
  const shown: Json[] = [];
  for (const row of rows) {
    const { ID, ...route } = row;
    // A publisher's own shape stays as it is.
    if (ID === undefined || Array.isArray(row.Routes)) {
      shown.push(row);
      continue;
    }
    let table = tables.get(ID);
    if (table === undefined) {
      table = { Src: row.Src ?? null, Routes: [] };
      tables.set(ID, table);
      shown.push({ ID, ...table });
    }
    table.Routes.push(route);
  }
  return shown;
}
