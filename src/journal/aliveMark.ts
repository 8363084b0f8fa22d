import { seal, textKey, unseal } from './layout.js';
import type { OrderedStore } from './orderedStore.js';

const ALIVE = textKey('alive');

/** When an analyzer last was seen running on this folder: where the gap begins that its absence leaves. */
export class AliveMark {
  readonly #store: OrderedStore;

  constructor(store: OrderedStore) {
    this.#store = store;
  }

  /** Milliseconds since the epoch; `undefined` for a new folder. */
  read(): number | undefined {
    const stored = this.#store.get('meta', ALIVE);
    return stored === undefined ? undefined : unseal(stored, () => 'the mark of the last sign of life').readDoubleLE(0);
  }

  async write(now: number): Promise<void> {
    const record = Buffer.allocUnsafe(8);
    record.writeDoubleLE(now, 0);
    await this.#store.write([{ table: 'meta', key: ALIVE, value: seal(record) }]);
  }
}
