import type { Json } from '../../common/json.js';
import type { Position } from '../../graph/position.js';
import type { HomeQueries, HomeQuery, HomeQueryOptions, HomeRow } from '../store.js';
import type { Database, ReadRow } from './database.js';
import { revisionsOf } from './elements.js';
import { slotsAt } from './model.js';
import { readProjection, type Projection } from './position.js';

/** Rows between two looks at how many there are. */
const ROWS_PER_LOOK = 256;

/** What a column of an element holds: the properties that `CYPHER_MODEL` says are carried. No two changes have the same number. */
type Carried = ReadRow & { readonly seq: number };

/** How often a question is asked again because the database was written to meanwhile. */
const TRIES = 3;

/**
 * What the question finds after the change at the position. `undefined` when the database has not followed so far, or is written to all the time: it promises
 * to a reader only that each row was committed, not that all rows are of one moment, so it must stand at one place from before the question until after it.
 */
export async function run(
  database: Database,
  queries: HomeQueries,
  { position, at }: { readonly position: Position; readonly at: number },
  options: HomeQueryOptions = {},
): Promise<readonly HomeRow[] | undefined> {
  let before = await readProjection(database);
  for (let tries = 0; tries < TRIES; tries++) {
    if (before?.phase !== 'follow' || before.seq < position.seq) return undefined;
    const rows = await runQuery(database, before.seq === position.seq ? queries.present : queries.past, at, options);
    const after = await readProjection(database);
    if (after !== undefined && isSamePlace(before, after)) return rows;
    before = after;
  }
  return undefined;
}

const isSamePlace = (a: Projection, b: Projection): boolean =>
  a.seq === b.seq && a.epoch === b.epoch && a.phase === b.phase && a.journal === b.journal;

/** Runs a printed statement as of the instant and makes elements of its rows; an element that comes again is made once. Throws as the database does. */
async function runQuery(database: Database, query: HomeQuery, at: number, options: HomeQueryOptions): Promise<readonly HomeRow[]> {
  const { signal, timeoutMs, spend } = options;
  const parameters = { ...query.parameters, t: at, slots: slotsAt(at) };
  const columns = Object.entries(query.columns);
  const found: ReadRow[] = [];
  const carried = new Map<number, Carried>();
  for await (const row of database.rows(query.text, parameters, { signal, timeoutMs })) {
    for (const [column, kind] of columns) {
      if (kind !== 'value') carried.set((row[column] as Carried).seq, row[column] as Carried);
    }
    found.push(row);
    if (found.length % ROWS_PER_LOOK === 0) spend?.(ROWS_PER_LOOK);
  }
  spend?.(found.length % ROWS_PER_LOOK);
  const read = await revisionsOf(database, [...carried.values()], { signal, timeoutMs });
  const revisions = new Map([...carried.keys()].map((seq, index) => [seq, read[index]!]));
  return found.map((row) =>
    Object.fromEntries(
      columns.map(([column, kind]) => [column, kind === 'value' ? (row[column] as Json) : revisions.get((row[column] as Carried).seq)]),
    ),
  );
}
