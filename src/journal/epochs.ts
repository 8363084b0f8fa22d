import type { Position } from '../graph/position.js';
import { seal, u32Key, unseal } from './layout.js';
import type { OrderedStore } from './orderedStore.js';

interface Epoch {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly startedAt: number;
}

/** What became of a position that somebody holds. */
export type Verdict = 'good' | 'lost-in-crash' | 'pruned' | 'in-future';

/** Starts of the analyzer: what tells a good cursor from one that leads nowhere. */
export class Epochs {
  readonly #store: OrderedStore;
  /** Ascending. */
  readonly #epochs: Epoch[];

  constructor(store: OrderedStore) {
    this.#store = store;
    this.#epochs = [...store.range('epochs', { from: u32Key(0), to: u32Key(0xffff_ffff) })].map(({ key, value }) => {
      const record = unseal(value, () => 'the list of epochs');
      return { epoch: key.readUInt32BE(0), firstSeq: record.readDoubleLE(0), startedAt: record.readDoubleLE(8) };
    });
  }

  get current(): number {
    return this.#epochs.at(-1)?.epoch ?? 0;
  }

  /** Seq of the first change that the current analyzer makes. */
  get firstSeq(): number {
    return this.#epochs.at(-1)?.firstSeq ?? 1;
  }

  /** When the first analyzer started on this folder. */
  get beganAt(): number {
    return this.#epochs[0]?.startedAt ?? 0;
  }

  /** When the analyzer of the epoch started; `undefined` for one that never was. */
  startedAt(epoch: number): number | undefined {
    return this.#epochs.find((entry) => entry.epoch === epoch)?.startedAt;
  }

  /** Seq of the last change that the epoch is known to have made and kept: all that a later one found. `undefined` for the current one. */
  lastSeqOf(epoch: number): number | undefined {
    const next = this.#epochs.find((entry) => entry.epoch === epoch + 1);
    return next && next.firstSeq - 1;
  }

  /** Starts the next epoch; it is durable when the promise resolves. */
  async begin(firstSeq: number, startedAt: number): Promise<void> {
    const epoch = this.current + 1;
    const record = Buffer.allocUnsafe(16);
    record.writeDoubleLE(firstSeq, 0);
    record.writeDoubleLE(startedAt, 8);
    await this.#store.write([{ table: 'epochs', key: u32Key(epoch), value: seal(record) }]);
    this.#epochs.push({ epoch, firstSeq, startedAt });
  }

  /** The position that has the change, in the epoch that made it. */
  positionOf(seq: number): Position {
    const made = this.#epochs.findLast((entry) => entry.firstSeq <= seq) ?? this.#epochs[0];
    return { epoch: made?.epoch ?? this.current, seq };
  }

  /** Whether what a cursor says can be continued, given the last change there is and the last that was pruned. */
  check({ epoch, seq }: Position, lastSeq: number, prunedThrough: number): Verdict {
    if (epoch > this.current) return 'in-future';
    const next = this.#epochs.find((entry) => entry.epoch === epoch + 1);
    if (next !== undefined && seq >= next.firstSeq) return 'lost-in-crash';
    if (seq > lastSeq) return 'in-future';
    return seq < prunedThrough ? 'pruned' : 'good';
  }
}
