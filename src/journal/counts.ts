import { crc32 } from 'node:zlib';
import { OP } from './block.js';
import { damaged, u32Key } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

export const MINUTE_MS = 60_000;

/** Added, updated and removed elements in one minute. */
export type MinuteCount = [added: number, updated: number, removed: number];

/** Changes a minute, written with the changes: what histograms of long times read. */
export class Counts {
  readonly #store: OrderedStore;
  readonly #open = new Map<number, MinuteCount>();

  constructor(store: OrderedStore) {
    this.#store = store;
  }

  /** Counts a change that goes into the commit being made. */
  add(at: number, op: number): void {
    const slot = countSlot(op);
    if (slot === undefined) return;
    const minute = Math.floor(at / MINUTE_MS);
    let count = this.#open.get(minute);
    if (count === undefined) {
      const stored = this.#store.get('counts', u32Key(minute));
      count = stored === undefined ? [0, 0, 0] : decode(stored, minute);
      this.#open.set(minute, count);
    }
    count[slot]++;
  }

  /** Writes of the minutes that were counted since the last call. */
  takeWrites(ops: WriteOp[]): void {
    const latest = Math.max(...this.#open.keys());
    for (const [minute, count] of this.#open) {
      ops.push({ table: 'counts', key: u32Key(minute), value: encode(count) });
      if (minute < latest) this.#open.delete(minute);
    }
  }

  /** Durable counts of the minutes from `from` up to `to` (exclusive), minutes since the epoch; those without changes are left out. */
  *minutes(from: number, to: number): Generator<readonly [minute: number, count: MinuteCount]> {
    for (const { key, value } of this.#store.range('counts', { from: u32Key(from), to: u32Key(to) })) {
      const minute = key.readUInt32BE(0);
      yield [minute, decode(value, minute)];
    }
  }
}

/** Which of the three numbers a change counts in; `undefined` for what nobody sees. */
export function countSlot(op: number): 0 | 1 | 2 | undefined {
  if (op === OP.added) return 0;
  if (op === OP.updated) return 1;
  return op === OP.removed || op === OP.removedWaiting ? 2 : undefined;
}

function encode(count: MinuteCount): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  count.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 12)), 12);
  return bytes;
}

function decode(bytes: Buffer, minute: number): MinuteCount {
  if (bytes.length !== 16 || crc32(bytes.subarray(0, 12)) !== bytes.readUInt32BE(12)) throw damaged(`the counts of minute ${minute}`);
  return [bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
}
