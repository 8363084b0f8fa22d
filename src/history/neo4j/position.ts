import { CanopyError } from '../../common/errors.js';
import type { Database, Run } from './database.js';
import { LABEL, MODEL_VERSION } from './model.js';

/**
 * What the database is in the middle of. `wipe`: everything is taken out, to begin anew. `base`: what the journal begins with is written. `cut`: what the journal
 * lost in a crash is taken out. `follow`: changes are written as they come.
 */
export type Phase = 'wipe' | 'base' | 'cut' | 'follow';

/** How far the journal is in the database, as the database says. Written in the transaction of the rows. */
export interface Projection {
  /** Which journal: when its first epoch began. Another analyzer's database is left alone. */
  readonly journal: number;
  readonly model: number;
  readonly phase: Phase;
  /** The last change that is in the database; in `base` the one after which the graph is written; in `cut` the last one that stays. */
  readonly seq: number;
  /** Epoch that made the change, and when that epoch began. */
  readonly epoch: number;
  readonly epochStartedAt: number;
  /** From an empty database until it has caught up for the first time. */
  readonly isRebuilding: boolean;
  /** Elements of the base that are written. */
  readonly baseDone: number;
  /** Who writes: a number drawn at each start. Whoever took over last is the only one whose writes succeed. */
  readonly writer: string;
  /** The last one that is in the database was changed at, milliseconds. */
  readonly at: number;
}

const MATCH = `MATCH (p:${LABEL.projection} {id: 'canopy'})`;

/** What the database says of itself; `undefined` for one that nothing was projected into yet. */
export async function readProjection(database: Database): Promise<Projection | undefined> {
  const [row] = await database.read(`${MATCH} RETURN p {.*} AS projection`);
  return row?.projection as Projection | undefined;
}

/** Makes this program the one that writes. Whatever another one is about to write fails from now on. */
export async function takeOver(database: Database, projection: Projection): Promise<void> {
  await database.write(async (run) => {
    await run(`MERGE (p:${LABEL.projection} {id: 'canopy'}) SET p += $projection`, { projection: { ...projection, model: MODEL_VERSION } });
  });
}

/** Moves from one place to the next within the transaction of the rows. Throws when somebody else has taken over, or asked for a rebuild, meanwhile. */
export async function move(run: Run, from: Projection, to: Projection): Promise<void> {
  // Written first: the lock on the node keeps others out until the transaction ends.
  const rows = await run(
    `${MATCH} WHERE p.writer = $writer AND p.phase = $phase AND p.seq = $seq AND p.baseDone = $baseDone
     SET p += $to, p.movedAt = timestamp() RETURN p.seq AS seq`,
    { writer: from.writer, phase: from.phase, seq: from.seq, baseDone: from.baseDone, to },
  );
  if (rows.length === 0) throw moved();
}

/** Asks whoever writes, now or later, to begin anew. The one that is writing finds out with its next batch. */
export async function askForRebuild(database: Database): Promise<void> {
  await database.write(async (run) => {
    await run(`${MATCH} SET p.phase = 'wipe', p.seq = 0, p.baseDone = 0, p.isRebuilding = true`);
  });
}

/** For a place that is not what this program left. */
export const moved = (): CanopyError =>
  new CanopyError('STORE_UNAVAILABLE', 'another program wrote to the database meanwhile', { retriable: true, details: { moved: true } });

export const isMoved = (error: unknown): boolean => error instanceof CanopyError && error.details.moved === true;
