import { LARGE_MEMORY_BYTES, type TableMemory } from './tableMemory.js';

/** Entries at the start. A power of two, as always. */
const FIRST_CAPACITY = 1024;

/**
 * Slots of the former index that each entry which is added moves on. It has to be more than 2: the next growth must find everything
 * moved. Until it is, who finds nothing asks the former index too, which waits for memory: so they are many more, though a whole batch of
 * new flows still moves them in some tens of microseconds.
 */
export const SLOTS_A_STEP = 64;

/** In place of a row: an entry that was taken out of the former index before its turn. */
const GONE = -1;

/**
 * Open addressing with linear probing: pairs of a hash and a row (plus one; 0 is empty), at most half full. Whoever looks something up
 * walks `pairs` itself from `hash & mask`, because only it can compare the keys; where it comes to an empty place while `isGrowing`, it
 * calls `bring` and looks at that place again.
 *
 * An index that is full is not copied in one go: the rings of a capture would wait for it. Its entries move into one of twice the size, a
 * few with each entry that is added, and one that is asked for at once.
 */
export class HashIndex {
  pairs = new Int32Array(FIRST_CAPACITY * 2);
  mask = FIRST_CAPACITY - 1;
  size = 0;
  /** Rises when entries are no longer where they were found: places that were found before are not theirs any more. */
  moves = 0;
  /** Whether entries may still be in the former index. */
  isGrowing = false;
  private former = this.pairs;
  private formerMask = 0;
  /** Slots of the former index below it have been moved. */
  private next = 0;

  constructor(private readonly memory?: TableMemory) {}

  /** Slots of the former index that are still to be moved. */
  get slotsWaiting(): number {
    return this.isGrowing ? this.formerMask + 1 - this.next : 0;
  }

  get bytes(): number {
    return this.pairs.byteLength + (this.isGrowing ? this.former.byteLength : 0);
  }

  add(hash: number, row: number): void {
    if (this.isGrowing) this.settle(SLOTS_A_STEP);
    else if (this.size * 2 > this.mask) this.grow();
    this.size++;
    this.place(hash, row + 1);
  }

  /** Takes out an entry that is there. */
  remove(hash: number, row: number): void {
    if (this.isGrowing) this.bring(hash);
    const { pairs, mask } = this;
    let at = hash & mask;
    while (pairs[at * 2 + 1] !== row + 1) at = (at + 1) & mask;
    this.size--;
    this.moves++;
    // Entries behind the gap move up, unless they would come before their own place.
    for (let next = (at + 1) & mask; pairs[next * 2 + 1] !== 0; next = (next + 1) & mask) {
      const home = pairs[next * 2]! & mask;
      if (((next - home) & mask) < ((next - at) & mask)) continue;
      pairs[at * 2] = pairs[next * 2]!;
      pairs[at * 2 + 1] = pairs[next * 2 + 1]!;
      at = next;
    }
    pairs[at * 2 + 1] = 0;
  }

  clear(): void {
    this.pairs = new Int32Array(FIRST_CAPACITY * 2);
    this.mask = FIRST_CAPACITY - 1;
    this.size = 0;
    this.moves++;
    this.forget();
  }

  /** Moves what the former index still has under a hash: `false` when there is nothing. */
  bring(hash: number): boolean {
    const { former, formerMask } = this;
    let isBrought = false;
    for (let at = hash & formerMask; ; at = (at + 1) & formerMask) {
      const entry = former[at * 2 + 1]!;
      if (entry === 0) return isBrought;
      if (at < this.next || entry === GONE || former[at * 2] !== hash) continue;
      former[at * 2 + 1] = GONE;
      this.place(hash, entry);
      isBrought = true;
    }
  }

  /** Moves so many slots of the former index, and lets go of it behind the last one. */
  settle(slots: number): void {
    if (!this.isGrowing) return;
    const { former } = this;
    const end = Math.min(this.next + slots, this.formerMask + 1);
    for (let at = this.next; at < end; at++) {
      const entry = former[at * 2 + 1]!;
      if (entry > 0) this.place(former[at * 2]!, entry);
    }
    this.next = end;
    if (end > this.formerMask) this.forget();
  }

  private place(hash: number, entry: number): void {
    const { pairs, mask } = this;
    let at = hash & mask;
    while (pairs[at * 2 + 1] !== 0) at = (at + 1) & mask;
    pairs[at * 2] = hash;
    pairs[at * 2 + 1] = entry;
  }

  private grow(): void {
    this.former = this.pairs;
    this.formerMask = this.mask;
    this.next = 0;
    this.isGrowing = true;
    this.pairs = this.newPairs(this.former.length * 2);
    this.mask = this.mask * 2 + 1;
    this.moves++;
  }

  private newPairs(length: number): Int32Array<ArrayBuffer> {
    if (this.memory === undefined || length * 4 < LARGE_MEMORY_BYTES) return new Int32Array(length);
    const { buffer, byteOffset } = this.memory(length * 4);
    return new Int32Array(buffer, byteOffset, length);
  }

  private forget(): void {
    this.isGrowing = false;
    this.former = this.pairs;
  }
}
