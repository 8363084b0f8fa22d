import { LRUCache } from 'lru-cache';
import type { Revision } from '../../graph/element.js';
import { jsonSize } from '../../graph/jsonCompare.js';
import type { Journal } from '../../journal/journal.js';

/** Bytes of a decoded revision beside its state, roughly, and of a character of its state as JSON. */
const REVISION_BYTES = 500;
const BYTES_PER_CHARACTER = 3;

/** Bytes of a decoded revision in most graphs. */
const TYPICAL_BYTES = 1_500;

/** Revisions as they were, decoded when they are read; those that still stand are the live graph's own objects. Bounded in bytes. */
export class RevisionCache {
  readonly #journal: Journal;
  readonly #decoded: LRUCache<number, Revision>;

  constructor(journal: Journal, maxBytes: number) {
    this.#journal = journal;
    this.#decoded = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (revision) => REVISION_BYTES + BYTES_PER_CHARACTER * jsonSize(revision.base),
    });
  }

  /** The revision that the change `seq` made of the element. */
  get(ordinal: number, seq: number): Revision {
    const known = this.#known(ordinal, seq);
    if (known !== undefined) return known;
    const revision = this.#journal.revision(seq);
    this.#decoded.set(seq, revision);
    return revision;
  }

  /** The same for one of `count` elements that are all read in a row: kept only when there is room for all, because otherwise none would be found again. */
  scan(ordinal: number, seq: number, count: number): Revision {
    if (count * TYPICAL_BYTES <= this.#decoded.maxSize) return this.get(ordinal, seq);
    return this.#known(ordinal, seq) ?? this.#journal.revision(seq);
  }

  #known(ordinal: number, seq: number): Revision | undefined {
    const present = this.#journal.present(ordinal);
    return present?.seq === seq ? present : this.#decoded.get(seq);
  }

  get bytes(): number {
    return this.#decoded.calculatedSize;
  }
}
