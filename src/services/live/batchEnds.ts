import type { Change } from '../../graph/change.js';
import { REMEMBERED_ENDS } from './defaults.js';

/** Knows where delta batches end in the log, so that no event holds half of one. */
export class BatchEnds {
  readonly #ends = new Float64Array(REMEMBERED_ENDS);
  /** Ends ever added. */
  #added = 0;

  /** The changes of one batch, as the recorder tells them. */
  add(changes: readonly Change[]): void {
    const last = changes.at(-1);
    if (last) this.#ends[this.#added++ % REMEMBERED_ENDS] = last.seq;
  }

  /** Whether a delta batch may be split between the two: never, where it is known; elsewhere only where `at` differs. */
  isBetween(change: Change, next: Change): boolean {
    const oldest = Math.max(0, this.#added - REMEMBERED_ENDS);
    if (this.#added > 0 && change.seq >= this.#at(oldest)) return this.#has(change.seq, oldest);
    return change.at !== next.at;
  }

  #at(index: number): number {
    return this.#ends[index % REMEMBERED_ENDS]!;
  }

  #has(seq: number, oldest: number): boolean {
    let low = oldest;
    let high = this.#added - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle) < seq) low = middle + 1;
      else high = middle;
    }
    return this.#at(low) === seq;
  }
}
