import type { JsonObject } from '../common/json.js';

/** What is kept: one folder of entries each. */
export type RegistryKind = 'capture' | 'injection' | 'alert' | 'workflow' | 'nodeRule' | 'edgeRule' | 'view' | 'places';

/** One thing that somebody asked to be kept. */
export interface Entry {
  readonly kind: RegistryKind;
  readonly id: string;
  readonly value: JsonObject;
  /** Of this value; rises with each write of the registry, never used again. */
  readonly version: number;
}

/** What must be there for a write to happen: nothing, or the version that was read. */
export type Expectation = 'absent' | number;

export interface PutOptions {
  /** Milliseconds until the entry goes by itself, at least one second; for ever when left out. */
  readonly ttlMs?: number;
  readonly expects?: Expectation;
}

export type RegistryEvent =
  /** Everything of the kind, first and whenever changes may have been missed: what is not in it is gone. */
  | { readonly event: 'all'; readonly entries: readonly Entry[] }
  | { readonly event: 'put'; readonly entry: Entry }
  /** `isExpired`: its time was up. Where the home cannot tell, it says `false`. */
  | { readonly event: 'removed'; readonly kind: RegistryKind; readonly id: string; readonly isExpired: boolean };

export interface Watch {
  close(): void;
}

export interface RegistryStatus {
  readonly home: 'embedded' | 'etcd';
  /** Why nothing can be read or written at present; `undefined` when all is well. */
  readonly error: string | undefined;
  /** What somebody should know, for people: what another home still holds. */
  readonly notice?: string | undefined;
}

/**
 * Captures, alerts, rules, places in the picture: small things that outlive every process. A write that was answered is durable. Everything throws
 * `STORE_UNAVAILABLE`, retriable, while the home cannot be reached.
 */
export interface Registry {
  get(kind: RegistryKind, id: string): Promise<Entry | undefined>;
  /** In the order of their ids. */
  list(kind: RegistryKind): Promise<readonly Entry[]>;
  /** Throws `CONFLICT` when something else is there than `expects`. */
  put(kind: RegistryKind, id: string, value: JsonObject, options?: PutOptions): Promise<Entry>;
  /** `false` when nothing was there. Throws `CONFLICT` as `put`. */
  remove(kind: RegistryKind, id: string, expects?: number): Promise<boolean>;
  /** Tells of every entry of the kind from now on, in order, each version at least once; the latest always comes. */
  watch(kind: RegistryKind, listener: (event: RegistryEvent) => void): Watch;
  status(): RegistryStatus;
  close(): Promise<void>;
}
