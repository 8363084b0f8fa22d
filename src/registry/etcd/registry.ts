import { Etcd3, type IKeyValue, type Watcher } from 'etcd3';
import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import { conflict, unreachable } from '../conflict.js';
import type { EtcdAccess } from './access.js';
import { alwaysTry } from './alwaysTry.js';
import type { Entry, Expectation, PutOptions, Registry, RegistryEvent, RegistryKind, RegistryStatus, Watch } from '../registry.js';

/** Milliseconds until a call that is not answered counts as failed. */
const CALL_MS = 5_000;
/** Status of gRPC: nothing answers. */
const UNAVAILABLE = 14;

/** Milliseconds between attempts to watch again. */
const RETRY_MS = 1_000;

export interface EtcdOptions {
  /** `http://127.0.0.1:2379`. */
  readonly endpoints: readonly string[];
  /** Put in front of every key, so that several installations can share one etcd. */
  readonly prefix: string;
  readonly access?: EtcdAccess;
  readonly clock: Clock;
  readonly log: Log;
}

/** The registry in etcd, shared by all analyzers of an installation. Versions are etcd's revisions. */
export class EtcdRegistry implements Registry {
  readonly #client: Etcd3;
  readonly #watches = new Set<KindWatch>();
  #error: string | undefined;
  /** What somebody should know, with its status. */
  notice: string | undefined;

  constructor(private readonly options: EtcdOptions) {
    this.#client = new Etcd3({
      ...options.access,
      hosts: [...options.endpoints],
      dialTimeout: CALL_MS,
      faultHandling: { host: () => alwaysTry },
      defaultCallOptions: () => ({ deadline: Date.now() + CALL_MS }),
    });
  }

  async get(kind: RegistryKind, id: string): Promise<Entry | undefined> {
    const { kvs } = await this.#call(() => this.#client.get(this.#key(kind, id)).exec());
    return kvs[0] && this.#entry(kind, kvs[0]);
  }

  async list(kind: RegistryKind): Promise<readonly Entry[]> {
    return (await this.#read(kind)).entries;
  }

  async put(kind: RegistryKind, id: string, value: JsonObject, { ttlMs, expects }: PutOptions = {}): Promise<Entry> {
    const key = this.#key(kind, id);
    const lease = ttlMs === undefined ? undefined : await this.#grant(ttlMs);
    const put = (): ReturnType<Etcd3['put']> => {
      const builder = this.#client.put(key).value(JSON.stringify(value));
      return lease === undefined ? builder : builder.lease(lease);
    };
    if (expects === undefined) {
      const { header } = await this.#call(() => put().exec());
      return { kind, id, value, version: Number(header.revision) };
    }
    const { succeeded, header } = await this.#call(() => this.#onlyIf(key, expects).then(put()).commit());
    if (!succeeded) throw conflict(kind, id, expects);
    return { kind, id, value, version: Number(header.revision) };
  }

  async remove(kind: RegistryKind, id: string, expects?: number): Promise<boolean> {
    const key = this.#key(kind, id);
    if (expects === undefined) {
      const { deleted } = await this.#call(() => this.#client.delete().key(key).exec());
      return Number(deleted) > 0;
    }
    const { succeeded } = await this.#call(() => this.#onlyIf(key, expects).then(this.#client.delete().key(key)).commit());
    if (!succeeded) throw conflict(kind, id, expects);
    return true;
  }

  watch(kind: RegistryKind, listener: (event: RegistryEvent) => void): Watch {
    const watch = new KindWatch(
      {
        ...this.options,
        read: () => this.#read(kind),
        reached: (error) => (this.#error = error),
        watchFrom: (revision) => this.#client.watch().prefix(this.#key(kind, '')).startRevision(revision).create(),
        entryOf: (keyValue) => this.#entry(kind, keyValue),
        idOf: (keyValue) => this.#idOf(kind, keyValue),
        kind,
      },
      listener,
    );
    this.#watches.add(watch);
    return {
      close: () => {
        this.#watches.delete(watch);
        watch.close();
      },
    };
  }

  status(): RegistryStatus {
    return { home: 'etcd', error: this.#error, notice: this.notice };
  }

  close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    this.#watches.clear();
    this.#client.close();
    return Promise.resolve();
  }

  #key(kind: RegistryKind, id: string): string {
    return `${this.options.prefix}/${kind}/${id}`;
  }

  #idOf(kind: RegistryKind, { key }: IKeyValue): string {
    return key.toString('utf8').slice(this.#key(kind, '').length);
  }

  #entry(kind: RegistryKind, keyValue: IKeyValue): Entry {
    const value = JSON.parse(keyValue.value.toString('utf8')) as JsonObject;
    return { kind, id: this.#idOf(kind, keyValue), value, version: Number(keyValue.mod_revision) };
  }

  #onlyIf(key: string, expects: Expectation): ReturnType<Etcd3['if']> {
    return expects === 'absent' ? this.#client.if(key, 'Create', '==', 0) : this.#client.if(key, 'Mod', '==', expects);
  }

  async #read(kind: RegistryKind): Promise<{ readonly entries: readonly Entry[]; readonly revision: number }> {
    const { kvs, header } = await this.#call(() => this.#client.getAll().prefix(this.#key(kind, '')).sort('Key', 'Ascend').exec());
    return { entries: kvs.map((keyValue) => this.#entry(kind, keyValue)), revision: Number(header.revision) };
  }

  /** A lease that nobody keeps alive: the entry goes when it is over. */
  async #grant(ttlMs: number): Promise<string> {
    const { ID } = await this.#call(() => this.#client.leaseClient.leaseGrant({ TTL: Math.ceil(ttlMs / 1_000), ID: 0 }));
    return ID;
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      this.#error = undefined;
      return answer;
    } catch (error) {
      if (error instanceof CanopyError) throw error;
      this.#error = error instanceof Error ? error.message : String(error);
      throw unreachable('etcd', error);
    }
  }
}

interface WatchParts {
  readonly kind: RegistryKind;
  readonly clock: Clock;
  readonly log: Log;
  /** etcd is there, or is not for this reason. */
  reached(error: string | undefined): void;
  read(): Promise<{ readonly entries: readonly Entry[]; readonly revision: number }>;
  watchFrom(revision: string): Promise<Watcher>;
  entryOf(keyValue: IKeyValue): Entry;
  idOf(keyValue: IKeyValue): string;
}

/** Reads everything, then follows; after a failure that may have lost something it reads everything again. */
class KindWatch {
  private watcher: Watcher | undefined;
  private cancelRetry: Cancel | undefined;
  private isClosed = false;

  constructor(
    private readonly parts: WatchParts,
    private readonly listener: (event: RegistryEvent) => void,
  ) {
    void this.start();
  }

  close(): void {
    this.isClosed = true;
    this.cancelRetry?.();
    this.forget();
  }

  private async start(): Promise<void> {
    if (this.isClosed) return;
    try {
      const { entries, revision } = await this.parts.read();
      if (this.isClosed) return;
      this.listener({ event: 'all', entries });
      const watcher = await this.parts.watchFrom(String(revision + 1));
      if (this.isClosed) return void watcher.cancel().catch(() => undefined);
      this.watcher = watcher;
      watcher.on('put', (keyValue) => this.tell({ event: 'put', entry: this.parts.entryOf(keyValue) }));
      watcher.on('delete', (keyValue) =>
        this.tell({ event: 'removed', kind: this.parts.kind, id: this.parts.idOf(keyValue), isExpired: false }),
      );
      watcher.on('connected', () => this.parts.reached(undefined));
      // Others are the deadline of the watch, after which it goes on by itself.
      watcher.on('disconnected', (error) => {
        if ((error as { code?: number }).code === UNAVAILABLE) this.parts.reached(error.message);
      });
      watcher.on('error', (error) => this.again(error));
      // etcd compacts what is older than a while: only reading everything tells what happened in between.
      watcher.on('end', () => this.again('the watch ended'));
    } catch (error) {
      this.again(error);
    }
  }

  private tell(event: RegistryEvent): void {
    if (!this.isClosed) this.listener(event);
  }

  private again(error: unknown): void {
    if (this.isClosed || this.cancelRetry !== undefined) return;
    this.parts.log.warn({ kind: this.parts.kind, error: String(error) }, 'the registry is not followed; tried again');
    this.forget();
    this.cancelRetry = this.parts.clock.after(RETRY_MS, () => {
      this.cancelRetry = undefined;
      void this.start();
    });
  }

  private forget(): void {
    const { watcher } = this;
    this.watcher = undefined;
    watcher?.removeAllListeners();
    watcher?.on('error', () => undefined);
    watcher?.cancel().catch(() => undefined);
  }
}
