import { statSync } from 'node:fs';
import { open, type Database, type RangeOptions } from 'lmdb';
import { CanopyError } from '../common/errors.js';
import { TABLES, type Entry, type KeyRange, type OrderedStore, type TableName, type WriteOp } from './orderedStore.js';

type Bytes = Database<Buffer, Buffer>;

/** What lmdb rejects with when a transaction fails: the reason arrives later, in a promise of its own. */
interface CommitFailure extends Error {
  readonly commitError?: Promise<never>;
}

/** The journal's home: one LMDB environment in one file, a named database for each table. */
export class LmdbStore implements OrderedStore {
  readonly #path: string;
  readonly #environment: ReturnType<typeof open>;
  readonly #tables = new Map<TableName, Bytes>();
  readonly #onFailure: (cause: unknown) => void;

  /** `readOnly` is for looking at a folder without changing it. `onFailure` hears the disk's own reason when a write fails. */
  constructor(path: string, options: { readonly readOnly?: boolean; readonly onFailure?: (cause: unknown) => void } = {}) {
    this.#path = path;
    this.#onFailure = options.onFailure ?? (() => undefined);
    // Synced inside the commit: measured as fast as the overlapping sync here, and "committed" then simply means "durable".
    this.#environment = open({
      path,
      noSubdir: true,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      maxDbs: TABLES.length + 4,
      readOnly: options.readOnly ?? false,
    });
    for (const name of TABLES) {
      const table = this.#environment.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' }) as Bytes | undefined;
      if (table !== undefined) this.#tables.set(name, table);
    }
  }

  get(table: TableName, key: Buffer): Buffer | undefined {
    return this.#tables.get(table)?.getBinary(key);
  }

  range(table: TableName, { from, to, reverse, limit }: KeyRange): Iterable<Entry> {
    const bounds: RangeOptions = reverse
      ? { start: to, exclusiveStart: true, end: from, inclusiveEnd: true, reverse: true }
      : { start: from, end: to };
    if (limit !== undefined) bounds.limit = limit;
    return this.#tables.get(table)?.getRange(bounds) ?? [];
  }

  async write(ops: readonly WriteOp[]): Promise<void> {
    const committed = this.#environment.batch(() => {
      for (const { table, key, value } of ops) {
        const target = this.#tables.get(table)!;
        if (value === undefined) void target.remove(key);
        else void target.put(key, value);
      }
    });
    try {
      await committed;
    } catch (failure) {
      (failure as CommitFailure).commitError?.catch(this.#onFailure);
      throw new CanopyError('STORE_UNAVAILABLE', `The disk refused to keep changes in ${this.#path}: see the log for its reason.`, {
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
}
