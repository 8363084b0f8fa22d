import { anchorKey, damaged, LAST_SEQ, seal, seqOfKey, unseal } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';
import { VersionMap } from './versions.js';

/** Ordinals in one stored value: 32 KiB. */
const CHUNK = 4096;

/** Whole version maps at places in the log, so that no walk over headers is long. */
export class Anchors {
  readonly #store: OrderedStore;
  /** Ascending. */
  readonly #seqs: number[] = [];

  constructor(store: OrderedStore) {
    this.#store = store;
    let from = 0;
    for (;;) {
      const [next] = store.range('anchors', { from: anchorKey(from, 0), to: anchorKey(LAST_SEQ, 0), limit: 1 });
      if (next === undefined) break;
      const seq = seqOfKey(next.key);
      this.#seqs.push(seq);
      from = seq + 1;
    }
  }

  get seqs(): readonly number[] {
    return this.#seqs;
  }

  get last(): number {
    return this.#seqs.at(-1) ?? 0;
  }

  /** Writes of an anchor; call `added` when they are durable. */
  writes(seq: number, versions: VersionMap, ops: WriteOp[]): void {
    const raw = versions.raw();
    for (let chunk = 0; chunk * CHUNK < raw.length; chunk++) {
      const part = raw.subarray(chunk * CHUNK, (chunk + 1) * CHUNK);
      // The first chunk is always there: it says that the anchor is.
      if (chunk > 0 && part.every((version) => version === 0)) continue;
      ops.push({ table: 'anchors', key: anchorKey(seq, chunk), value: seal(Buffer.from(part.buffer, part.byteOffset, part.byteLength)) });
    }
  }

  added(seq: number): void {
    this.#seqs.push(seq);
    this.#seqs.sort((a, b) => a - b);
  }

  /** The whole map at one of `seqs`, or at 0: nothing was there. Throws `DATA_DAMAGED`. */
  at(seq: number): VersionMap {
    if (seq === 0) return new VersionMap();
    const chunks: [chunk: number, versions: Float64Array][] = [];
    for (const { key, value } of this.#store.range('anchors', { from: anchorKey(seq, 0), to: anchorKey(seq + 1, 0) })) {
      const content = unseal(value, () => `the anchor at change ${seq}`);
      chunks.push([key.readUInt32BE(key.length - 4), new Float64Array(new Uint8Array(content).buffer)]);
    }
    const last = chunks.at(-1);
    if (last === undefined) throw damaged(`the anchor at change ${seq} is missing`);
    const whole = new Float64Array(last[0] * CHUNK + last[1].length);
    for (const [chunk, versions] of chunks) whole.set(versions, chunk * CHUNK);
    return new VersionMap(whole);
  }

  /** Writes that remove the anchors before `seq`, and forgets them. */
  removeBefore(seq: number, ops: WriteOp[]): void {
    while (this.#seqs.length > 0 && this.#seqs[0]! < seq) {
      const gone = this.#seqs.shift()!;
      for (const { key } of this.#store.range('anchors', { from: anchorKey(gone, 0), to: anchorKey(gone + 1, 0) })) {
        ops.push({ table: 'anchors', key: Buffer.from(key), value: undefined });
      }
    }
  }
}
