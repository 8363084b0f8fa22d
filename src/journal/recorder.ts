import type { Cancel, Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import type { Change, CoverageChange } from '../graph/change.js';
import type { DeltaBatch } from '../graph/delta.js';
import { LiveGraph, type GraphLimits, type Measured } from '../graph/liveGraph.js';
import type { Position } from '../graph/position.js';
import type { GraphView } from '../graph/view.js';
import { AliveMark } from './aliveMark.js';
import { changesBytes, ChangeTail } from './changeTail.js';
import { Committer, type CommitterStatus } from './committer.js';
import type { Progress, Recorded, RecorderContract } from './contracts.js';
import { Coverage, type GapSubject } from './coverage.js';
import { openDataFolder } from './dataFolder.js';
import { Journal } from './journal.js';
import { LmdbStore } from './lmdbStore.js';
import type { OrderedStore } from './orderedStore.js';

/** How often the governor is asked for what is due, ms. */
const TICK_MS = 100;

/** How often a running analyzer says on disk that it is, ms: the start of the gap that a crash leaves is known this exactly. */
const ALIVE_MS = 10_000;

export interface RecorderLimits {
  /** Undurable changes, in bytes, at which writers are held up. */
  readonly maxTailBytes: number;
  readonly graph?: Partial<GraphLimits>;
}

export interface RecorderOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: RecorderLimits;
}

export interface RecorderStatus extends CommitterStatus {
  readonly epoch: number;
  /** Last change, last durable change, first change that is kept. */
  readonly lastSeq: number;
  readonly keptSeq: number;
  readonly oldestSeq: number;
  /** Bytes of the journal on disk. */
  readonly journalBytes: number;
  /** How far the clock is behind the log's last instant, ms. */
  readonly clockFreezeMs: number;
}

/** Opens the data folder, takes it for this process, and restores what it keeps. Throws `DATA_LOCKED`, `DATA_NEWER`, `DATA_DAMAGED`, `STORE_UNAVAILABLE`. */
export async function openRecorder(options: RecorderOptions & { readonly dataDir: string }): Promise<Recorder> {
  const folder = openDataFolder(options.dataDir);
  try {
    const store = new LmdbStore(folder.journalPath);
    try {
      return await Recorder.open(store, options, folder.release);
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** The one way to write: applies to the live graph, tells the listeners, and has the journal keep it. */
export class Recorder implements RecorderContract {
  readonly graph: LiveGraph;
  readonly journal: Journal;
  readonly coverage: Coverage;
  readonly #clock: Clock;
  readonly #committer: Committer;
  readonly #tail: ChangeTail;
  readonly #alive: AliveMark;
  readonly #onClosed: () => void;
  readonly #changeListeners = new Set<(changes: readonly Change[]) => void>();
  readonly #measuredListeners = new Set<(measured: readonly Measured[]) => void>();
  #timers: Cancel[] = [];
  #cancelRest: Cancel | undefined;
  #isClosed = false;

  private constructor(journal: Journal, alive: AliveMark, options: RecorderOptions, onClosed: () => void) {
    const { clock, log, limits } = options;
    this.journal = journal;
    this.#clock = clock;
    this.#alive = alive;
    this.#onClosed = onClosed;
    this.graph = new LiveGraph({ now: () => clock.now(), ...(limits.graph === undefined ? {} : { limits: limits.graph }) });
    this.coverage = new Coverage();
    this.#tail = new ChangeTail(journal.lastSeq);
    this.#committer = new Committer(journal, this.graph, clock, log, limits.maxTailBytes);
  }

  /** A recorder over a store that is already open; `onClosed` is called after the store was closed. */
  static async open(store: OrderedStore, options: RecorderOptions, onClosed: () => void = () => undefined): Promise<Recorder> {
    const now = options.clock.now();
    const alive = new AliveMark(store);
    const lastAlive = alive.read();
    const journal = await Journal.open(store, now);
    const recorder = new Recorder(journal, alive, options, onClosed);
    recorder.#restore(lastAlive);
    if (lastAlive !== undefined) recorder.#noteDowntime(lastAlive);
    await alive.write(now);
    recorder.#timers = [
      options.clock.every(TICK_MS, () => recorder.#tick()),
      // A disk that refuses shows in the commits' own status; the mark is not worth a message of its own.
      options.clock.every(ALIVE_MS, () => void alive.write(options.clock.now()).catch(() => undefined)),
    ];
    return recorder;
  }

  record(batch: DeltaBatch, progress?: Progress): Recorded {
    if (this.#isClosed) throw closed();
    const applied = this.graph.apply(batch);
    const bytes = this.#take(applied.changes);
    const waitsFor = applied.held > 0 ? applied.heldSerial : undefined;
    const durable = this.#committer.add(bytes, batch.origin, progress, waitsFor);
    if (applied.changes.length > 0) this.#tell(applied.changes);
    if (applied.measured.length > 0) for (const listener of this.#measuredListeners) listener(applied.measured);
    const { changes, rejected, created, updated, unchanged, removed } = applied;
    return { changes, rejected, created, updated, unchanged, removed, position: this.position(), durable };
  }

  openGap(gap: GapSubject & { readonly since: number }): Change {
    const open = this.coverage.openGap(gap);
    return open === undefined ? this.#logCoverage('gapOpened', gap, gap.since) : open.opened;
  }

  closeGap(gap: GapSubject): Change | undefined {
    const open = this.coverage.openGap(gap);
    return open === undefined ? undefined : this.#logCoverage('gapClosed', gap, open.from);
  }

  onChanges(listener: (changes: readonly Change[]) => void): Cancel {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  onMeasured(listener: (measured: readonly Measured[]) => void): Cancel {
    this.#measuredListeners.add(listener);
    return () => void this.#measuredListeners.delete(listener);
  }

  progressOf(origin: string): Progress | undefined {
    return this.journal.progressOf(origin);
  }

  position(): Position {
    return this.graph.position();
  }

  present(): GraphView {
    const view = this.graph.view();
    this.graph.seal(view.at);
    return view;
  }

  recent(after: Position): readonly Change[] | undefined {
    return this.journal.check(after) === 'good' ? this.#tail.after(after.seq) : undefined;
  }

  get isFull(): boolean {
    return this.#committer.isFull;
  }

  get diskError(): string | undefined {
    return this.#committer.error;
  }

  onRoom(listener: () => void): Cancel {
    return this.#committer.onRoom(listener);
  }

  status(): RecorderStatus {
    const { journal } = this;
    return {
      ...this.#committer.status(),
      epoch: journal.epochs.current,
      lastSeq: journal.lastSeq,
      keptSeq: journal.keptSeq,
      oldestSeq: journal.oldestSeq,
      journalBytes: journal.store.sizeBytes(),
      clockFreezeMs: this.graph.clockFreeze(),
    };
  }

  /** Makes durable what can be, notes the clean stop, and lets go of the folder. What the disk refuses within `patienceMs` is lost, and its `durable` rejects. */
  async close(patienceMs = 2_000): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const cancel of this.#timers) cancel();
    this.#cancelRest?.();
    await this.#committer.close(patienceMs, closed());
    await this.#alive.write(this.#clock.now()).catch(() => undefined);
    await this.journal.store.close();
    this.#onClosed();
  }

  #restore(lastAlive: number | undefined): void {
    const { journal } = this;
    const elements = [];
    const suspended = [];
    for (const { revision, isSuspended } of journal.restore()) {
      if (!isSuspended) elements.push(revision);
      else if (revision.kind === 'edge') suspended.push(revision);
    }
    const { lastSeq, timeline, epochs } = journal;
    // Questions were answered up to the last sign of life at least: nothing may be given an instant of before it, even if the clock was set back.
    const lastAt = Math.max(timeline.lastAt, lastAlive ?? 0);
    this.graph.restore({ elements, suspended, lastAt, lastSeq, epoch: epochs.current });
    for (const change of journal.coverage()) this.coverage.take(change);
  }

  /** Nobody watched between the last sign of life and now. A gap that a crash left open is closed too. */
  #noteDowntime(since: number): void {
    const subject = { reason: 'ANALYZER_DOWN' } as const;
    this.openGap({ ...subject, since: Math.min(since, this.#clock.now()) });
    this.closeGap(subject);
  }

  #logCoverage(op: CoverageChange['op'], { reason, origin, host, probe }: GapSubject, since: number): Change {
    const change: CoverageChange = { ...this.graph.nextStamp(), op, reason, since, origin, host, probe };
    this.coverage.take(change);
    const bytes = this.#take([change]);
    void this.#committer.add(bytes, undefined, undefined, undefined);
    this.#tell([change]);
    return change;
  }

  #tick(): void {
    this.#cancelRest?.();
    const changes = this.graph.tick();
    if (changes.length > 0) {
      const bytes = this.#take(changes);
      void this.#committer.add(bytes, undefined, undefined, undefined);
    }
    this.#committer.releaseHeld();
    if (changes.length > 0) this.#tell(changes);
    // Others have their turn in between.
    this.#cancelRest = this.graph.hasDue() ? this.#clock.after(0, () => this.#tick()) : undefined;
  }

  /** How many bytes the changes take. */
  #take(changes: readonly Change[]): number {
    if (changes.length === 0) return 0;
    const bytes = changesBytes(changes);
    this.journal.stage(changes);
    this.#tail.push(changes, bytes, this.journal.keptSeq);
    return bytes;
  }

  #tell(changes: readonly Change[]): void {
    for (const listener of this.#changeListeners) listener(changes);
  }
}

const closed = (): CanopyError =>
  new CanopyError('STORE_UNAVAILABLE', 'The analyzer is stopping: nothing is recorded any more.', { retriable: true });
