import type { Cancel, Clock } from '../common/clock.js';
import type { CanopyError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import type { LiveGraph } from '../graph/liveGraph.js';
import type { Progress } from './contracts.js';
import type { Journal } from './journal.js';

/** A commit takes batches until it has this many changes, or bytes of them: enough to be fast, few enough to be short. */
const CHANGES_PER_COMMIT = 1_000;
const BYTES_PER_COMMIT = 512 * 1024;

/** First and longest wait before a disk that refused is asked again, ms. */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/** Writers are let in again when the tail has shrunk to this part of its bound. */
const ROOM_AT = 0.75;

export interface CommitterStatus {
  /** Changes that are not durable yet, and their bytes. */
  readonly tailChanges: number;
  readonly tailBytes: number;
  readonly isFull: boolean;
  /** How long the oldest of them has waited, ms. */
  readonly durableLagMs: number;
  readonly commits: number;
  /** Refusals by the disk since the start. */
  readonly retries: number;
  /** Why the disk refuses at present. */
  readonly error: string | undefined;
}

/** One call to `add`, waiting for the disk. */
interface Waiting {
  /** Durable once the change `through` is. */
  through: number;
  readonly bytes: number;
  readonly since: number;
  readonly progress: Progress | undefined;
  /** Number of the hold in the governor that has to be out first. */
  readonly waitsFor: number | undefined;
  resolve(): void;
  reject(error: CanopyError): void;
}

/** Brings staged changes to the disk: in groups, in order, again and again until it takes them. */
export class Committer {
  readonly #journal: Journal;
  readonly #graph: LiveGraph;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxTailBytes: number;
  #queue: Waiting[] = [];
  /** By origin, in order: what must not be acknowledged before something in the governor is out. */
  readonly #held = new Map<string, Waiting[]>();
  readonly #roomListeners = new Set<() => void>();
  #tailBytes = 0;
  #isFull = false;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isClosing = false;
  #commits = 0;
  #retries = 0;
  #error: string | undefined;

  constructor(journal: Journal, graph: LiveGraph, clock: Clock, log: Log, maxTailBytes: number) {
    this.#journal = journal;
    this.#graph = graph;
    this.#clock = clock;
    this.#log = log;
    this.#maxTailBytes = maxTailBytes;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Why the disk refuses at present. */
  get error(): string | undefined {
    return this.#error;
  }

  onRoom(listener: () => void): Cancel {
    this.#roomListeners.add(listener);
    return () => void this.#roomListeners.delete(listener);
  }

  /** Queues what was just staged, `bytes` of changes. The promise resolves when it, everything before it, and its progress are on disk. */
  add(bytes: number, origin: string | undefined, progress: Progress | undefined, waitsFor: number | undefined): Promise<void> {
    this.#tailBytes += bytes;
    if (this.#tailBytes >= this.#maxTailBytes) this.#isFull = true;
    const through = this.#journal.lastSeq;
    const since = this.#clock.monotonic();
    const durable = new Promise<void>((resolve, reject) => {
      const held = origin === undefined ? undefined : this.#held.get(origin);
      const waiting: Waiting = { through, bytes, since, progress, waitsFor, resolve, reject };
      if (origin === undefined || (waitsFor === undefined && held === undefined)) {
        this.#queue.push(waiting);
        return;
      }
      // The changes go now, the acknowledgement later: and after it those of all later batches of the origin.
      this.#queue.push({ ...waiting, progress: undefined, resolve: () => undefined, reject: () => undefined });
      const later = { ...waiting, bytes: 0 };
      if (held === undefined) this.#held.set(origin, [later]);
      else held.push(later);
    });
    // Who does not wait for it must not end the process by that.
    durable.catch(() => undefined);
    this.#start();
    return durable;
  }

  /** Queues what waited for the governor and does not any more; call it after each tick. */
  releaseHeld(): void {
    if (this.#held.size === 0) return;
    const oldest = this.#graph.oldestHeld() ?? Infinity;
    for (const [origin, waiting] of this.#held) {
      let out = 0;
      while (out < waiting.length && (waiting[out]!.waitsFor ?? 0) < oldest) out++;
      for (const entry of waiting.splice(0, out)) {
        entry.through = this.#journal.lastSeq;
        this.#queue.push(entry);
      }
      if (waiting.length === 0) this.#held.delete(origin);
    }
    this.#start();
  }

  status(): CommitterStatus {
    const oldest = this.#queue[0];
    return {
      tailChanges: this.#journal.lastSeq - this.#journal.keptSeq,
      tailBytes: this.#tailBytes,
      isFull: this.#isFull,
      durableLagMs: oldest === undefined ? 0 : this.#clock.monotonic() - oldest.since,
      commits: this.#commits,
      retries: this.#retries,
      error: this.#error,
    };
  }

  /** Commits what is queued; gives up after `patienceMs` with the error for everybody who waits. */
  async close(patienceMs: number, error: CanopyError): Promise<void> {
    // Also a disk that neither takes nor refuses must not hold up the end.
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(patienceMs, () => {
        this.#isClosing = true;
        this.#wake?.();
        resolve();
      });
      void (this.#running ?? Promise.resolve()).then(() => {
        cancel();
        resolve();
      });
    });
    this.#isClosing = true;
    for (const waiting of [...this.#queue, ...[...this.#held.values()].flat()]) waiting.reject(error);
    this.#queue = [];
    this.#held.clear();
  }

  #start(): void {
    if (this.#running !== undefined || this.#isClosing || this.#queue.length === 0) return;
    // A microtask later, so that what one turn of the event loop records goes together.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#isClosing) {
        const group = this.#nextGroup();
        const isKept = await this.#keep(group);
        if (!isKept) return;
        this.#queue.splice(0, group.length);
        this.#commits++;
        for (const waiting of group) {
          this.#tailBytes -= waiting.bytes;
          waiting.resolve();
        }
        this.#tellRoom();
      }
    } finally {
      this.#running = undefined;
    }
  }

  #nextGroup(): Waiting[] {
    const most = this.#journal.keptSeq + CHANGES_PER_COMMIT;
    let end = 1;
    let bytes = this.#queue[0]!.bytes;
    while (end < this.#queue.length && this.#queue[end]!.through <= most && bytes < BYTES_PER_COMMIT) bytes += this.#queue[end++]!.bytes;
    return this.#queue.slice(0, end);
  }

  /** Until the disk takes it; `false` when the recorder is closed before. */
  async #keep(group: readonly Waiting[]): Promise<boolean> {
    const latest = new Map<string, Progress>();
    for (const { progress } of group) if (progress !== undefined) latest.set(progress.origin, progress);
    const through = group.at(-1)!.through;
    const progress = [...latest.values()];
    for (let delay = FIRST_RETRY_MS; !this.#isClosing; delay = Math.min(delay * 2, LONGEST_RETRY_MS)) {
      try {
        if (this.#journal.hasRefused) await this.#journal.retry();
        else if (through > this.#journal.keptSeq || progress.length > 0) await this.#journal.commit(through, progress);
        if (this.#error !== undefined) this.#log.info({ retries: this.#retries }, 'the disk takes changes again');
        this.#error = undefined;
        return true;
      } catch (error) {
        this.#retries++;
        if (this.#error === undefined)
          this.#log.error(
            { error: (error as Error).message },
            'changes cannot be kept; the live graph goes on and the disk is asked again',
          );
        this.#error = (error as Error).message;
        await this.#pause(delay);
      }
    }
    return false;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #tellRoom(): void {
    if (!this.#isFull || this.#tailBytes > this.#maxTailBytes * ROOM_AT) return;
    this.#isFull = false;
    for (const listener of [...this.#roomListeners]) listener();
  }
}
