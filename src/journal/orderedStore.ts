/** Tables of the journal. Keys are bytes, ordered as bytes; what is in each table is written down in `layout.ts`. */
export const TABLES = [
  'meta',
  'epochs',
  'ordinals',
  'ids',
  'blocks',
  'marks',
  'bodies',
  'index',
  'rows',
  'progress',
  'anchors',
  'counts',
] as const;
export type TableName = (typeof TABLES)[number];

/** One write; without a value the key goes. */
export interface WriteOp {
  readonly table: TableName;
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Keys in [from, to); `reverse` gives them from the greatest down. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * The door to the disk: ordered tables with atomic, durable writes. Two homes: LMDB, and a simulated disk that crashes on purpose
 * (test/simulator). Reads see every write whose promise has resolved, and may see one that is on its way.
 */
export interface OrderedStore {
  /** The value; the bytes belong to the caller. */
  get(table: TableName, key: Buffer): Buffer | undefined;
  /** Entries of the range as they are while it is walked; walk it to the end or break out within one turn of the event loop. */
  range(table: TableName, range: KeyRange): Iterable<Entry>;
  /** All of the writes or none, synced when the promise resolves. Rejects when the disk refuses; then nothing was written. */
  write(ops: readonly WriteOp[]): Promise<void>;
  /** Bytes on disk. */
  sizeBytes(): number;
  close(): Promise<void>;
}
