import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import type { Cancel, Clock } from '../../common/clock.js';
import type { JsonObject } from '../../common/json.js';
import { conflict, unreachable } from '../conflict.js';
import type { Entry, Expectation, PutOptions, Registry, RegistryEvent, RegistryKind, RegistryStatus, Watch } from '../registry.js';

/** An entry on disk. */
interface Stored {
  readonly value: JsonObject;
  readonly version: number;
  /** Milliseconds since the epoch; `undefined`: stays. */
  readonly expiresAt?: number;
}

/** Address space, not memory or disk: an entry takes some hundred bytes. */
const MAP_BYTES = 1024 ** 3;

/** Longest delay of a timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Key of the highest version ever given, so that none is given twice. */
const VERSION_KEY = 'version';

const keyOf = (kind: RegistryKind, id: string): string => `entry/${kind}/${id}`;

export interface EmbeddedOptions {
  /** Folder of its own, kept across starts. */
  readonly folder: string;
  readonly clock: Clock;
}

/** The registry in the data folder: LMDB, whole in memory as well, so that reading costs nothing. Survives kill -9. */
export class EmbeddedRegistry implements Registry {
  readonly #database: RootDatabase<Stored | number, string>;
  readonly #entries = new Map<string, { readonly entry: Entry; readonly expiresAt: number | undefined }>();
  readonly #listeners = new Map<RegistryKind, Set<(event: RegistryEvent) => void>>();
  readonly #writing = new Set<Promise<unknown>>();
  #version: number;
  #cancelExpiry: Cancel | undefined;
  #isClosed = false;

  constructor(private readonly options: EmbeddedOptions) {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    // Synced inside the commit: what was answered is on the disk.
    this.#database = open<Stored | number, string>({ path: options.folder, noSubdir: false, mapSize: MAP_BYTES, overlappingSync: false });
    this.#version = (this.#database.get(VERSION_KEY) as number | undefined) ?? 0;
    for (const { key, value } of this.#database.getRange({ start: 'entry/', end: 'entry0' })) {
      const [, kind, ...id] = key.split('/') as [string, RegistryKind, ...string[]];
      const { value: body, version, expiresAt } = value as Stored;
      this.#entries.set(key, { entry: { kind, id: id.join('/'), value: body, version }, expiresAt });
    }
    this.#expire();
  }

  get(kind: RegistryKind, id: string): Promise<Entry | undefined> {
    return Promise.resolve(this.#entries.get(keyOf(kind, id))?.entry);
  }

  list(kind: RegistryKind): Promise<readonly Entry[]> {
    return Promise.resolve(this.#listed(kind));
  }

  async put(kind: RegistryKind, id: string, value: JsonObject, { ttlMs, expects }: PutOptions = {}): Promise<Entry> {
    const key = keyOf(kind, id);
    this.#check(kind, id, expects);
    const version = (this.#version += 1);
    const expiresAt = ttlMs === undefined ? undefined : this.options.clock.now() + ttlMs;
    const entry: Entry = { kind, id, value, version };
    // At once in memory, so that of two writers in one turn the second one sees the first.
    const before = this.#entries.get(key);
    const mine = { entry, expiresAt };
    this.#entries.set(key, mine);
    try {
      await this.#write(() => {
        void this.#database.put(VERSION_KEY, version);
        return this.#database.put(key, { value, version, ...(expiresAt !== undefined && { expiresAt }) });
      });
    } catch (error) {
      if (this.#entries.get(key) === mine) {
        if (before === undefined) this.#entries.delete(key);
        else this.#entries.set(key, before);
      }
      throw error;
    }
    this.#tell({ event: 'put', entry });
    this.#expire();
    return entry;
  }

  remove(kind: RegistryKind, id: string, expects?: number): Promise<boolean> {
    this.#check(kind, id, expects);
    return this.#remove(kind, id, false);
  }

  watch(kind: RegistryKind, listener: (event: RegistryEvent) => void): Watch {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    let isOpen = true;
    const told = (event: RegistryEvent): void => {
      if (isOpen) listener(event);
    };
    queueMicrotask(() => {
      told({ event: 'all', entries: this.#listed(kind) });
      if (isOpen) listeners.add(told);
    });
    return {
      close: () => {
        isOpen = false;
        listeners.delete(told);
      },
    };
  }

  status(): RegistryStatus {
    return { home: 'embedded', error: undefined };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelExpiry?.();
    await Promise.allSettled(this.#writing);
    await this.#database.close();
  }

  #listed(kind: RegistryKind): Entry[] {
    const found = [...this.#entries.values()].flatMap(({ entry }) => (entry.kind === kind ? [entry] : []));
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #check(kind: RegistryKind, id: string, expects: Expectation | undefined): void {
    if (this.#isClosed) throw unreachable('embedded', 'it is closed');
    if (expects === undefined) return;
    const version = this.#entries.get(keyOf(kind, id))?.entry.version;
    if (version !== (expects === 'absent' ? undefined : expects)) throw conflict(kind, id, expects);
  }

  async #remove(kind: RegistryKind, id: string, isExpired: boolean): Promise<boolean> {
    const key = keyOf(kind, id);
    if (!this.#entries.delete(key)) return false;
    await this.#write(() => this.#database.remove(key));
    this.#tell({ event: 'removed', kind, id, isExpired });
    return true;
  }

  /** Closing waits for what is being written: the database must not go while its thread works. */
  async #write(write: () => Promise<unknown>): Promise<void> {
    const written = write().then(() => this.#database.flushed);
    this.#writing.add(written);
    try {
      await written;
    } catch (error) {
      throw unreachable('embedded', error);
    } finally {
      this.#writing.delete(written);
    }
  }

  #tell(event: RegistryEvent): void {
    const kind = event.event === 'put' ? event.entry.kind : event.event === 'removed' ? event.kind : undefined;
    if (kind !== undefined) for (const listener of this.#listeners.get(kind) ?? []) listener(event);
  }

  /** Removes what is over, and waits for the next. */
  #expire(): void {
    const { clock } = this.options;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    let next = Infinity;
    for (const { entry, expiresAt } of [...this.#entries.values()]) {
      if (expiresAt === undefined) continue;
      // A removal that the disk refuses comes again with the next start; nobody sees the entry meanwhile.
      if (expiresAt <= clock.now()) this.#remove(entry.kind, entry.id, true).catch(() => undefined);
      else next = Math.min(next, expiresAt);
    }
    if (next === Infinity || this.#isClosed) return;
    this.#cancelExpiry = clock.after(Math.min(LONGEST_TIMER_MS, next - clock.now()), () => this.#expire());
  }
}
