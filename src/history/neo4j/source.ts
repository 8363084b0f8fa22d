import type { Change } from '../../graph/change.js';
import { isElementChange } from '../../graph/change.js';
import type { Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import { OP } from '../../journal/block.js';
import type { Journal } from '../../journal/journal.js';
import { pauser } from '../../journal/pause.js';
import { COVERAGE_ORDINAL } from '../../journal/versions.js';
import { isEdgeOrdinal } from '../../journal/ordinals.js';
import { versionsAt } from '../../journal/walk.js';
import { BatchBuilder, type Batch, type LostChange } from './batch.js';

/** Most bytes of JSON in one transaction: the database holds a transaction in its heap. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** What the projector follows. */
export interface ChangeSource {
  readonly journal: Journal;
  /** Changes after the position that are still in memory, if all of them are. */
  recent?(after: Position): readonly Change[] | undefined;
}

/** Changes in a row, ready to be written. */
export interface Piece {
  readonly batch: Batch;
  /** The last change in it. */
  readonly through: number;
}

/** The changes after `after`, `most` at most, durable ones only; `undefined` where the journal does not keep them any more. Gives way to others. */
export async function changesAfter(source: ChangeSource, after: number, most: number): Promise<Piece | undefined> {
  const { journal } = source;
  const last = Math.min(journal.keptSeq, after + most);
  const recent = source.recent?.(journal.epochs.positionOf(after));
  const pause = pauser();
  const builder = new BatchBuilder();
  let through = after;
  while (through < last && builder.bytes < BATCH_BYTES) {
    const seq = through + 1;
    const change = recent?.[seq - after - 1] ?? journal.change(seq) ?? lostChange(journal, seq);
    if (change === undefined && seq < journal.oldestSeq) return undefined;
    if (change !== undefined) builder.take(change);
    through = seq;
    if (pause.isDue()) await pause.now();
  }
  return { batch: builder.batch(), through };
}

/** One change as far as it ends what was there before it, for where what it began cannot be written. */
export function endingOf(source: ChangeSource, seq: number): Batch {
  const { journal } = source;
  const builder = new BatchBuilder();
  const change = journal.change(seq) ?? lostChange(journal, seq);
  if (change === undefined) return builder.batch();
  if ('lost' in change) builder.take(change);
  else if (isElementChange(change) && (change.op === 'updated' || change.op === 'removed')) {
    const { element, at, before } = change;
    builder.take({ lost: true, seq, at, kind: element.kind, id: element.id, from: (before ?? element).updatedAt, ends: endsOf(element) });
  }
  return builder.batch();
}

/** A repair could not read the change: the element is gone from there on. */
function lostChange(journal: Journal, seq: number): LostChange | undefined {
  const block = journal.timeline.blockOf(seq);
  const index = block === undefined ? 0 : seq - block.firstSeq;
  const ordinal = block?.ordinal[index] ?? COVERAGE_ORDINAL;
  const previous = block?.previous[index] ?? 0;
  if (block?.op[index] !== OP.lost || ordinal === COVERAGE_ORDINAL || previous <= 0) return undefined;
  const before = journal.revision(previous);
  return { lost: true, seq, at: block.at[index]!, kind: before.kind, id: before.id, from: before.updatedAt, ends: endsOf(before) };
}

const endsOf = (element: Revision): readonly [string, string] | undefined =>
  element.kind === 'edge' ? [element.parent, element.child] : undefined;

/** The graph that the journal begins with, where earlier changes were dropped: seqs of its revisions, nodes first. */
export async function baseOf(journal: Journal, seq: number): Promise<readonly number[]> {
  const raw = (await versionsAt(journal, seq)).raw();
  const nodes: number[] = [];
  const edges: number[] = [];
  for (let ordinal = 1; ordinal < raw.length; ordinal++)
    if (raw[ordinal]! > 0) (isEdgeOrdinal(ordinal) ? edges : nodes).push(raw[ordinal]!);
  return [...nodes, ...edges];
}

/** Some of those revisions, ready to be written. */
export async function basePiece(journal: Journal, seqs: readonly number[]): Promise<Batch> {
  const pause = pauser();
  const builder = new BatchBuilder();
  for (const seq of seqs) {
    builder.takeStanding(journal.revision(seq));
    if (pause.isDue()) await pause.now();
  }
  return builder.batch();
}
