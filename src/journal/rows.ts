import { createHash } from 'node:crypto';
import type { JsonObject } from '../common/json.js';
import type { RowChanges } from '../graph/change.js';
import type { Table } from '../graph/element.js';
import type { Codec } from './codec.js';
import { LONGEST_TEXT_IN_KEY, seqOfKey } from './layout.js';
import type { OrderedStore, WriteOp } from './orderedStore.js';

/** Bytes of the seq at the end of a row's key. */
const SEQ_BYTES = 6;
const END = 0;
const AFTER_END = 1;

/** Writes of rows that the change `seq` touched, as versions: earlier ones stay. */
export function rowWrites(codec: Codec, ordinal: number, seq: number, changes: RowChanges | undefined, ops: WriteOp[]): void {
  for (const [table, rows] of Object.entries(changes ?? {})) {
    for (const [key, row] of Object.entries(rows)) {
      ops.push({ table: 'rows', key: rowKey(ordinal, table, key, seq), value: codec.encode([key, row]) });
    }
  }
}

/** The row as a change left it; `null` when the change removed it, `undefined` when the change did not touch it. */
export function readRow(
  store: OrderedStore,
  codec: Codec,
  ordinal: number,
  table: string,
  key: string,
  seq: number,
): JsonObject | null | undefined {
  const stored = store.get('rows', rowKey(ordinal, table, key, seq));
  return stored === undefined ? undefined : decodeRow(codec, stored, table)[1];
}

/** One table as it was after the change `seq`, read from the row versions when it is first looked at. */
export class StoredTable implements Table {
  readonly #store: OrderedStore;
  readonly #codec: Codec;
  readonly #ordinal: number;
  readonly #name: string;
  readonly #seq: number;
  #rows: ReadonlyMap<string, JsonObject> | undefined;

  constructor(store: OrderedStore, codec: Codec, ordinal: number, name: string, seq: number) {
    this.#store = store;
    this.#codec = codec;
    this.#ordinal = ordinal;
    this.#name = name;
    this.#seq = seq;
  }

  get size(): number {
    return this.#load().size;
  }

  get(key: string): JsonObject | undefined {
    return this.#load().get(key);
  }

  entries(): Iterable<readonly [string, JsonObject]> {
    return this.#load().entries();
  }

  #load(): ReadonlyMap<string, JsonObject> {
    return (this.#rows ??= this.#read());
  }

  #read(): ReadonlyMap<string, JsonObject> {
    const rows = new Map<string, JsonObject>();
    let latest: { readonly key: Buffer; readonly value: Buffer } | undefined;
    const take = (): void => {
      if (latest === undefined) return;
      const [key, row] = decodeRow(this.#codec, latest.value, this.#name);
      if (row !== null) rows.set(key, row);
    };
    for (const entry of this.#store.range('rows', tableRange(this.#ordinal, this.#name))) {
      if (seqOfKey(entry.key, entry.key.length - SEQ_BYTES) > this.#seq) continue;
      if (latest !== undefined && !sameRow(latest.key, entry.key)) take();
      latest = entry;
    }
    take();
    return rows;
  }
}

/** Keys of row versions that nobody can ask for once everything before `seq` is gone: replaced at or before it, or removed by then. */
export function* supersededRows(
  entries: Iterable<{ readonly key: Buffer; readonly value: Buffer }>,
  codec: Codec,
  seq: number,
): Generator<Buffer> {
  let latest: { readonly key: Buffer; readonly value: Buffer } | undefined;
  for (const entry of entries) {
    const isSameRow = latest !== undefined && sameRow(latest.key, entry.key);
    if (latest !== undefined && !isSameRow && isRemoval(codec, latest.value)) yield latest.key;
    if (!isSameRow) latest = undefined;
    if (seqOfKey(entry.key, entry.key.length - SEQ_BYTES) > seq) continue;
    if (latest !== undefined) yield latest.key;
    latest = entry;
  }
  if (latest !== undefined && isRemoval(codec, latest.value)) yield latest.key;
}

const isRemoval = (codec: Codec, value: Buffer): boolean => decodeRow(codec, value, 'any')[1] === null;

const decodeRow = (codec: Codec, value: Buffer, table: string): [key: string, row: JsonObject | null] =>
  codec.decode(value, () => `a row of table ${table}`) as [string, JsonObject | null];

const sameRow = (a: Buffer, b: Buffer): boolean =>
  a.length === b.length && a.compare(b, 0, b.length - SEQ_BYTES, 0, a.length - SEQ_BYTES) === 0;

function rowKey(ordinal: number, table: string, row: string, seq: number): Buffer {
  const name = keyText(table);
  const text = keyText(row);
  const key = Buffer.allocUnsafe(4 + name.length + 1 + text.length + 1 + SEQ_BYTES);
  let at = key.writeUInt32BE(ordinal, 0);
  at += name.copy(key, at);
  at = key.writeUInt8(END, at);
  at += text.copy(key, at);
  at = key.writeUInt8(END, at);
  key.writeUIntBE(seq, at, SEQ_BYTES);
  return key;
}

function tableRange(ordinal: number, table: string): { from: Buffer; to: Buffer } {
  const name = keyText(table);
  const from = Buffer.allocUnsafe(4 + name.length + 1);
  from.writeUInt32BE(ordinal, 0);
  name.copy(from, 4);
  from.writeUInt8(END, 4 + name.length);
  const to = Buffer.from(from);
  to.writeUInt8(AFTER_END, 4 + name.length);
  return { from, to };
}

/** Text in a key: without the byte that ends it, and not too long. */
function keyText(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= LONGEST_TEXT_IN_KEY && !bytes.includes(END)) return bytes;
  return Buffer.from(`#${createHash('sha256').update(text).digest('hex')}`, 'utf8');
}
