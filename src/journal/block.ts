import { seal, unseal } from './layout.js';

/**
 * Operations as numbers in headers and in the index. `removedWaiting` hides an edge that goes on waiting for an end, `forgotten` ends the waiting of one that
 * nobody sees, `lost` holds the place of a change that a repair could not read.
 */
export const OP = {
  added: 0,
  updated: 1,
  removed: 2,
  suspended: 3,
  gapOpened: 4,
  gapClosed: 5,
  removedWaiting: 6,
  forgotten: 7,
  lost: 8,
} as const;
export type OpCode = (typeof OP)[keyof typeof OP];

/** Changes in one block: big enough that walking a million changes is a few thousand reads, small enough to be written again with each small commit. */
export const BLOCK_CAPACITY = 256;

const HEAD_BYTES = 16;
const ENTRY_BYTES = 8 + 8 + 4 + 1;

/**
 * What is needed of changes in a row to move the graph over them without reading any: which element, which revision it had before, when,
 * and what happened. `previous` is the seq of the revision that was visible before the change, 0 for none, and `-seq` of a suspended edge's.
 */
export class HeaderBlock {
  readonly firstSeq: number;
  count: number;
  readonly previous: Float64Array;
  readonly at: Float64Array;
  readonly ordinal: Uint32Array;
  readonly op: Uint8Array;

  private constructor(firstSeq: number, count: number, previous: Float64Array, at: Float64Array, ordinal: Uint32Array, op: Uint8Array) {
    this.firstSeq = firstSeq;
    this.count = count;
    this.previous = previous;
    this.at = at;
    this.ordinal = ordinal;
    this.op = op;
  }

  static empty(firstSeq: number): HeaderBlock {
    return new HeaderBlock(
      firstSeq,
      0,
      new Float64Array(BLOCK_CAPACITY),
      new Float64Array(BLOCK_CAPACITY),
      new Uint32Array(BLOCK_CAPACITY),
      new Uint8Array(BLOCK_CAPACITY),
    );
  }

  /** Reads what `encode` wrote. Throws `DATA_DAMAGED`. */
  static decode(sealed: Buffer): HeaderBlock {
    const content = unseal(sealed, () => 'headers of changes do not match their checksum');
    // A copy of its own: typed arrays need aligned bytes.
    const bytes = new Uint8Array(content).buffer;
    const head = new Float64Array(bytes, 0, 2);
    const count = head[1]!;
    const ordinals = HEAD_BYTES + 16 * count;
    return new HeaderBlock(
      head[0]!,
      count,
      new Float64Array(bytes, HEAD_BYTES, count),
      new Float64Array(bytes, HEAD_BYTES + 8 * count, count),
      new Uint32Array(bytes, ordinals, count),
      new Uint8Array(bytes, ordinals + 4 * count, count),
    );
  }

  get isFull(): boolean {
    return this.count >= BLOCK_CAPACITY;
  }

  get lastSeq(): number {
    return this.firstSeq + this.count - 1;
  }

  append(ordinal: number, previous: number, at: number, op: OpCode): void {
    const index = this.count++;
    this.ordinal[index] = ordinal;
    this.previous[index] = previous;
    this.at[index] = at;
    this.op[index] = op;
  }

  /** The first `count` entries: those that are in the commit being written. */
  encode(count: number): Buffer {
    const bytes = new ArrayBuffer(HEAD_BYTES + ENTRY_BYTES * count);
    new Float64Array(bytes, 0, 2).set([this.firstSeq, count]);
    new Float64Array(bytes, HEAD_BYTES, count).set(this.previous.subarray(0, count));
    new Float64Array(bytes, HEAD_BYTES + 8 * count, count).set(this.at.subarray(0, count));
    const ordinals = HEAD_BYTES + 16 * count;
    new Uint32Array(bytes, ordinals, count).set(this.ordinal.subarray(0, count));
    new Uint8Array(bytes, ordinals + 4 * count, count).set(this.op.subarray(0, count));
    return seal(Buffer.from(bytes));
  }

  /** A block that goes on where this one was read: room for more entries. */
  reopened(): HeaderBlock {
    const block = HeaderBlock.empty(this.firstSeq);
    block.previous.set(this.previous);
    block.at.set(this.at);
    block.ordinal.set(this.ordinal);
    block.op.set(this.op);
    block.count = this.count;
    return block;
  }

  /** Entries up to and with this index have `at` ≤ instant; -1 when none has. */
  lastIndexAt(instant: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at[middle]! <= instant) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
