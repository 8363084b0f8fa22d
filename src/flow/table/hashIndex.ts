/** Entries at the start. A power of two, as always. */
const FIRST_CAPACITY = 1024;

/**
 * Open addressing with linear probing: pairs of a hash and a row (plus one; 0 is empty), at most half full. Whoever looks something up
 * walks `pairs` itself from `hash & mask`, because only it can compare the keys.
 */
export class HashIndex {
  pairs = new Int32Array(FIRST_CAPACITY * 2);
  mask = FIRST_CAPACITY - 1;
  size = 0;
  /** Rises when entries move: places that were found before are not theirs any more. */
  moves = 0;

  add(hash: number, row: number): void {
    if (this.size * 2 > this.mask) this.grow();
    this.size++;
    this.place(hash, row + 1);
  }

  remove(hash: number, row: number): void {
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
  }

  private place(hash: number, entry: number): void {
    const { pairs, mask } = this;
    let at = hash & mask;
    while (pairs[at * 2 + 1] !== 0) at = (at + 1) & mask;
    pairs[at * 2] = hash;
    pairs[at * 2 + 1] = entry;
  }

  /** All at once: on the way to half a million flows the longest pause is some 6 ms. */
  private grow(): void {
    const old = this.pairs;
    this.moves++;
    const mask = this.mask * 2 + 1;
    const pairs = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const entry = old[at + 1]!;
      if (entry === 0) continue;
      const hash = old[at]!;
      let to = hash & mask;
      while (pairs[to * 2 + 1] !== 0) to = (to + 1) & mask;
      pairs[to * 2] = hash;
      pairs[to * 2 + 1] = entry;
    }
    this.pairs = pairs;
    this.mask = mask;
  }
}
