import type { Change, CoverageChange, ElementChange, RowChanges } from '../graph/change.js';
import { isElementChange } from '../graph/change.js';
import type { ElementId, ElementKind, Revision, Table } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import { allRows } from '../graph/tables.js';
import { Anchors } from './anchors.js';
import { OP, type OpCode } from './block.js';
import { decodeBody, encodeChange, encodeCoverage, isStoredCoverage, toRevision, type StoredChange } from './body.js';
import { opOf } from './changeOp.js';
import { Codec } from './codec.js';
import type { Progress } from './contracts.js';
import { Counts } from './counts.js';
import { ElementIndex } from './elementIndex.js';
import { Epochs, type Verdict } from './epochs.js';
import { Horizon } from './horizon.js';
import { damaged, seqKey, textKey } from './layout.js';
import { Ordinals } from './ordinals.js';
import { pauser } from './pause.js';
import { ReadChange } from './readChange.js';
import { readRow, rowWrites, StoredTable } from './rows.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';
import { Timeline } from './timeline.js';
import { COVERAGE_ORDINAL, versionAfter, type VersionMap } from './versions.js';
import { mergeRows, removals, withWholeTables } from './wholeRows.js';

/** An anchor is written after this many changes, or after as many as there are elements, whichever is more: eight bytes a change at most. */
const CHANGES_BETWEEN_ANCHORS = 50_000;

/** The changes being made durable. Kept until the disk took them, so that a refusal loses nothing. */
interface Commit {
  readonly ops: readonly WriteOp[];
  readonly through: number;
  readonly progress: readonly Progress[];
  readonly anchor: number | undefined;
}

/** An element that is there, or an edge that waits for an end, as a start finds it. */
export interface Restored {
  readonly revision: Revision;
  readonly isSuspended: boolean;
}

/**
 * The system of record: every change in order, with the origins' progress. Changes are staged at once (readers see them) and become durable by `commit`;
 * one commit is on its way at a time. Seqs are dense.
 */
export class Journal {
  readonly store: OrderedStore;
  readonly codec: Codec;
  readonly ordinals: Ordinals;
  readonly timeline: Timeline;
  readonly anchors: Anchors;
  readonly counts: Counts;
  readonly epochs: Epochs;
  readonly horizon: Horizon;
  readonly index: ElementIndex;
  /** Which revision each element has at the end of what is staged. */
  readonly versions: VersionMap;
  readonly #progress: Map<string, Progress>;
  readonly #present: (Revision | undefined)[] = [];
  #staged: Change[] = [];
  #keptSeq: number;
  #commit: Commit | undefined;
  #elementCount = 0;

  private constructor(store: OrderedStore) {
    this.store = store;
    this.codec = new Codec(store);
    this.ordinals = new Ordinals(store);
    this.timeline = new Timeline(store);
    this.anchors = new Anchors(store);
    this.counts = new Counts(store);
    this.epochs = new Epochs(store);
    this.horizon = new Horizon(store);
    this.index = new ElementIndex(store, this.timeline, this.horizon.prunedThrough);
    this.#keptSeq = this.timeline.lastSeq;
    this.#progress = loadProgress(store, this.codec);
    this.versions = this.#readVersions();
    for (const version of this.versions.raw()) if (version !== 0) this.#elementCount++;
  }

  /** Reads what a start needs and makes a new epoch durable before anything is served. Throws `DATA_DAMAGED`, `STORE_UNAVAILABLE`. */
  static async open(store: OrderedStore, startedAt: number): Promise<Journal> {
    const journal = new Journal(store);
    await journal.epochs.begin(journal.lastSeq + 1, startedAt);
    return journal;
  }

  /** Of the last staged change. */
  get lastSeq(): number {
    return this.timeline.lastSeq;
  }

  /** Of the last durable change. */
  get keptSeq(): number {
    return this.#keptSeq;
  }

  /** Seq of the first change that can still be read; the graph can be asked for from `oldestSeq - 1` on. */
  get oldestSeq(): number {
    return this.horizon.prunedThrough + 1;
  }

  /** The earliest instant whose graph is known. */
  get oldestAt(): number {
    return this.horizon.prunedAt ?? this.epochs.beganAt;
  }

  /** Whether what a cursor says can be continued. */
  check(position: Position): Verdict {
    return this.epochs.check(position, this.lastSeq, this.horizon.prunedThrough);
  }

  /** Whether a commit was refused by the disk and waits for `retry`. */
  get hasRefused(): boolean {
    return this.#commit !== undefined;
  }

  /** Elements that were there when the journal was opened, and edges that wait, in no order. Their tables are whole. */
  *restore(): Generator<Restored> {
    const raw = this.versions.raw();
    for (let ordinal = 1; ordinal < raw.length; ordinal++) {
      const version = raw[ordinal]!;
      if (version === 0) continue;
      const revision = withWholeTables(this.revision(Math.abs(version)));
      this.ordinals.learn(revision.kind, revision.id, ordinal);
      if (version > 0) this.#present[ordinal] = revision;
      yield { revision, isSuspended: version < 0 };
    }
    this.#present.forEach((revision, ordinal) => {
      if (revision?.kind === 'edge') this.ordinals.learnEnds(ordinal, revision.parent, revision.child);
    });
  }

  /** The newest revision of an element that is there; shared with the live graph. */
  present(ordinal: number): Revision | undefined {
    return this.#present[ordinal];
  }

  /** Takes changes as they happen; every reader sees them from now on. */
  stage(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#staged.push(change);
      if (!isElementChange(change)) {
        const op = change.op === 'gapOpened' ? OP.gapOpened : OP.gapClosed;
        this.timeline.append(change.seq, COVERAGE_ORDINAL, 0, change.at, op);
        this.index.append(COVERAGE_ORDINAL, op);
        continue;
      }
      const { element } = change;
      const ends = element.kind === 'edge' ? ([element.parent, element.child] as const) : undefined;
      const ordinal = this.ordinals.take(element.kind, element.id, ends);
      const before = this.versions.get(ordinal);
      const op = opOf(change);
      this.timeline.append(change.seq, ordinal, before, change.at, op);
      this.index.append(ordinal, op);
      const after = versionAfter(op, change.seq);
      this.versions.set(ordinal, after);
      this.#present[ordinal] = after > 0 ? element : undefined;
      this.#elementCount += Number(after !== 0) - Number(before !== 0);
    }
  }

  /**
   * Makes the staged changes up to `through` durable, together with the progress. Throws `STORE_UNAVAILABLE` when the disk refuses: call `retry`
   * until it takes them; nothing else can be committed before.
   */
  async commit(through: number, progress: readonly Progress[]): Promise<void> {
    this.#commit = await this.#encode(through, progress);
    await this.retry();
  }

  /** Offers a refused commit to the disk again. */
  async retry(): Promise<void> {
    const commit = this.#commit;
    if (commit === undefined) return;
    await this.store.write(commit.ops);
    this.#commit = undefined;
    const kept = this.#staged.splice(0, commit.through - this.#keptSeq);
    this.#keptSeq = commit.through;
    this.timeline.dropKept(commit.through);
    this.index.committed();
    if (commit.anchor !== undefined) this.anchors.added(commit.anchor);
    for (const entry of commit.progress) this.#progress.set(entry.origin, entry);
    this.#forgetRemoved(kept);
  }

  /** Durable progress of an origin. */
  progressOf(origin: string): Progress | undefined {
    return this.#progress.get(origin);
  }

  /** The change, staged or durable; `undefined` when it was pruned or never was. Throws `DATA_DAMAGED`. */
  change(seq: number): Change | undefined {
    if (seq > this.#keptSeq) return this.#staged[seq - this.#keptSeq - 1];
    const stored = this.#read(seq);
    if (stored === undefined) return undefined;
    return isStoredCoverage(stored) ? stored : new ReadChange(stored, this.#toRevision(stored), this);
  }

  /** The revision that the change `seq` made. Throws `DATA_DAMAGED` when it is not there. */
  revision(seq: number): Revision {
    if (seq > this.#keptSeq) {
      const staged = this.#staged[seq - this.#keptSeq - 1];
      if (staged !== undefined && isElementChange(staged)) return staged.element;
    }
    const stored = this.#read(seq);
    if (stored === undefined || isStoredCoverage(stored)) throw damaged(`change ${seq} is missing`);
    return this.#toRevision(stored);
  }

  /** The rows that the change of the element touched, as it left them. */
  rowsOf(ordinal: number, seq: number, rowKeys: StoredChange['rowKeys']): RowChanges | undefined {
    if (rowKeys === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(rowKeys).map(([table, keys]) => [
        table,
        Object.fromEntries(keys.map((key) => [key, readRow(this.store, this.codec, ordinal, table, key, seq) ?? null])),
      ]),
    );
  }

  /** Seq of the revision that the element had after the change `seq`: 0 for none, negative while suspended. */
  versionAt(ordinal: number, seq: number): number {
    return seq >= this.lastSeq ? this.versions.get(ordinal) : this.index.versionAt(ordinal, seq);
  }

  /** Seqs of the element's changes after `after` up to `to`, newest first. */
  changesOf(ordinal: number, after: number, to: number): Generator<number> {
    return this.index.seqsOf(ordinal, Math.max(after, this.oldestSeq - 1), Math.min(to, this.lastSeq));
  }

  ordinalOf(kind: ElementKind, id: ElementId): number | undefined {
    return this.ordinals.find(kind, id);
  }

  /** Durable coverage entries, oldest first, also those of before the horizon whose gap lasted longer. */
  *coverage(): Generator<CoverageChange> {
    for (const seq of [...this.index.seqsOf(COVERAGE_ORDINAL, 0, this.keptSeq)].reverse()) {
      const change = this.change(seq);
      if (change !== undefined && !isElementChange(change)) yield change;
    }
  }

  async #encode(through: number, progress: readonly Progress[]): Promise<Commit> {
    const ops: WriteOp[] = [];
    const pause = pauser();
    for (let seq = this.#keptSeq + 1; seq <= through; seq++) {
      this.#encodeChange(seq, ops);
      if (pause.isDue()) await pause.now();
    }
    this.ordinals.takeWrites(ops);
    this.codec.takeWrites(ops);
    this.timeline.takeWrites(this.#keptSeq, through, ops);
    this.counts.takeWrites(ops);
    this.index.takeWrites(through, through - this.#keptSeq, ops);
    for (const entry of progress) {
      ops.push({ table: 'progress', key: textKey(entry.origin), value: this.codec.encode([entry.incarnation, entry.lastDelta]) });
    }
    this.codec.takeWrites(ops);
    const isAnchorDue = through - this.anchors.last >= Math.max(CHANGES_BETWEEN_ANCHORS, this.#elementCount);
    if (isAnchorDue) {
      const versions = this.versions.copy();
      this.#moveBack(versions, this.lastSeq, through);
      this.anchors.writes(through, versions, ops);
    }
    return { ops, through, progress, anchor: isAnchorDue ? through : undefined };
  }

  #encodeChange(seq: number, ops: WriteOp[]): void {
    const change = this.#staged[seq - this.#keptSeq - 1]!;
    const block = this.timeline.blockOf(seq)!;
    const index = seq - block.firstSeq;
    const ordinal = block.ordinal[index]!;
    const op = block.op[index]! as OpCode;
    const body = isElementChange(change)
      ? encodeChange(this.codec, change, op, ordinal, Math.max(0, block.previous[index]!))
      : encodeCoverage(this.codec, change);
    ops.push({ table: 'bodies', key: seqKey(seq), value: body });
    this.counts.add(change.at, op);
    if (!isElementChange(change)) return;
    rowWrites(this.codec, ordinal, seq, this.#storedRows(change, op, block.previous[index]!), ops);
  }

  /** The rows to write so that versions up to this change give exactly the tables of its revision. */
  #storedRows(change: ElementChange, op: OpCode, previous: number): RowChanges | undefined {
    // Rows end with the element: another life of the same id must not find them.
    if (op === OP.removed || op === OP.forgotten) return removals(change.element);
    const { rows, element } = change;
    // What an edge that waits is said to have may change unseen, and is then told as a whole.
    if (element.kind === 'node' || previous === 0 || op === OP.updated) return rows;
    return mergeRows(removals(this.revision(Math.abs(previous))), allRows(element.tables));
  }

  #read(seq: number): StoredChange | CoverageChange | undefined {
    const sealed = this.store.get('bodies', seqKey(seq));
    return sealed === undefined ? undefined : decodeBody(this.codec, sealed, seq);
  }

  #toRevision(stored: StoredChange): Revision {
    // A removal takes the rows with it, and still shows the element as it was last.
    const seq = stored.op === OP.removed || stored.op === OP.forgotten ? stored.seq - 1 : stored.seq;
    return toRevision(stored.seq, stored.fields, (name): Table => new StoredTable(this.store, this.codec, stored.ordinal, name, seq));
  }

  #readVersions(): VersionMap {
    const { last } = this.anchors;
    const versions = this.anchors.at(last);
    for (const block of this.timeline.between(last, this.lastSeq))
      versions.forward(block, Math.max(0, last + 1 - block.firstSeq), block.count);
    return versions;
  }

  #moveBack(versions: VersionMap, from: number, to: number): void {
    for (const block of this.timeline.between(to, from).reverse()) {
      versions.backward(block, Math.max(0, to + 1 - block.firstSeq), Math.min(block.count, from - block.firstSeq + 1));
    }
  }

  #forgetRemoved(kept: readonly Change[]): void {
    for (const change of kept) {
      if (!isElementChange(change) || change.op !== 'removed') continue;
      const { kind, id } = change.element;
      const ordinal = this.ordinals.find(kind, id);
      if (ordinal !== undefined && this.versions.get(ordinal) === 0) this.ordinals.forget(kind, ordinal);
    }
  }
}

function loadProgress(store: OrderedStore, codec: Codec): Map<string, Progress> {
  const progress = new Map<string, Progress>();
  for (const { key, value } of store.range('progress', { from: Buffer.from([0]), to: Buffer.from([255]) })) {
    const origin = key.toString('utf8');
    const [incarnation, lastDelta] = codec.decode(value, () => `the progress of ${origin}`) as [string, number];
    progress.set(origin, { origin, incarnation, lastDelta });
  }
  return progress;
}
