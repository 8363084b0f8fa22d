import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { open, type Database, type RangeOptions } from 'lmdb';
import { CanopyError } from '../common/errors.js';
import { TABLES, type Entry, type KeyRange, type OrderedStore, type TableName, type WriteOp } from './orderedStore.js';

type Bytes = Database<Buffer, Buffer>;

/** What lmdb rejects with when a transaction fails: the reason arrives later, in a promise of its own. */
interface CommitFailure extends Error {
  readonly commitError?: Promise<never>;
}

/** How long a failed write waits for its reason, ms. */
const REASON_PATIENCE_MS = 1_000;

/** Less than this is a full disk, bytes: LMDB calls a write that was cut short an input/output error, whatever cut it. */
const FULL_BELOW_BYTES = 1024 ** 2;

/** Why a write to the file failed: `no space left on the disk (4096 bytes free)`, or the system's own words. */
async function reasonOf({ commitError, message }: CommitFailure, path: string): Promise<string> {
  // Listened to in any case: a rejection that nobody hears ends the process.
  const said = commitError?.catch((error: Error) => error.message) ?? message;
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < FULL_BELOW_BYTES) return `no space left on the disk (${bavail * bsize} bytes free)`;
  const late = new Promise<string>((resolve) => setTimeout(resolve, REASON_PATIENCE_MS, message).unref());
  return Promise.race([late, said]);
}

/** The journal's home: one LMDB environment in one file, a named database for each table. */
export class LmdbStore implements OrderedStore {
  readonly #path: string;
  readonly #environment: ReturnType<typeof open>;
  readonly #tables = new Map<TableName, Bytes>();

  /** `readOnly` is for looking at a folder without changing it. */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#path = path;
    // Synced inside the commit: measured as fast as the overlapping sync here, and "committed" then simply means "durable".
    this.#environment = open({
      path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      // Writes are batched by us. lmdb's own batching leaves a promise behind that nobody can listen to, which ends the process when a disk is full.
      eventTurnBatching: false,
      maxDbs: TABLES.length + 4,
      readOnly: options.readOnly ?? false,
    });
    // In one transaction: each table of a new file would otherwise be synced for itself.
    if (options.readOnly) this.#openTables();
    else this.#environment.transactionSync(() => this.#openTables());
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    // Copied from lmdb's own buffer into the pool of small buffers: `getBinary` makes an allocation of its own for each value, which costs ten times as much.
    const shared = this.#tables.get(table)?.getBinaryFast(key);
    if (shared === undefined) return undefined;
    const { length } = shared;
    const value = Buffer.allocUnsafe(length);
    // lmdb's buffer is longer than its `length` says, which `copy` does not believe.
    value.set(new Uint8Array(shared.buffer, shared.byteOffset, length));
    return value;
  }

  range(table: TableName, { from, to, reverse, limit }: KeyRange): Iterable<Entry> {
    const bounds: RangeOptions = reverse
      ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true, reverse: true }
      : { start: from, end: to };
    if (limit !== undefined) bounds.limit = limit;
    return this.#tables.get(table)?.getRange(bounds) ?? [];
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    const parts = new Set<Promise<boolean>>();
    const committed = this.#environment.batch(() => {
      for (const { table, key, value } of ops) {
        const target = this.#tables.get(table)!;
        parts.add(value === undefined ? target.remove(key) : target.put(key, value));
      }
    });
    // What lmdb promises for single writes fails together with the batch, and would end the process if nobody listened.
    for (const part of parts) Promise.resolve(part).catch(() => undefined);
    try {
      await committed;
    } catch (failure) {
      const reason = await reasonOf(failure as CommitFailure, this.#path);
      throw new CanopyError('STORE_UNAVAILABLE', `the disk refused to keep changes in ${this.#path}: ${reason}`, {
        retriable: true,
        cause: failure,
      });
    }
  }

  /** Writes a copy without free pages to another file. */
  copyTo(path: string): Promise<void> {
    return this.#environment.backup(path, true);
  }

  sizeBytes(): number {
    try {
      return statSync(this.#path).size;
    } catch {
      return 0;
    }
  }

  close(): Promise<void> {
    return this.#environment.close();
  }

  #openTables(): void {
    for (const name of TABLES) {
      const table = this.#environment.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }) as Bytes | undefined;
      if (table !== undefined) this.#tables.set(name, table);
    }
  }
}
