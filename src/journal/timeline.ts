import { BLOCK_CAPACITY, HeaderBlock, type OpCode } from './block.js';
import { LAST_SEQ, damaged, markKey, seqKey, seqOfKey } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

const MARK = Buffer.from([0]);

/**
 * Headers of all changes in order: the newest in memory (all that is not durable, and the block that still grows), the others on disk.
 * Finds the place of an instant, and gives the headers between two places.
 */
export class Timeline {
  readonly #store: OrderedStore;
  /** Oldest first, without holes; the last one grows. */
  #recent: HeaderBlock[] = [];
  #lastSeq = 0;
  #lastAt = 0;

  /** Goes on after the last block on disk; `firstSeq` is where an empty journal begins. */
  constructor(store: OrderedStore) {
    this.#store = store;
    const [last] = store.range('blocks', { from: seqKey(0), to: seqKey(LAST_SEQ), reverse: true, limit: 1 });
    if (last === undefined) return;
    const block = HeaderBlock.decode(last.value);
    this.#lastSeq = block.lastSeq;
    this.#lastAt = block.at[block.count - 1] ?? 0;
    this.#recent = [block.isFull ? block : block.reopened()];
  }

  /** Begins an empty timeline after the change: what was before it is not kept. */
  startAfter(seq: number): void {
    this.#lastSeq = seq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  append(seq: number, ordinal: number, previous: number, at: number, op: OpCode): void {
    if (seq !== this.#lastSeq + 1) throw new Error(`change ${seq} does not follow ${this.#lastSeq}`);
    let block = this.#recent.at(-1);
    if (block === undefined || block.isFull) {
      block = HeaderBlock.empty(seq);
      this.#recent.push(block);
    }
    block.append(ordinal, previous, at, op);
    this.#lastSeq = seq;
    this.#lastAt = at;
  }

  /** Writes that make the headers after `after` up to `to` durable, given that those up to `after` are. */
  takeWrites(after: number, to: number, ops: WriteOp[]): void {
    for (const block of this.#recent) {
      if (block.lastSeq <= after || block.firstSeq > to) continue;
      const count = Math.min(block.count, to - block.firstSeq + 1);
      ops.push({ table: 'blocks', key: seqKey(block.firstSeq), value: block.encode(count) });
      if (block.firstSeq > after) ops.push({ table: 'marks', key: markKey(block.at[0]!, block.firstSeq), value: MARK });
    }
  }

  /** Lets go of what is durable up to `seq`; the last block stays, it may grow. */
  dropKept(seq: number): void {
    let drop = 0;
    while (drop < this.#recent.length - 1 && this.#recent[drop]!.lastSeq <= seq) drop++;
    if (drop > 0) this.#recent.splice(0, drop);
  }

  /** The block that holds the change; `undefined` when it was pruned or never was. */
  blockOf(seq: number): HeaderBlock | undefined {
    const first = this.#recent[0];
    if (first !== undefined && seq >= first.firstSeq)
      return this.#recent[Math.floor((seq - first.firstSeq) / BLOCK_CAPACITY)] ?? this.#search(seq);
    const [found] = this.#store.range('blocks', { from: seqKey(0), to: seqKey(seq + 1), reverse: true, limit: 1 });
    if (found === undefined) return undefined;
    const block = HeaderBlock.decode(found.value);
    return seq <= block.lastSeq ? block : undefined;
  }

  /** Blocks that hold changes after `after` up to `to`, oldest first. Read in one go, so that nothing is taken away meanwhile: keep ranges short. */
  between(after: number, to: number): HeaderBlock[] {
    if (to <= after) return [];
    const blocks: HeaderBlock[] = [];
    const inMemory = this.#recent[0]?.firstSeq ?? Infinity;
    if (after + 1 < inMemory) {
      const start = this.#diskBlockStart(after + 1);
      for (const { value } of this.#store.range('blocks', { from: seqKey(start), to: seqKey(Math.min(to + 1, inMemory)) })) {
        blocks.push(HeaderBlock.decode(value));
      }
    }
    for (const block of this.#recent) if (block.lastSeq > after && block.firstSeq <= to) blocks.push(block);
    this.#checkWhole(blocks, after, to);
    return blocks;
  }

  /** Seq of the last change with `at` ≤ instant; 0 when there is none that is kept. */
  seqAt(instant: number): number {
    const newest = this.#recent.findLast((block) => block.count > 0 && block.at[0]! <= instant);
    if (newest !== undefined) return newest.firstSeq + newest.lastIndexAt(instant);
    const [mark] = this.#store.range('marks', {
      from: markKey(0, 0),
      to: markKey(Math.max(0, Math.floor(instant)) + 1, 0),
      reverse: true,
      limit: 1,
    });
    if (mark === undefined) return 0;
    const block = this.blockOf(seqOfKey(mark.key, mark.key.length / 2));
    if (block === undefined) throw damaged('headers that a time mark points at are missing');
    return block.firstSeq + block.lastIndexAt(instant);
  }

  /** When the change was made; `undefined` when it is not kept. */
  atOf(seq: number): number | undefined {
    const block = this.blockOf(seq);
    return block?.at[seq - block.firstSeq];
  }

  #search(seq: number): HeaderBlock | undefined {
    return this.#recent.find((block) => block.firstSeq <= seq && seq <= block.lastSeq);
  }

  #diskBlockStart(seq: number): number {
    const [found] = this.#store.range('blocks', { from: seqKey(0), to: seqKey(seq + 1), reverse: true, limit: 1 });
    return found === undefined ? seq : seqOfKey(found.key);
  }

  #checkWhole(blocks: readonly HeaderBlock[], after: number, to: number): void {
    let next = after + 1;
    for (const block of blocks) {
      if (block.firstSeq > next) break;
      next = block.lastSeq + 1;
    }
    if (next <= to) throw damaged(`headers of changes ${next} to ${to} are missing`);
  }
}
