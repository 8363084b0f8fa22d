import type { ElementKind } from '../graph/element.js';
import type { HeaderBlock } from './block.js';
import type { Coverage } from './coverage.js';
import { MINUTE_MS } from './counts.js';
import type { Journal } from './journal.js';
import { indexKey, markKey, seqKey, u32Key } from './layout.js';
import { isEdgeOrdinal } from './ordinals.js';
import type { WriteOp } from './orderedStore.js';
import { supersededRows } from './rows.js';
import { COVERAGE_ORDINAL, versionAfter, type VersionMap } from './versions.js';
import { versionsAt } from './walk.js';

/** Changes whose remains are removed in one write. */
const CHANGES_PER_SLICE = 1_024;

/** Keys in one write when the number is not bounded by changes. */
const WRITES_PER_SLICE = 4_096;

/**
 * Takes away the changes up to `seq` (durable ones) and keeps what answers for that instant and later: an anchor there, and the revisions that stood.
 * In slices, each a transaction; one that is interrupted is continued by the next call.
 */
export async function pruneJournal(journal: Journal, coverage: Coverage, seq: number): Promise<void> {
  const { horizon, anchors, timeline } = journal;
  if (seq <= horizon.prunedThrough || seq > journal.keptSeq) return;
  await journal.index.writeThrough(seq);
  const versions = await versionsAt(journal, seq);
  const ops: WriteOp[] = [];
  const at = timeline.atOf(seq)!;
  if (!anchors.seqs.includes(seq)) anchors.writes(seq, versions, ops);
  await horizon.move(seq, at, ops);
  if (!anchors.seqs.includes(seq)) anchors.added(seq);
  const touched = await cleanChanges(journal, coverage, seq);
  await cleanRows(journal, touched, seq);
  await cleanOrdinals(journal, touched, versions, seq);
  await cleanRest(journal, coverage, seq, at);
}

/** Removes bodies, index entries and whole blocks; a revision goes when the change that replaced it goes. Returns the ordinals that were met. */
async function cleanChanges(journal: Journal, coverage: Coverage, seq: number): Promise<Set<number>> {
  const touched = new Set<number>();
  const keptGaps = new Set(coverage.entriesStanding(seq));
  while (journal.horizon.cleanedThrough < seq) {
    const from = journal.horizon.cleanedThrough;
    const through = Math.min(seq, from + CHANGES_PER_SLICE);
    const ops: WriteOp[] = [];
    for (const block of journal.timeline.between(from, through)) {
      const end = Math.min(block.count, through - block.firstSeq + 1);
      for (let index = Math.max(0, from + 1 - block.firstSeq); index < end; index++) cleanChange(block, index, keptGaps, touched, ops);
      if (block.lastSeq > through) continue;
      ops.push({ table: 'blocks', key: seqKey(block.firstSeq), value: undefined });
      ops.push({ table: 'marks', key: markKey(block.at[0]!, block.firstSeq), value: undefined });
    }
    await journal.horizon.clean(through, ops);
  }
  return touched;
}

function cleanChange(block: HeaderBlock, index: number, keptGaps: ReadonlySet<number>, touched: Set<number>, ops: WriteOp[]): void {
  const seq = block.firstSeq + index;
  const ordinal = block.ordinal[index]!;
  if (ordinal === COVERAGE_ORDINAL) {
    if (!keptGaps.has(seq)) removeChange(ordinal, seq, ops);
    return;
  }
  touched.add(ordinal);
  const replaced = Math.abs(block.previous[index]!);
  if (replaced !== 0) removeChange(ordinal, replaced, ops);
  if (versionAfter(block.op[index]!, seq) === 0) removeChange(ordinal, seq, ops);
}

function removeChange(ordinal: number, seq: number, ops: WriteOp[]): void {
  ops.push({ table: 'bodies', key: seqKey(seq), value: undefined });
  ops.push({ table: 'index', key: indexKey(ordinal, seq), value: undefined });
}

async function cleanRows(journal: Journal, touched: ReadonlySet<number>, seq: number): Promise<void> {
  let ops: WriteOp[] = [];
  for (const ordinal of touched) {
    const versions = journal.store.range('rows', { from: u32Key(ordinal), to: u32Key(ordinal + 1) });
    for (const key of supersededRows(versions, journal.codec, seq)) ops.push({ table: 'rows', key: Buffer.from(key), value: undefined });
    if (ops.length < WRITES_PER_SLICE) continue;
    await journal.store.write(ops);
    ops = [];
  }
  if (ops.length > 0) await journal.store.write(ops);
}

/** Forgets the numbers of elements of which nothing is left. Nodes that a waiting edge names keep theirs. */
async function cleanOrdinals(journal: Journal, touched: ReadonlySet<number>, versions: VersionMap, seq: number): Promise<void> {
  const { ordinals } = journal;
  const named = new Set<number>();
  for (const map of [versions, journal.versions]) {
    map.raw().forEach((version, ordinal) => {
      if (version >= 0) return;
      named.add(ordinals.parentOf(ordinal)).add(ordinals.childOf(ordinal));
    });
  }
  const gone = [...touched].filter((ordinal) => versions.get(ordinal) === 0 && !named.has(ordinal));
  for (let from = 0; from < gone.length; from += CHANGES_PER_SLICE) {
    const ops: WriteOp[] = [];
    const retired: (readonly [ElementKind, string])[] = [];
    for (const ordinal of gone.slice(from, from + CHANGES_PER_SLICE)) {
      if (journal.versions.get(ordinal) !== 0 || !journal.changesOf(ordinal, seq, journal.lastSeq).next().done) continue;
      const kind: ElementKind = isEdgeOrdinal(ordinal) ? 'edge' : 'node';
      const id = ordinals.idOf(ordinal);
      ordinals.retire(kind, ordinal, ops);
      retired.push([kind, id]);
    }
    await journal.store.write(ops);
    for (const [kind, id] of retired) ordinals.retired(kind, id);
  }
}

async function cleanRest(journal: Journal, coverage: Coverage, seq: number, at: number): Promise<void> {
  const ops: WriteOp[] = [];
  // A gap's beginning may be older than what an earlier call took away: it stood until the gap was closed.
  for (const opened of coverage.prune(seq)) removeChange(COVERAGE_ORDINAL, opened, ops);
  journal.anchors.removeBefore(seq, ops);
  for (const [minute] of journal.counts.minutes(0, Math.floor(at / MINUTE_MS)))
    ops.push({ table: 'counts', key: u32Key(minute), value: undefined });
  await journal.store.write(ops);
}
