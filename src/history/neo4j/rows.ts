import type { JsonObject } from '../../common/json.js';
import type { ElementId, ElementKind, Table } from '../../graph/element.js';
import type { Tables } from '../../graph/revision.js';
import { tableOf } from '../../graph/tables.js';
import type { Database, ReadOptions } from './database.js';
import { LABEL, slotsAt } from './model.js';

/** Owners whose rows are read with one statement. */
const OWNERS_AT_ONCE = 500;

const ROWS_OF = `
  UNWIND $owners AS wanted
  MATCH (row:${LABEL.row}) USING INDEX row:${LABEL.row}(owner, slot)
  WHERE row.owner = wanted.owner AND row.slot IN wanted.slots AND row.seq <= wanted.seq AND (row.endSeq IS NULL OR row.endSeq > wanted.seq)
  RETURN wanted.index AS index, row.table AS table, row.key AS key, row.json AS json ORDER BY row.seq, key`;

/** A revision whose tables are wanted. */
export interface RowOwner {
  readonly kind: ElementKind;
  readonly id: ElementId;
  /** The change that made the revision, and when. */
  readonly seq: number;
  readonly at: number;
}

/** What rows are found by. */
export const ownerKey = (kind: ElementKind, id: ElementId): string => `${kind === 'node' ? 'n' : 'e'}|${id}`;

/** The tables of each revision, in the order of the owners; `undefined` for one without rows. */
export async function tablesOf(database: Database, owners: readonly RowOwner[], options?: ReadOptions): Promise<readonly Tables[]> {
  const tables: Tables[] = [];
  for (let from = 0; from < owners.length; from += OWNERS_AT_ONCE) {
    tables.push(...(await tablesOfSome(database, owners.slice(from, from + OWNERS_AT_ONCE), options)));
  }
  return tables;
}

async function tablesOfSome(database: Database, owners: readonly RowOwner[], options?: ReadOptions): Promise<Tables[]> {
  const found = owners.map(() => new Map<string, (readonly [string, JsonObject])[]>());
  const wanted = owners.map(({ kind, id, seq, at }, index) => ({ index, owner: ownerKey(kind, id), seq, slots: slotsBy(at) }));
  for (const row of await database.read(ROWS_OF, { owners: wanted }, options)) {
    const tables = found[row.index as number]!;
    const name = row.table as string;
    const rows = tables.get(name) ?? [];
    tables.set(name, rows);
    rows.push([row.key as string, JSON.parse(row.json as string) as JsonObject]);
  }
  return found.map((tables) =>
    tables.size === 0 ? undefined : Object.fromEntries([...tables].map(([name, rows]): [string, Table] => [name, tableOf(rows)])),
  );
}

/** Slots of what was so after some change within the millisecond: also of what ended in it. */
export const slotsBy = (at: number): string[] => [...new Set([...slotsAt(at), ...slotsAt(at - 1)])];
