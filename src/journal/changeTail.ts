import type { Change } from '../graph/change.js';

/** Durable changes that are kept in memory besides all that are not durable: what subscribers that fell behind a little catch up from. */
const KEPT_CHANGES = 8_192;

/** The newest changes, in memory. */
export class ChangeTail {
  #changes: Change[] = [];
  #firstSeq: number;

  constructor(lastSeq: number) {
    this.#firstSeq = lastSeq + 1;
  }

  push(changes: readonly Change[], keptSeq: number): void {
    for (const change of changes) this.#changes.push(change);
    // Cut in large steps, so that a push costs nothing on average.
    if (this.#changes.length < 2 * KEPT_CHANGES) return;
    const drop = Math.min(this.#changes.length - KEPT_CHANGES, keptSeq + 1 - this.#firstSeq);
    if (drop <= 0) return;
    this.#changes = this.#changes.slice(drop);
    this.#firstSeq += drop;
  }

  /** Changes after `seq`; `undefined` when some of them are not in memory any more. */
  after(seq: number): readonly Change[] | undefined {
    return seq + 1 < this.#firstSeq ? undefined : this.#changes.slice(seq + 1 - this.#firstSeq);
  }
}
