import type { ElementChange } from '../graph/change.js';
import type { ElementKind } from '../graph/element.js';
import { Anchors } from './anchors.js';
import { OP, type OpCode } from './block.js';
import { decodeBody, encodeChange, isStoredCoverage, rewriteChange, toRevision, type StoredChange } from './body.js';
import { Codec } from './codec.js';
import { Counts } from './counts.js';
import { indexedMark } from './elementIndex.js';
import { indexKey, seqKey } from './layout.js';
import { isEdgeOrdinal, Ordinals } from './ordinals.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';
import type { OnProgress, Salvage } from './salvage.js';
import { Timeline } from './timeline.js';
import { COVERAGE_ORDINAL, versionAfter, VersionMap } from './versions.js';

const WRITES_AT_ONCE = 5_000;
const REPORT_EVERY = 20_000;

export interface Rebuilt {
  readonly kept: number;
  /** Seqs that were given to changes that cannot be read any more. */
  readonly lost: number;
  /** Edges that had lost an end and were removed at the end of the log. */
  readonly removedEdges: number;
}

/**
 * Makes a whole journal of the changes that can be read: headers, indexes, numbers, counts and anchors are made anew from them. A change that is lost
 * keeps its place in the log and does nothing; those after it are told as what they do now (an update of what is not there adds it).
 */
export class Rebuild {
  readonly #salvage: Salvage;
  readonly #store: OrderedStore;
  readonly #codec: Codec;
  readonly #ordinals: Ordinals;
  readonly #timeline: Timeline;
  readonly #anchors: Anchors;
  readonly #counts: Counts;
  readonly #versions = new VersionMap();
  #ops: WriteOp[] = [];
  #writtenSeq = 0;

  /** `store` is empty but for the dictionary of the damaged journal. */
  constructor(salvage: Salvage, store: OrderedStore) {
    this.#salvage = salvage;
    this.#store = store;
    this.#codec = new Codec(store);
    this.#ordinals = new Ordinals(store);
    this.#timeline = new Timeline(store);
    this.#anchors = new Anchors(store);
    this.#counts = new Counts(store);
  }

  async run(prunedThrough: number, report: OnProgress): Promise<Rebuilt> {
    const seqs = this.#salvage.seqs();
    for (const seq of seqs) this.#numberElement(seq);
    let lost = 0;
    let done = 0;
    for (const seq of seqs.filter((each) => each <= prunedThrough)) this.#keepStanding(seq);
    if (prunedThrough > 0) {
      this.#timeline.startAfter(prunedThrough);
      this.#anchors.writes(prunedThrough, this.#versions, this.#ops);
    }
    this.#writtenSeq = prunedThrough;
    for (const seq of seqs) {
      if (seq <= prunedThrough) continue;
      for (; this.#timeline.lastSeq < seq - 1; lost++)
        this.#fill(this.#timeline.lastSeq + 1, this.#salvage.atOf(seq) ?? this.#timeline.lastAt);
      this.#keep(seq);
      if (this.#ops.length >= WRITES_AT_ONCE) await this.#flush();
      if (++done % REPORT_EVERY === 0) report({ step: 'writing changes', done, total: seqs.length });
    }
    const removedEdges = this.#removeDangling();
    this.#ops.push(indexedMark(this.#timeline.lastSeq));
    await this.#flush();
    return { kept: done, lost, removedEdges };
  }

  /** Elements keep the numbers that rows and headers know them by. */
  #numberElement(seq: number): void {
    const change = this.#read(seq);
    if (change !== undefined) this.#ordinals.adopt(change.ordinal, change.fields.id);
  }

  /** A revision of before the horizon that still stood there. */
  #keepStanding(seq: number): void {
    const change = this.#read(seq);
    this.#ops.push({ table: 'bodies', key: seqKey(seq), value: this.#salvage.bodyOf(seq)! });
    const ordinal = change?.ordinal ?? COVERAGE_ORDINAL;
    this.#ops.push({ table: 'index', key: indexKey(ordinal, seq), value: Buffer.from([change?.op ?? OP.gapOpened]) });
    if (change === undefined) return;
    this.#adoptEnds(change);
    this.#versions.set(ordinal, versionAfter(change.op, seq));
  }

  #fill(seq: number, at: number): void {
    this.#timeline.append(seq, COVERAGE_ORDINAL, 0, Math.max(at, this.#timeline.lastAt), OP.lost);
  }

  #keep(seq: number): void {
    const sealed = this.#salvage.bodyOf(seq)!;
    const change = decodeBody(this.#codec, sealed, seq);
    if (isStoredCoverage(change)) {
      const op = change.op === 'gapOpened' ? OP.gapOpened : OP.gapClosed;
      this.#append(seq, COVERAGE_ORDINAL, 0, change.at, op, sealed);
      return;
    }
    this.#adoptEnds(change);
    const before = this.#versions.get(change.ordinal);
    const op = this.#opNow(change, before);
    const previous = Math.max(0, before);
    const isSame = op === change.op && previous === change.previous;
    this.#append(seq, change.ordinal, before, change.at, op, isSame ? sealed : rewriteChange(this.#codec, sealed, seq, op, previous));
  }

  #append(seq: number, ordinal: number, before: number, at: number, op: OpCode, body: Buffer): void {
    this.#timeline.append(seq, ordinal, before, at, op);
    if (ordinal !== COVERAGE_ORDINAL) this.#versions.set(ordinal, versionAfter(op, seq));
    this.#counts.add(at, op);
    this.#ops.push({ table: 'bodies', key: seqKey(seq), value: body });
    this.#ops.push({ table: 'index', key: indexKey(ordinal, seq), value: Buffer.from([op]) });
  }

  /** What the change does, given what is there now. */
  #opNow({ op, fields }: StoredChange, before: number): OpCode {
    const isThere = before > 0;
    switch (op) {
      case OP.added:
      case OP.updated: {
        if (fields.ends !== undefined && !fields.ends.every((id) => this.#isVisible('node', id))) return OP.suspended;
        return isThere ? OP.updated : OP.added;
      }
      case OP.removed:
        return isThere ? OP.removed : OP.forgotten;
      case OP.removedWaiting:
        return isThere ? OP.removedWaiting : OP.suspended;
      default:
        return op;
    }
  }

  /** Edges whose own removal is lost are removed where the log ends. */
  #removeDangling(): number {
    let removed = 0;
    const raw = this.#versions.raw().slice();
    for (let ordinal = 1; ordinal < raw.length; ordinal += 2) {
      const version = raw[ordinal]!;
      if (version <= 0) continue;
      const { fields } = decodeBody(this.#codec, this.#salvage.bodyOf(version)!, version) as StoredChange;
      if (fields.ends!.every((id) => this.#isVisible('node', id))) continue;
      const seq = this.#timeline.lastSeq + 1;
      const at = this.#timeline.lastAt;
      const before = toRevision(version, { ...fields, tables: undefined }, () => {
        throw new Error('an edge without tables was asked for one');
      });
      const change: ElementChange = {
        seq,
        at,
        observedAt: at,
        op: 'removed',
        element: { ...before, seq, deletedAt: at, revision: before.revision + 1 },
        before,
        reason: 'REMOVED',
        rows: undefined,
      };
      this.#append(seq, ordinal, version, at, OP.removed, encodeChange(this.#codec, change, OP.removed, ordinal, version));
      removed++;
    }
    return removed;
  }

  #isVisible(kind: ElementKind, id: string): boolean {
    const ordinal = this.#ordinals.find(kind, id);
    return ordinal !== undefined && this.#versions.get(ordinal) > 0;
  }

  #adoptEnds({ ordinal, fields }: StoredChange): void {
    if (isEdgeOrdinal(ordinal) && fields.ends !== undefined) this.#ordinals.adoptEnds(ordinal, fields.ends);
  }

  #read(seq: number): StoredChange | undefined {
    const change = decodeBody(this.#codec, this.#salvage.bodyOf(seq)!, seq);
    return isStoredCoverage(change) ? undefined : change;
  }

  async #flush(): Promise<void> {
    const ops = this.#ops;
    this.#ops = [];
    this.#ordinals.takeWrites(ops);
    this.#codec.takeWrites(ops);
    this.#timeline.takeWrites(this.#writtenSeq, this.#timeline.lastSeq, ops);
    this.#counts.takeWrites(ops);
    await this.#store.write(ops);
    this.#writtenSeq = this.#timeline.lastSeq;
    this.#timeline.dropKept(this.#writtenSeq);
  }
}
