import type { RowChanges } from '../graph/change.js';
import type { Revision } from '../graph/element.js';
import { allRows, tableOf } from '../graph/tables.js';

/** All rows of the element as going. */
export function removals(element: Revision): RowChanges | undefined {
  const rows = allRows(element.tables);
  if (rows === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(rows).map(([table, entries]) => [table, Object.fromEntries(Object.keys(entries).map((key) => [key, null]))]),
  );
}

/** Row changes over others; the upper ones win row by row. */
export function mergeRows(under: RowChanges | undefined, over: RowChanges | undefined): RowChanges | undefined {
  if (under === undefined || over === undefined) return over ?? under;
  const merged: Record<string, RowChanges[string]> = { ...under };
  for (const [table, rows] of Object.entries(over)) merged[table] = { ...under[table], ...rows };
  return merged;
}

/** The revision with its tables read into memory, as the live graph keeps them. */
export function withWholeTables<R extends Revision>(revision: R): R {
  if (revision.tables === undefined) return revision;
  return {
    ...revision,
    tables: Object.fromEntries(Object.entries(revision.tables).map(([name, table]) => [name, tableOf(table.entries())])),
  };
}
