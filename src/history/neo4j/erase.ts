import type { Database } from './database.js';
import { EDGE, FOREVER, LABEL, OPEN } from './model.js';

/** Elements of one transaction of a long removal. */
const AT_ONCE = 5_000;

const { element, state, current, row, setAside } = LABEL;
const inPieces = (what: string): string => `CALL (${what}) { DETACH DELETE ${what} } IN TRANSACTIONS OF ${AT_ONCE} ROWS`;
const edgesInPieces = `CALL (r) { DELETE r } IN TRANSACTIONS OF ${AT_ONCE} ROWS`;

/** Takes everything of the model out of the database but its projection and migrations. May be called again where it stopped. */
export async function wipe(database: Database): Promise<void> {
  // Relationships first: a node with a million of them cannot go in one transaction.
  await database.command(`MATCH ()-[r:${EDGE}]->() ${edgesInPieces}`);
  for (const label of [state, row, setAside, element]) await database.command(`MATCH (n:${label}) ${inPieces('n')}`);
}

/** Takes back every change after `seq`: what it began goes, what it ended holds again. May be called again where it stopped. */
export async function cut(database: Database, seq: number): Promise<void> {
  for (const label of [state, row]) {
    await database.command(`MATCH (n:${label}) WHERE n.slot = '${OPEN}' AND n.seq > $seq ${inPieces('n')}`, { seq });
    await database.command(`MATCH (n:${label}) WHERE n.endSeq > $seq AND n.seq > $seq ${inPieces('n')}`, { seq });
  }
  await database.command(`MATCH ()-[r:${EDGE}]->() WHERE r.slot = '${OPEN}' AND r.seq > $seq ${edgesInPieces}`, { seq });
  await database.command(`MATCH ()-[r:${EDGE}]->() WHERE r.endSeq > $seq AND r.seq > $seq ${edgesInPieces}`, { seq });
  const reopen = { seq, forever: FOREVER };
  await database.command(
    `MATCH (s:${state}) WHERE s.endSeq > $seq
     CALL (s) { SET s:${current}, s.to = $forever, s.slot = '${OPEN}' REMOVE s.endSeq, s.gone } IN TRANSACTIONS OF ${AT_ONCE} ROWS`,
    reopen,
  );
  await database.command(
    `MATCH (a)-[r:${EDGE}]->(b) WHERE r.endSeq > $seq
     CALL (a, r, b) {
       SET r.to = $forever, r.slot = '${OPEN}', r.slotKey = a.id + '|${OPEN}', r.dstSlotKey = b.id + '|${OPEN}' REMOVE r.endSeq, r.gone
     } IN TRANSACTIONS OF ${AT_ONCE} ROWS`,
    reopen,
  );
  await database.command(
    `MATCH (w:${row}) WHERE w.endSeq > $seq
     CALL (w) { SET w.to = $forever, w.slot = '${OPEN}', w.openKey = w.wasOpenKey REMOVE w.endSeq, w.wasOpenKey } IN TRANSACTIONS OF ${AT_ONCE} ROWS`,
    reopen,
  );
  await database.command(`MATCH (n:${setAside}) WHERE n.seq > $seq DELETE n`, { seq });
  await removeUnused(
    database,
    (await database.read(`MATCH (e:${element}) WHERE NOT (e)--() RETURN e.id AS id`)).map(({ id }) => id as string),
  );
}

/** Takes away states that ended with a change up to `seq`, and elements of which nothing is left. */
export async function prune(database: Database, seq: number): Promise<void> {
  const ended = await database.read(`MATCH (s:${state}) WHERE s.endSeq <= $seq RETURN DISTINCT s.id AS id`, { seq });
  await database.command(`MATCH ()-[r:${EDGE}]->() WHERE r.endSeq <= $seq ${edgesInPieces}`, { seq });
  for (const label of [state, row]) await database.command(`MATCH (n:${label}) WHERE n.endSeq <= $seq ${inPieces('n')}`, { seq });
  await database.command(`MATCH (n:${setAside}) WHERE n.seq <= $seq DELETE n`, { seq });
  await removeUnused(
    database,
    ended.map(({ id }) => id as string),
  );
}

async function removeUnused(database: Database, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    await database.command(
      `UNWIND $ids AS id MATCH (e:${element} {id: id})
       WHERE NOT (e)--() AND NOT EXISTS { MATCH (s:${state}) WHERE s.id = id AND s.slot IS NOT NULL } DELETE e`,
      { ids: ids.slice(from, from + AT_ONCE) },
    );
  }
}
