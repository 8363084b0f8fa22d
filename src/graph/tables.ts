import { Map as PersistentMap } from 'immutable';
import type { JsonObject } from '../common/json.js';
import type { RowChanges } from './change.js';
import type { Table } from './element.js';
import { jsonEqual, jsonSize } from './jsonCompare.js';
import type { Tables } from './revision.js';

/** Rows over a persistent map: a change of one row among thousands shares all others with the table before. */
class RowTable implements Table {
  constructor(private readonly rows: PersistentMap<string, JsonObject>) {}

  get size(): number {
    return this.rows.size;
  }

  get(key: string): JsonObject | undefined {
    return this.rows.get(key);
  }

  entries(): Iterable<readonly [string, JsonObject]> {
    return this.rows.entries();
  }

  /** This table after the writes, or this very table when they change nothing. */
  with(put: Iterable<readonly [string, JsonObject]>, remove: Iterable<string>, touched: Map<string, TouchedRow>): RowTable {
    const rows = this.rows.withMutations((draft) => {
      for (const key of remove) {
        const was = draft.get(key);
        if (was === undefined) continue;
        draft.delete(key);
        touch(touched, key, was, undefined);
      }
      for (const [key, row] of put) {
        const was = draft.get(key);
        if (jsonEqual(was, row)) continue;
        draft.set(key, row);
        touch(touched, key, was, row);
      }
    });
    return rows === this.rows ? this : new RowTable(rows);
  }
}

const EMPTY = new RowTable(PersistentMap());

/** A table of the rows; for stores that read them back. */
export const tableOf = (rows: Iterable<readonly [string, JsonObject]>): Table => EMPTY.with(rows, [], new Map());

/** Stores may hand in tables of their own; they become ours with the first write. */
function rowTable(table: Table | undefined): RowTable {
  if (table === undefined) return EMPTY;
  return table instanceof RowTable ? table : EMPTY.with(table.entries(), [], new Map());
}

/** A row before the first of some writes and after the last one; `undefined` where there was or is none. Looking them up again costs more than the write. */
export interface TouchedRow {
  readonly was: JsonObject | undefined;
  now: JsonObject | undefined;
}

/** Rows that writes touched, by table and key. */
export type TouchedRows = Map<string, Map<string, TouchedRow>>;

function touch(touched: Map<string, TouchedRow>, key: string, was: JsonObject | undefined, now: JsonObject | undefined): void {
  const earlier = touched.get(key);
  if (earlier === undefined) touched.set(key, { was, now });
  else earlier.now = now;
}

/** Adds what later writes touched. */
export function mergeTouched(into: TouchedRows, later: TouchedRows): void {
  for (const [table, rows] of later) {
    const there = into.get(table);
    if (there === undefined) into.set(table, rows);
    else for (const [key, { was, now }] of rows) touch(there, key, was, now);
  }
}

/** The tables with rows of one of them written; the same object when nothing changed. A table without rows is not kept. */
export function writeRows(
  tables: Tables,
  name: string,
  put: Iterable<readonly [string, JsonObject]>,
  remove: Iterable<string>,
  touched: TouchedRows,
): Tables {
  const before = rowTable(tables?.[name]);
  const rows = touched.get(name) ?? new Map<string, TouchedRow>();
  const after = before.with(put, remove, rows);
  if (after === before) return tables;
  touched.set(name, rows);
  if (after.size > 0) return { ...tables, [name]: after };
  const { [name]: _emptied, ...kept } = tables ?? {};
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The tables with one of them replaced by the rows; the same object when they are already so. */
export function writeTable(tables: Tables, name: string, rows: Readonly<Record<string, JsonObject>>, touched: TouchedRows): Tables {
  const before = tables?.[name];
  const gone: string[] = [];
  if (before !== undefined) for (const [key] of before.entries()) if (!Object.hasOwn(rows, key)) gone.push(key);
  return writeRows(tables, name, Object.entries(rows), gone, touched);
}

/** What is different between the touched rows before and after; `undefined` when they are the same again. */
export function rowChanges(touched: TouchedRows): RowChanges | undefined {
  const changes: [string, Readonly<Record<string, JsonObject | null>>][] = [];
  for (const [name, touchedRows] of touched) {
    const rows: [string, JsonObject | null][] = [];
    for (const [key, { was, now }] of touchedRows) if (!jsonEqual(was, now)) rows.push([key, now ?? null]);
    if (rows.length > 0) changes.push([name, Object.fromEntries(rows)]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** Every row of the tables as a change from nothing. */
export function allRows(tables: Tables): RowChanges | undefined {
  if (tables === undefined) return undefined;
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, Object.fromEntries(table.entries())]));
}

/** The tables after the row changes of a stored change: what replay uses. */
export function withRowChanges(tables: Tables, changes: RowChanges | undefined): Tables {
  let result = tables;
  for (const [name, rows] of Object.entries(changes ?? {})) {
    const put: [string, JsonObject][] = [];
    const remove: string[] = [];
    for (const [key, row] of Object.entries(rows)) {
      if (row === null) remove.push(key);
      else put.push([key, row]);
    }
    result = writeRows(result, name, put, remove, new Map());
  }
  return result;
}

/** How many bytes the touched rows add or take, as JSON. */
export function rowBytes(touched: TouchedRows): number {
  let bytes = 0;
  for (const rows of touched.values()) {
    for (const [key, { was, now }] of rows) {
      if (was !== undefined) bytes -= key.length + 3 + jsonSize(was);
      if (now !== undefined) bytes += key.length + 3 + jsonSize(now);
    }
  }
  return bytes;
}

/** Size of all rows as JSON in bytes. */
export function tableBytes(tables: Tables): number {
  let bytes = 0;
  for (const table of Object.values(tables ?? {})) for (const [key, row] of table.entries()) bytes += key.length + 3 + jsonSize(row);
  return bytes;
}
