import type { ElementId, ElementKind, Revision } from '../../graph/element.js';
import type { Database, ReadOptions, ReadRow } from './database.js';
import { EDGE, LABEL } from './model.js';
import { revisionOf } from './revisionJson.js';
import { slotsBy, tablesOf, type RowOwner } from './rows.js';

/** Elements that are read between two turns of others. */
const AT_ONCE = 500;

/** After the change `$seq`, which was made at the instant that the slots are of. */
const isThere = (name: string): string =>
  `${name}.slot IN $slots AND ${name}.seq <= $seq AND (${name}.endSeq IS NULL OR ${name}.endSeq > $seq)`;

const ALL = {
  node: `MATCH (s:${LABEL.state}) USING INDEX s:${LABEL.state}(slot) WHERE ${isThere('s')} RETURN s.json AS json, s.tables AS tables`,
  edge: `MATCH ()-[r:${EDGE}]->() USING INDEX r:${EDGE}(slot) WHERE ${isThere('r')} RETURN r.json AS json, r.tables AS tables`,
};
const ONE = {
  node: `MATCH (s:${LABEL.state}) USING INDEX s:${LABEL.state}(id, slot) WHERE s.id = $id AND ${isThere('s')} RETURN s.json AS json, s.tables AS tables`,
  edge: `MATCH ()-[r:${EDGE}]->() USING INDEX r:${EDGE}(id, slot) WHERE r.id = $id AND ${isThere('r')} RETURN r.json AS json, r.tables AS tables`,
};

/** A place in the log, with the instant of its change. */
export interface Place {
  readonly seq: number;
  readonly at: number;
}

const parametersOf = ({ seq, at }: Place) => ({ seq, slots: slotsBy(at) });

/** One element as it was; `undefined` when it was not there. */
export async function readElement(
  database: Database,
  kind: ElementKind,
  id: ElementId,
  place: Place,
  options?: ReadOptions,
): Promise<Revision | undefined> {
  const rows = await database.read(ONE[kind], { id, ...parametersOf(place) }, options);
  const [found] = await revisionsOf(database, rows, options);
  return found;
}

/** All elements of a kind as they were, some at a time. */
export async function* readElements(
  database: Database,
  kind: ElementKind,
  place: Place,
  options?: ReadOptions,
): AsyncGenerator<readonly Revision[]> {
  let piece: ReadRow[] = [];
  for await (const row of database.rows(ALL[kind], parametersOf(place), options)) {
    if (piece.push(row) < AT_ONCE) continue;
    yield await revisionsOf(database, piece, options);
    piece = [];
  }
  yield await revisionsOf(database, piece, options);
}

/** The revisions of rows with `json` and `tables`, in their order, with the rows of their tables. */
export async function revisionsOf(database: Database, rows: readonly ReadRow[], options?: ReadOptions): Promise<readonly Revision[]> {
  const revisions = rows.map(({ json }) => revisionOf(json as string, undefined));
  const owners: (RowOwner & { readonly index: number })[] = [];
  rows.forEach(({ tables }, index) => {
    if (tables === null || tables === undefined) return;
    const { kind, id, seq, updatedAt, deletedAt } = revisions[index]!;
    // A removal takes the rows with it, and still shows the element as it was last.
    owners.push({ index, kind, id, at: deletedAt ?? updatedAt, seq: deletedAt === undefined ? seq : seq - 1 });
  });
  const tables = await tablesOf(database, owners, options);
  owners.forEach(({ index }, place) => {
    revisions[index] = { ...revisions[index]!, tables: tables[place] };
  });
  return revisions;
}
