import type { Position } from '../graph/position.js';
import { seal, textKey, u32Key, unseal } from './layout.js';
import type { OrderedStore } from './orderedStore.js';

const OLDEST = textKey('oldest');

interface Epoch {
  readonly epoch: number;
  readonly firstSeq: number;
}

/** What became of a position that somebody holds. */
export type Verdict = 'good' | 'lost-in-crash' | 'pruned' | 'in-future';

/** Starts of the analyzer, and how far back the log goes: what tells a good cursor from one that leads nowhere. */
export class Epochs {
  readonly #store: OrderedStore;
  /** Ascending. */
  readonly #epochs: Epoch[];
  #prunedThrough: number;

  constructor(store: OrderedStore) {
    this.#store = store;
    this.#epochs = [...store.range('epochs', { from: u32Key(0), to: u32Key(0xffff_ffff) })].map(({ key, value }) => ({
      epoch: key.readUInt32BE(0),
      firstSeq: unseal(value, () => 'the list of epochs').readDoubleLE(0),
    }));
    const oldest = store.get('meta', OLDEST);
    this.#prunedThrough = oldest === undefined ? 0 : unseal(oldest, () => 'the mark of what was pruned').readDoubleLE(0);
  }

  get current(): number {
    return this.#epochs.at(-1)?.epoch ?? 0;
  }

  /** Seq of the last change that was taken away by age; 0 when none was. */
  get prunedThrough(): number {
    return this.#prunedThrough;
  }

  /** Starts the next epoch; it is durable when the promise resolves. */
  async begin(firstSeq: number, startedAt: number): Promise<void> {
    const epoch = this.current + 1;
    const record = Buffer.allocUnsafe(16);
    record.writeDoubleLE(firstSeq, 0);
    record.writeDoubleLE(startedAt, 8);
    await this.#store.write([{ table: 'epochs', key: u32Key(epoch), value: seal(record) }]);
    this.#epochs.push({ epoch, firstSeq });
  }

  /** Notes that changes up to `seq` are going; durable when the promise resolves. */
  async prunedUpTo(seq: number): Promise<void> {
    const record = Buffer.allocUnsafe(8);
    record.writeDoubleLE(seq, 0);
    await this.#store.write([{ table: 'meta', key: OLDEST, value: seal(record) }]);
    this.#prunedThrough = seq;
  }

  /** The position that has the change, in the epoch that made it. */
  positionOf(seq: number): Position {
    const made = this.#epochs.findLast((entry) => entry.firstSeq <= seq) ?? this.#epochs[0];
    return { epoch: made?.epoch ?? this.current, seq };
  }

  /** Whether what a cursor says can be continued, given the last change there is. */
  check({ epoch, seq }: Position, lastSeq: number): Verdict {
    if (epoch > this.current) return 'in-future';
    const next = this.#epochs.find((entry) => entry.epoch === epoch + 1);
    if (next !== undefined && seq >= next.firstSeq) return 'lost-in-crash';
    if (seq > lastSeq) return 'in-future';
    return seq < this.#prunedThrough ? 'pruned' : 'good';
  }
}
