import { mkdirSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import type { Cancel, Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import type { ElementId } from '../../graph/element.js';
import type { RecorderContract } from '../../journal/contracts.js';

/** Milliseconds between two looks for leases that ran out. */
const LOOK_EVERY_MS = 500;

/** Publishers cannot renew while the analyzer is away: after a start every lease has at least this long, or its own length if that is less. */
const GRACE_AFTER_START_MS = 35_000;

interface Lease {
  readonly origin: string;
  readonly lengthMs: number;
  readonly expiresAt: number;
}

/** What the leases stand on. */
export interface LeaseParts {
  readonly recorder: Pick<RecorderContract, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of their own, kept across starts. */
  readonly folder: string;
}

/** Elements that go unless they are published again in time. Kept on disk, so that a restart neither forgets nor expires them early. */
export class Leases {
  readonly #leases = new Map<ElementId, Lease>();
  readonly #database: RootDatabase<Lease, string>;
  readonly #stop: Cancel;
  readonly #writing = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(private readonly parts: LeaseParts) {
    mkdirSync(parts.folder, { recursive: true });
    this.#database = open<Lease, string>({ path: parts.folder, noSubdir: false, mapSize: MAP_BYTES });
    const now = parts.clock.now();
    for (const { key, value } of this.#database.getRange()) {
      const expiresAt = Math.max(value.expiresAt, now + Math.min(value.lengthMs, GRACE_AFTER_START_MS));
      this.#leases.set(key, { ...value, expiresAt });
    }
    this.#stop = parts.clock.every(LOOK_EVERY_MS, () => this.expire());
  }

  get count(): number {
    return this.#leases.size;
  }

  /** Starts or renews the leases of what an origin published; without a length they end, and the elements stay. Resolves when it is kept. */
  async renew(origin: string, ids: readonly ElementId[], lengthMs: number | undefined): Promise<void> {
    if (lengthMs === undefined) return this.forget(ids);
    const lease: Lease = { origin, lengthMs, expiresAt: this.parts.clock.now() + lengthMs };
    for (const id of ids) this.#leases.set(id, lease);
    await this.#write(ids.map((id) => this.#database.put(id, lease)));
  }

  /** Ends leases without removing anything. */
  async forget(ids: readonly ElementId[]): Promise<void> {
    if (this.#isClosed) return; // a removal that became durable at the very end: its lease expires again and finds nothing
    const held = ids.filter((id) => this.#leases.delete(id));
    await this.#write(held.map((id) => this.#database.remove(id)));
  }

  /** Removes what was not published again in time, reason `LEASE_EXPIRED`. Runs by itself. */
  expire(): void {
    const now = this.parts.clock.now();
    const expired = new Map<string, ElementId[]>();
    for (const [id, { origin, expiresAt }] of this.#leases) {
      if (expiresAt > now) continue;
      const ids = expired.get(origin);
      if (ids === undefined) expired.set(origin, [id]);
      else ids.push(id);
    }
    for (const [origin, ids] of expired) this.#remove(origin, ids);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#isClosed = true;
    await Promise.allSettled(this.#writing);
    await this.#database.close();
  }

  /** What is written in one turn is one transaction. Closing waits for it: the database must not go while its thread works. */
  async #write(writes: readonly Promise<boolean>[]): Promise<void> {
    if (writes.length === 0) return;
    const kept = Promise.all(writes).then(() => this.#database.flushed);
    this.#writing.add(kept);
    try {
      await kept;
    } finally {
      this.#writing.delete(kept);
    }
  }

  #remove(origin: string, ids: readonly ElementId[]): void {
    this.parts.log.info({ origin, elements: ids.length }, 'leases ran out; removing what was not published again');
    try {
      const { durable } = this.parts.recorder.record({
        origin,
        deltas: ids.map((id) => ({ op: 'remove', id, reason: 'LEASE_EXPIRED' })),
        immediate: true,
      });
      // The lease goes after the removal is kept: after a crash in between, it expires again and finds nothing to remove. One that was
      // renewed meanwhile, by publishing the element anew, stays.
      const removing = new Map(ids.map((id) => [id, this.#postpone(id)] as const));
      durable
        .then(() => this.forget(ids.filter((id) => this.#leases.get(id) === removing.get(id))))
        .catch((error: unknown) => this.parts.log.warn({ origin, err: error }, 'removal after a lease is not kept; trying again'));
    } catch (error) {
      this.parts.log.warn({ origin, err: error }, 'could not remove what was not published again; trying again');
    }
  }

  /** Until the removal is durable the lease stays, without being found again at each look. */
  #postpone(id: ElementId): Lease | undefined {
    const lease = this.#leases.get(id);
    const postponed = lease && { ...lease, expiresAt: this.parts.clock.now() + GRACE_AFTER_START_MS };
    if (postponed !== undefined) this.#leases.set(id, postponed);
    return postponed;
  }
}

/** Address space, not memory or disk: a lease takes some hundred bytes. */
const MAP_BYTES = 1024 ** 3;
