import { CanopyError } from '../../common/errors.js';
import type { Batch, RowEnd } from './batch.js';
import type { Run } from './database.js';
import { EDGE, LABEL, OPEN, slotOf } from './model.js';

/** Rows of one statement: building the message takes a few milliseconds of the event loop, no more. */
const ROWS_AT_ONCE = 500;

const { element, state, current, row } = LABEL;

// Which index is meant is said: a plan that was made while the database was empty would be kept and could be any.
const ELEMENTS = `UNWIND $rows AS id MERGE (:${element} {id: id})`;
const CLOSE_STATES = `
  UNWIND $rows AS row
  MATCH (s:${state}) USING INDEX s:${state}(id, slot) WHERE s.id = row.id AND s.slot = '${OPEN}'
  SET s.to = row.to, s.endSeq = row.endSeq, s.slot = row.slot, s.gone = row.gone REMOVE s:${current}`;
const CURRENTS = `UNWIND $rows AS row CREATE (s:${state}:${current}) SET s = row`;
const PASTS = `UNWIND $rows AS row CREATE (s:${state}) SET s = row`;
const CLOSE_EDGES = `
  UNWIND $rows AS row
  MATCH ()-[r:${EDGE}]->() USING INDEX r:${EDGE}(id, slot) WHERE r.id = row.id AND r.slot = '${OPEN}'
  SET r.to = row.to, r.endSeq = row.endSeq, r.slot = row.slot, r.slotKey = row.slotKey, r.dstSlotKey = row.dstSlotKey, r.gone = row.gone`;
const EDGES = `
  UNWIND $rows AS row
  MATCH (a:${element} {id: row.parent}) MATCH (b:${element} {id: row.child})
  CREATE (a)-[r:${EDGE}]->(b) SET r = row.properties
  RETURN count(r) AS count`;
const OPEN_ROWS = `UNWIND $rows AS key MATCH (w:${row}) USING INDEX w:${row}(openKey) WHERE w.openKey = key RETURN key, w.from AS from`;
const OPEN_ROWS_OF_OWNERS = `
  UNWIND $rows AS owner
  MATCH (w:${row}) USING INDEX w:${row}(owner, slot) WHERE w.owner = owner AND w.slot = '${OPEN}'
  RETURN owner, w.openKey AS key, w.from AS from`;
const CLOSE_ROWS = `
  UNWIND $rows AS row
  MATCH (w:${row}) USING INDEX w:${row}(openKey) WHERE w.openKey = row.key
  SET w.to = row.to, w.endSeq = row.endSeq, w.slot = row.slot, w.wasOpenKey = w.openKey REMOVE w.openKey`;
const ROWS = `UNWIND $rows AS row CREATE (w:${row}) SET w = row`;

/** Writes everything of the batch in the open transaction. */
export async function writeBatch(run: Run, batch: Batch): Promise<void> {
  const each = async (statement: string, rows: readonly unknown[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) await run(statement, { rows: rows.slice(from, from + ROWS_AT_ONCE) });
  };
  await each(ELEMENTS, batch.elements);
  await each(CLOSE_STATES, batch.closings);
  await each(PASTS, batch.pasts);
  await each(CURRENTS, batch.currents);
  await each(CLOSE_EDGES, batch.edgeClosings);
  for (let from = 0; from < batch.edges.length; from += ROWS_AT_ONCE) {
    const rows = batch.edges.slice(from, from + ROWS_AT_ONCE);
    const [answer] = await run(EDGES, { rows });
    if (answer?.count !== rows.length) throw new CanopyError('INTERNAL', 'an end of an edge is not in the database');
  }
  await each(CLOSE_ROWS, await rowClosings(run, batch));
  await each(ROWS, batch.rows);
}

/** The rows that end, with their slots: when they began is only known to the database. */
async function rowClosings(run: Run, { rowEnds, ownerEnds }: Batch): Promise<readonly object[]> {
  const closings = new Map<string, object>();
  const note = (key: string, from: number, { to, endSeq }: RowEnd): void => {
    if (!closings.has(key)) closings.set(key, { key, to, endSeq, slot: slotOf(from, to) });
  };
  if (rowEnds.size > 0) {
    for (const { key, from } of await run(OPEN_ROWS, { rows: [...rowEnds.keys()] })) {
      note(key as string, from as number, rowEnds.get(key as string)!);
    }
  }
  if (ownerEnds.size > 0) {
    for (const { owner, key, from } of await run(OPEN_ROWS_OF_OWNERS, { rows: [...ownerEnds.keys()] })) {
      note(key as string, from as number, ownerEnds.get(owner as string)!);
    }
  }
  return [...closings.values()];
}
