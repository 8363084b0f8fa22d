import type { Batch } from './batch.js';
import type { Database, Run } from './database.js';
import { LABEL } from './model.js';
import { move, type Projection } from './position.js';
import { isWellFormed } from './properties.js';
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

/** Goes past what cannot be written, and notes it; `ending` is what it ended. Throws when not even that can be written: then it was not the row. */
export async function setAside(
  write: (work: (run: Run) => Promise<void>) => Promise<void>,
  from: Projection,
  to: Projection,
  { seq, at, id }: Omit<SetAside, 'error'>,
  reason: unknown,
  ending: Batch | undefined,
): Promise<SetAside> {
  const error = reason instanceof Error ? reason.message : String(reason);
  const aside: SetAside = { seq, at, id: isWellFormed(id) ? id : JSON.stringify(id), error };
  const writeWith = (batch: Batch | undefined): Promise<void> =>
    write(async (run) => {
      await move(run, from, to);
      if (batch !== undefined) await writeBatch(run, batch);
      await run(`CREATE (n:${LABEL.setAside}) SET n = $aside`, { aside });
    });
  await writeWith(ending).catch(() => writeWith(undefined));
  return aside;
}
