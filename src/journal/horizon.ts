import { seal, textKey, unseal } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

const OLDEST = textKey('oldest');

/** How far back the log goes. What is beyond is not answered any more from the moment the horizon moved, and is then cleaned away in slices. */
export class Horizon {
  readonly #store: OrderedStore;
  #prunedThrough = 0;
  #prunedAt: number | undefined;
  #cleanedThrough = 0;

  constructor(store: OrderedStore) {
    this.#store = store;
    const stored = store.get('meta', OLDEST);
    if (stored === undefined) return;
    const record = unseal(stored, () => 'the mark of what was pruned');
    this.#prunedThrough = record.readDoubleLE(0);
    this.#prunedAt = record.readDoubleLE(8);
    this.#cleanedThrough = record.readDoubleLE(16);
  }

  /** Seq of the last change that is gone; 0 when none is. */
  get prunedThrough(): number {
    return this.#prunedThrough;
  }

  /** The instant of that change. */
  get prunedAt(): number | undefined {
    return this.#prunedAt;
  }

  /** Up to here the disk was cleaned. */
  get cleanedThrough(): number {
    return this.#cleanedThrough;
  }

  /** Moves the horizon, together with other writes; durable when the promise resolves. */
  async move(seq: number, at: number, ops: readonly WriteOp[]): Promise<void> {
    await this.#store.write([...ops, write(seq, at, this.#cleanedThrough)]);
    this.#prunedThrough = seq;
    this.#prunedAt = at;
  }

  /** Cleans a slice away and notes it in the same transaction. */
  async clean(through: number, ops: readonly WriteOp[]): Promise<void> {
    await this.#store.write([...ops, write(this.#prunedThrough, this.#prunedAt ?? 0, through)]);
    this.#cleanedThrough = through;
  }
}

function write(prunedThrough: number, prunedAt: number, cleanedThrough: number): WriteOp {
  const record = Buffer.allocUnsafe(24);
  record.writeDoubleLE(prunedThrough, 0);
  record.writeDoubleLE(prunedAt, 8);
  record.writeDoubleLE(cleanedThrough, 16);
  return { table: 'meta', key: OLDEST, value: seal(record) };
}
