import { OP } from './block.js';
import { indexKey, LAST_SEQ, seal, seqOfKey, textKey, unseal } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';
import type { Timeline } from './timeline.js';
import { versionAfter } from './versions.js';

const INDEXED = textKey('indexed');

/** Entries that are sorted and then written with the commits that follow. */
const RUN = 65_536;

/** Entries of the run that go with each change committed: more than one, so that a run is out before the next is due. */
const WRITTEN_PER_CHANGE = 1.25;

/** Entries in one write when the index is brought up to a place. */
const WRITES_PER_SLICE = 4_096;

/** Chains of entries in memory; a power of two. */
const CHAINS = 65_536;

const OP_BYTES = Object.values(OP).map((op) => Buffer.from([op]));

/** A sorted part of the newest entries on its way to the disk. */
interface Run {
  /** `ordinal * runLength + place`, ascending. */
  readonly keys: Float64Array;
  readonly firstSeq: number;
  readonly through: number;
  next: number;
}

/**
 * The changes of each element in order: older ones in the table `index`, newer ones in memory. Each commit would touch as many pages of the table as it
 * has changes, because elements change in any order; written late, in the order of the elements, they share pages: a quarter of all bytes goes to disk.
 * The headers have the same facts, so that a crash loses nothing.
 */
export class ElementIndex {
  readonly #store: OrderedStore;
  readonly #runLength: number;
  /** The table has all entries up to this change. */
  #written: number;
  /** Entries after it, by place: element, operation, and how many places before it the entry before it in its chain is (0: none). */
  #count = 0;
  #ordinals = new Uint32Array(1_024);
  #ops = new Uint8Array(1_024);
  #links = new Uint32Array(1_024);
  /** Seq of the newest entry of each chain. */
  readonly #heads = new Float64Array(CHAINS);
  #run: Run | undefined;
  #runOnItsWay = 0;
  #isHeld = false;

  /** `prunedThrough`: what is not kept any more is not indexed either. Throws `DATA_DAMAGED`. */
  constructor(store: OrderedStore, timeline: Timeline, prunedThrough: number, runLength = RUN) {
    this.#store = store;
    this.#runLength = runLength;
    const stored = store.get('meta', INDEXED);
    const marked = stored === undefined ? 0 : unseal(stored, () => 'the mark of what is indexed').readDoubleLE(0);
    this.#written = Math.max(marked, prunedThrough);
    for (const block of timeline.between(this.#written, timeline.lastSeq)) {
      for (let place = Math.max(0, this.#written + 1 - block.firstSeq); place < block.count; place++)
        this.append(block.ordinal[place]!, block.op[place]!);
    }
  }

  /** The next change of the log. */
  append(ordinal: number, op: number): void {
    if (this.#count === this.#ordinals.length) this.#grow();
    const place = this.#count++;
    const seq = this.#written + 1 + place;
    const chain = chainOf(ordinal);
    const before = this.#heads[chain]!;
    this.#ordinals[place] = ordinal;
    this.#ops[place] = op;
    this.#links[place] = before > this.#written ? seq - before : 0;
    this.#heads[chain] = seq;
  }

  /** Seqs of the element's changes after `after` up to `to`, newest first. Walk it within one turn of the event loop. */
  *seqsOf(ordinal: number, after: number, to: number): Generator<number> {
    for (let seq = this.#newest(ordinal, to); seq > after; seq = this.#newest(ordinal, to, this.#linked(seq))) yield seq;
    const end = Math.min(to, this.#written, LAST_SEQ - 1) + 1;
    if (end <= after + 1) return;
    const range = { from: indexKey(ordinal, after + 1), to: indexKey(ordinal, end), reverse: true };
    for (const { key } of this.#store.range('index', range)) yield seqOfKey(key, 4);
  }

  /** Seq of the revision that the element had after the change `seq`: 0 for none, negative while suspended. */
  versionAt(ordinal: number, seq: number): number {
    const newest = this.#newest(ordinal, seq);
    if (newest > 0) return versionAfter(this.#ops[this.#placeOf(newest)]!, newest);
    const to = indexKey(ordinal, Math.min(seq, this.#written) + 1);
    const [entry] = this.#store.range('index', { from: indexKey(ordinal, 0), to, reverse: true, limit: 1 });
    return entry === undefined ? 0 : versionAfter(entry.value[0]!, seqOfKey(entry.key, 4));
  }

  /** Writes of older entries that go with a commit of `count` changes up to `through`; call `committed` when they are durable. */
  takeWrites(through: number, count: number, ops: WriteOp[]): void {
    if (this.#run === undefined && !this.#isHeld && through - this.#written >= this.#runLength) this.#run = this.#startRun();
    const run = this.#run;
    if (run === undefined) return;
    const stop = Math.min(run.keys.length, run.next + Math.ceil(count * WRITTEN_PER_CHANGE));
    for (; run.next < stop; run.next++) {
      const key = run.keys[run.next]!;
      this.#write(Math.floor(key / this.#runLength), run.firstSeq + (key % this.#runLength), ops);
    }
    if (stop < run.keys.length) return;
    ops.push(indexedMark(run.through));
    this.#runOnItsWay = run.through;
    this.#run = undefined;
  }

  committed(): void {
    if (this.#runOnItsWay > this.#written) this.#drop(this.#runOnItsWay);
  }

  /** Brings the table up to the change, in slices: before anything is taken away from it. The changes have to be durable. */
  async writeThrough(seq: number): Promise<void> {
    this.#isHeld = true;
    this.#run = undefined;
    try {
      while (this.#written < seq) {
        const through = Math.min(seq, this.#written + WRITES_PER_SLICE);
        const ops: WriteOp[] = [indexedMark(through)];
        for (let each = this.#written + 1; each <= through; each++) this.#write(this.#ordinals[this.#placeOf(each)]!, each, ops);
        await this.#store.write(ops);
        if (through > this.#written) this.#drop(through);
      }
    } finally {
      this.#isHeld = false;
    }
  }

  /** The newest change of the element in memory that is not after `seq`, looked for along the chain from `start`; 0 when there is none. */
  #newest(ordinal: number, seq: number, start = this.#heads[chainOf(ordinal)]!): number {
    for (let each = start; each > this.#written; each = this.#linked(each)) {
      const place = this.#placeOf(each);
      if (each <= seq && this.#ordinals[place] === ordinal && this.#ops[place] !== OP.lost) return each;
    }
    return 0;
  }

  /** The entry before in the same chain; 0 for none. */
  #linked(seq: number): number {
    const link = this.#links[this.#placeOf(seq)]!;
    return link === 0 ? 0 : seq - link;
  }

  #placeOf(seq: number): number {
    return seq - this.#written - 1;
  }

  #write(ordinal: number, seq: number, ops: WriteOp[]): void {
    const op = this.#ops[this.#placeOf(seq)]!;
    if (op !== OP.lost) ops.push({ table: 'index', key: indexKey(ordinal, seq), value: OP_BYTES[op]! });
  }

  #startRun(): Run {
    const length = this.#runLength;
    const keys = Float64Array.from(this.#ordinals.subarray(0, length), (ordinal, place) => ordinal * length + place).sort();
    return { keys, firstSeq: this.#written + 1, through: this.#written + length, next: 0 };
  }

  #drop(through: number): void {
    const gone = through - this.#written;
    this.#ordinals.copyWithin(0, gone, this.#count);
    this.#ops.copyWithin(0, gone, this.#count);
    this.#links.copyWithin(0, gone, this.#count);
    this.#count -= gone;
    this.#written = through;
  }

  #grow(): void {
    const { length } = this.#ordinals;
    const ordinals = new Uint32Array(length * 2);
    const ops = new Uint8Array(length * 2);
    const links = new Uint32Array(length * 2);
    ordinals.set(this.#ordinals);
    ops.set(this.#ops);
    links.set(this.#links);
    this.#ordinals = ordinals;
    this.#ops = ops;
    this.#links = links;
  }
}

/** Nodes have even ordinals, edges odd ones; elements that came one after the other get chains of their own. */
const chainOf = (ordinal: number): number => ordinal & (CHAINS - 1);

/** The write that says: the table has all entries up to the change. */
export function indexedMark(through: number): WriteOp {
  const record = Buffer.allocUnsafe(8);
  record.writeDoubleLE(through, 0);
  return { table: 'meta', key: INDEXED, value: seal(record) };
}
