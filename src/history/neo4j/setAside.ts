import { isElementChange } from '../../graph/change.js';
import type { Database } from './database.js';
import { LABEL } from './model.js';
import { move, type Projection } from './position.js';
import { isWellFormed } from './properties.js';
import { endingOf, type ChangeSource } from './source.js';
import { writeBatch } from './write.js';

/** Set-aside changes that are read and shown; more say nothing more. */
const SHOWN = 100;

/** A change that the database refused. What it ended has ended there; what it began is missing, until the element's next change. */
export interface SetAside {
  readonly seq: number;
  /** When the change was made, milliseconds. */
  readonly at: number;
  /** Of the element; empty for other changes. */
  readonly id: string;
  /** What the database said. */
  readonly error: string;
}

export async function readSetAside(database: Database): Promise<readonly SetAside[]> {
  const rows = await database.read(
    `MATCH (n:${LABEL.setAside}) RETURN n.seq AS seq, n.at AS at, n.id AS id, n.error AS error ORDER BY n.seq LIMIT ${SHOWN}`,
  );
  return rows as unknown as readonly SetAside[];
}

/** Goes past a change that cannot be written, and notes it. Throws when not even that can be written: then it was not the change. */
export async function setAside(
  { database, source }: { readonly database: Database; readonly source: ChangeSource },
  from: Projection,
  to: Projection,
  reason: unknown,
): Promise<SetAside> {
  const change = source.journal.change(to.seq);
  const id = change !== undefined && isElementChange(change) ? change.element.id : '';
  const aside: SetAside = {
    seq: to.seq,
    at: to.at,
    id: isWellFormed(id) ? id : JSON.stringify(id),
    error: reason instanceof Error ? reason.message : String(reason),
  };
  const write = async (hasEnding: boolean): Promise<void> =>
    database.write(async (run) => {
      await move(run, from, to);
      if (hasEnding) await writeBatch(run, endingOf(source, to.seq));
      await run(`CREATE (n:${LABEL.setAside}) SET n = $aside`, { aside });
    });
  await write(true).catch(() => write(false));
  return aside;
}
