import { isElementChange, type Change } from '../graph/change.js';
import { jsonSize } from '../graph/jsonCompare.js';

/** Durable changes that are kept in memory besides all that are not durable, in bytes: what subscribers that fell behind a little catch up from. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** Bytes of a change in memory and on disk besides its state and rows, roughly. */
const CHANGE_OVERHEAD_BYTES = 400;

/** Memory that changes keep from being freed, and what they take on disk, roughly. */
export function changesBytes(changes: readonly Change[]): number {
  let bytes = changes.length * CHANGE_OVERHEAD_BYTES;
  for (const change of changes) {
    if (!isElementChange(change)) continue;
    bytes += jsonSize(change.element.base);
    // Rows belong to the change alone; a table of a revision shares nearly everything with the one before.
    if (change.rows !== undefined) bytes += jsonSize(change.rows);
  }
  return bytes;
}

/** Changes that came together. */
interface Push {
  readonly lastSeq: number;
  readonly bytes: number;
}

/** The newest changes, in memory. */
export class ChangeTail {
  readonly #keptBytes: number;
  #changes: Change[] = [];
  #pushes: Push[] = [];
  #firstSeq: number;
  #bytes = 0;

  /** `lastSeq` is the number of the last change before the tail began. */
  constructor(lastSeq: number, keptBytes = KEPT_BYTES) {
    this.#firstSeq = lastSeq + 1;
    this.#keptBytes = keptBytes;
  }

  /** Adds changes, whose numbers follow the last one's and which take `bytes`; drops old ones beyond the bound, but none after `durableSeq`. */
  push(changes: readonly Change[], bytes: number, durableSeq: number): void {
    for (const change of changes) this.#changes.push(change);
    const lastSeq = changes.at(-1)?.seq;
    if (lastSeq === undefined) return;
    this.#pushes.push({ lastSeq, bytes });
    this.#bytes += bytes;
    // Cut in large steps, so that a push costs nothing on average.
    if (this.#bytes >= 2 * this.#keptBytes) this.#cut(durableSeq);
  }

  /** Changes after `seq`; `undefined` when some of them are not in memory any more. */
  after(seq: number): readonly Change[] | undefined {
    return seq + 1 < this.#firstSeq ? undefined : this.#changes.slice(seq + 1 - this.#firstSeq);
  }

  #cut(durableSeq: number): void {
    let dropped = 0;
    for (; this.#bytes > this.#keptBytes; dropped++) {
      const oldest = this.#pushes[dropped];
      if (oldest === undefined || oldest.lastSeq > durableSeq) break;
      this.#bytes -= oldest.bytes;
    }
    const last = this.#pushes[dropped - 1];
    if (last === undefined) return;
    this.#pushes = this.#pushes.slice(dropped);
    this.#changes = this.#changes.slice(last.lastSeq + 1 - this.#firstSeq);
    this.#firstSeq = last.lastSeq + 1;
  }
}
