import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import type { Database, Run } from './database.js';
import { cut, prune, wipe } from './erase.js';
import { migrate } from './migrations.js';
import { beginning, resume } from './place.js';
import { isMoved, move, moved, readProjection, takeOver, type Projection } from './position.js';
import { readSetAside, setAside, type SetAside } from './setAside.js';
import { baseOf, basePiece, changesAfter, type ChangeSource } from './source.js';
import { writeBatch } from './write.js';

/** Changes of one transaction. Larger ones gain little, and hold the database's memory. */
const BATCH_CHANGES = 2_000;

/** How long changes are collected before they are written, ms. */
const COLLECT_MS = 100;

/** How often an idle database is looked at, ms. */
const LOOK_MS = 5_000;

/** How long the database is left alone after a failure, ms: doubled each time up to the greater one. */
const LEAST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 30_000;

/** How often something that may pass by itself (a deadlock, too little memory) is tried again with less, before the database counts as away. */
const TRANSIENT_TRIES = 12;

/** How often a question is asked again because something was written meanwhile. */
const STEADY_TRIES = 3;

/** What only a person mends: another's database, a newer one, one that was tampered with. Somebody may, so it is looked at again now and then. */
const HOPELESS: ReadonlySet<string> = new Set(['DATA_NEWER', 'DATA_DAMAGED', 'DATA_LOCKED']);

export type ProjectionState = 'CONNECTING' | 'FOLLOWING' | 'REBUILDING' | 'AWAY' | 'STOPPED';

/** How the projection fares. */
export interface ProjectionStatus {
  /** `AWAY`: the database does not answer and is tried again. `STOPPED`: only a person can help; `error` says how. */
  readonly state: ProjectionState;
  readonly url: string;
  /** What the server says of itself, once it was reached. */
  readonly server: string | undefined;
  /** The last change that is in the database. */
  readonly seq: number;
  /** Durable changes that are not there yet, and how long the oldest of them waits, ms. */
  readonly behind: number;
  readonly lagMs: number;
  /** Why it is away or stopped. */
  readonly error: string | undefined;
  /** Since the start. */
  readonly written: number;
  readonly retries: number;
  /** Changes that the database refused, oldest first. */
  readonly setAside: readonly SetAside[];
  /** Elements of the journal's beginning and changes that are written, of how many, while `REBUILDING`. */
  readonly rebuild: { readonly done: number; readonly total: number } | undefined;
}

/** Something to be done between two batches. */
interface Errand {
  run(): Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

export interface ProjectorOptions {
  readonly database: Database;
  readonly source: ChangeSource;
  readonly url: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Follows the journal into the database. Its place is in the transaction of the rows, so that nothing is written twice or left out, whatever ends when. Nobody waits for
 * it: when the database is away it tries again, and catches up in order.
 */
export class Projector {
  readonly #options: ProjectorOptions;
  readonly #writer = crypto.randomUUID();
  #place: Projection | undefined;
  /** Where the place was last, also while the database is away. */
  #seq = 0;
  #isHopeless = false;
  #server: string | undefined;
  #error: string | undefined;
  #pauseMs = LEAST_PAUSE_MS;
  #batchChanges = BATCH_CHANGES;
  /** A batch up to here failed: somewhere before it is the bad row. */
  #suspectThrough = 0;
  #transientTries = 0;
  #writes = 0;
  #transaction: Promise<void> = Promise.resolve();
  #written = 0;
  #retries = 0;
  #setAside: readonly SetAside[] = [];
  #base: { readonly seq: number; readonly revisions: readonly number[] } | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #wake: () => void = () => undefined;
  readonly #waiters: { readonly seq: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #errands: Errand[] = [];

  constructor(options: ProjectorOptions) {
    this.#options = options;
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** There are new changes, or the database may be back. */
  nudge(): void {
    this.#wake();
  }

  /** Resolves when what is durable now is in the database; rejects when the projection has stopped. Waits while the database is away. */
  async caughtUp(): Promise<void> {
    const seq = this.#options.source.journal.keptSeq;
    if (this.#hasWritten(seq)) return;
    if (this.#isHopeless || this.#isStopping) throw this.#stopped();
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ seq, resolve, reject });
      this.#wake();
    });
  }

  /** Whether the database has the graph after this change, whole, and answers. */
  has(seq: number): boolean {
    return this.#hasWritten(seq) && seq < (this.#setAside[0]?.seq ?? Infinity);
  }

  /**
   * What is read while nothing is written. Neo4j promises a reader only that each row was committed, not that all are of one moment: what moves to another place of an
   * index meanwhile may be missed. `undefined` where the database is written to all the time.
   */
  async steadily<T>(read: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 0; attempt < STEADY_TRIES; attempt++) {
      await this.#transaction;
      const writes = this.#writes;
      const answer = await read();
      if (writes === this.#writes) return answer;
    }
    return undefined;
  }

  /** Takes what ended with a change up to `seq` out of the database, between two batches. Not while it is away: the next pruning takes that too. */
  async prune(seq: number): Promise<void> {
    if (this.#place?.phase !== 'follow') return;
    await new Promise<void>((resolve, reject) => {
      const run = async (): Promise<void> => {
        await prune(this.#options.database, Math.min(seq, this.#seq));
        this.#setAside = await readSetAside(this.#options.database);
      };
      this.#errands.push({ run, resolve, reject });
      this.#wake();
    });
  }

  /** Resolves when the running transaction has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#running;
    this.#dismiss(this.#stopped());
  }

  status(): ProjectionStatus {
    const { url, source, clock } = this.#options;
    const { journal } = source;
    const behind = Math.max(0, journal.keptSeq - this.#seq);
    const waiting = behind === 0 ? undefined : journal.timeline.atOf(Math.max(this.#seq + 1, journal.oldestSeq));
    return {
      state: this.#state(),
      url,
      server: this.#server,
      seq: this.#seq,
      behind,
      lagMs: waiting === undefined ? 0 : Math.max(0, clock.now() - waiting),
      error: this.#error,
      written: this.#written,
      retries: this.#retries,
      setAside: this.#setAside,
      rebuild: this.#place?.isRebuilding ? this.#progress() : undefined,
    };
  }

  #state(): ProjectionState {
    if (this.#isHopeless) return 'STOPPED';
    if (this.#place === undefined) return this.#error === undefined ? 'CONNECTING' : 'AWAY';
    return this.#place.isRebuilding ? 'REBUILDING' : 'FOLLOWING';
  }

  #progress(): { readonly done: number; readonly total: number } {
    const { journal } = this.#options.source;
    const before = journal.oldestSeq - 1;
    const base = this.#base?.revisions.length ?? 0;
    const baseDone = this.#place?.phase === 'follow' ? base : (this.#place?.baseDone ?? 0);
    return { done: baseDone + Math.max(0, this.#seq - before), total: base + journal.keptSeq - before };
  }

  #hasWritten(seq: number): boolean {
    return this.#place?.phase === 'follow' && seq <= this.#place.seq;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        const place = this.#place ?? (await this.#connect());
        await this.#runErrands();
        const hasMore = await this.#step(place);
        this.#pauseMs = LEAST_PAUSE_MS;
        this.#resolveWaiters();
        if (!hasMore && (await this.#idle())) await this.#look(place);
      } catch (error) {
        this.#failed(error);
        await this.#sleep(this.#isHopeless ? MOST_PAUSE_MS : this.#pauseMs);
        this.#pauseMs = Math.min(MOST_PAUSE_MS, this.#pauseMs * 2);
      }
    }
  }

  async #runErrands(): Promise<void> {
    for (let errand = this.#errands.shift(); errand !== undefined; errand = this.#errands.shift()) {
      await errand.run().then(errand.resolve, errand.reject);
    }
  }

  /** Reads where the database is and takes over from whoever wrote before. */
  async #connect(): Promise<Projection> {
    const { database, source, log, url } = this.#options;
    const { agent } = await database.verify();
    this.#server = agent;
    await migrate(database, log);
    const there = await readProjection(database);
    const place = { ...resume(there, source.journal, url), writer: this.#writer };
    await takeOver(database, place);
    this.#setAside = await readSetAside(database);
    log.info({ server: agent, phase: place.phase, seq: place.seq, journal: source.journal.keptSeq }, 'Neo4j follows the journal');
    this.#error = undefined;
    this.#isHopeless = false;
    this.#stand(place);
    return place;
  }

  /** Does the next piece of work. Returns whether there is more. */
  async #step(place: Projection): Promise<boolean> {
    const { database, source } = this.#options;
    switch (place.phase) {
      case 'wipe':
        await wipe(database);
        this.#setAside = [];
        this.#base = undefined;
        await this.#moveTo({ ...beginning(source.journal), writer: this.#writer });
        return true;
      case 'cut':
        await cut(database, place.seq);
        this.#setAside = await readSetAside(database);
        await this.#moveTo({ ...place, phase: 'follow' });
        return true;
      case 'base':
        await this.#writeBase(place);
        return true;
      case 'follow':
        return this.#follow(place);
    }
  }

  async #writeBase(place: Projection): Promise<void> {
    const { journal } = this.#options.source;
    if (place.seq < journal.oldestSeq - 1) return this.#moveTo({ ...place, phase: 'wipe', seq: 0, baseDone: 0, isRebuilding: true });
    if (this.#base?.seq !== place.seq) this.#base = { seq: place.seq, revisions: await baseOf(journal, place.seq) };
    const { revisions } = this.#base;
    const done = Math.min(revisions.length, place.baseDone + this.#batchChanges);
    const batch = await basePiece(journal, revisions.slice(place.baseDone, done));
    const next: Projection = { ...place, baseDone: done, phase: done === revisions.length ? 'follow' : 'base' };
    await this.#write(async (run) => {
      await move(run, place, next);
      await writeBatch(run, batch);
    });
    this.#stand(next);
  }

  async #follow(place: Projection): Promise<boolean> {
    const { source } = this.#options;
    const { journal } = source;
    if (place.seq >= journal.keptSeq) {
      if (place.isRebuilding) await this.#moveTo({ ...place, isRebuilding: false });
      return false;
    }
    const size = this.#suspectThrough > place.seq ? Math.ceil((this.#suspectThrough - place.seq) / 2) : this.#batchChanges;
    await this.#writeChanges(place, Math.min(size, this.#batchChanges));
    return true;
  }

  async #writeChanges(place: Projection, most: number): Promise<void> {
    const { source } = this.#options;
    let through = Math.min(source.journal.keptSeq, place.seq + most);
    try {
      const piece = await changesAfter(source, place.seq, most);
      // Longer away than changes are kept: what is between cannot be told any more.
      if (piece === undefined) return await this.#moveTo({ ...place, phase: 'wipe', seq: 0, baseDone: 0, isRebuilding: true });
      through = piece.through;
      const next = this.#placeAt(place, through);
      await this.#write(async (run) => {
        await move(run, place, next);
        await writeBatch(run, piece.batch);
      });
      this.#stand(next);
      this.#transientTries = 0;
      if (this.#suspectThrough <= through) this.#batchChanges = Math.min(BATCH_CHANGES, this.#batchChanges * 2);
    } catch (error) {
      await this.#refused(place, through, error);
    }
  }

  /** Something was wrong with a batch: makes the next one smaller, or sets its only row aside. Throws what has to do with the database and not with the rows. */
  async #refused(place: Projection, through: number, error: unknown): Promise<void> {
    const { log } = this.#options;
    if (error instanceof CanopyError && HOPELESS.has(error.code)) throw error;
    const isTransient = error instanceof CanopyError && String(error.details.neo4j).startsWith('Neo.TransientError');
    if (error instanceof CanopyError && error.retriable) {
      if (!isTransient || ++this.#transientTries > TRANSIENT_TRIES) throw error;
      this.#retries++;
      this.#batchChanges = Math.max(1, Math.ceil((through - place.seq) / 2));
      await this.#sleep(LEAST_PAUSE_MS / 10);
      return;
    }
    if (through - place.seq > 1) {
      this.#retries++;
      // Of two halves one has the bad row; when the first goes through it is in the second.
      this.#suspectThrough = through;
      this.#batchChanges = Math.max(1, Math.ceil((through - place.seq) / 2));
      return;
    }
    const next = this.#placeAt(place, through);
    const aside = await setAside(this.#options, place, next, error);
    this.#setAside = [...this.#setAside, aside];
    this.#suspectThrough = 0;
    this.#batchChanges = BATCH_CHANGES;
    this.#stand(next);
    log.error({ seq: aside.seq, id: aside.id, error: aside.error }, 'Neo4j refused a change; it is set aside, the rest goes on');
  }

  /** One transaction, told apart from the time between two: readers look whether one ran meanwhile. */
  async #write(work: (run: Run) => Promise<void>): Promise<void> {
    this.#writes++;
    const written = this.#options.database.write(work);
    this.#transaction = written.catch(() => undefined);
    await written;
  }

  async #moveTo(next: Projection): Promise<void> {
    const place = this.#place!;
    await this.#write((run) => move(run, place, next));
    this.#stand(next);
  }

  #placeAt(place: Projection, seq: number): Projection {
    const { epochs, timeline } = this.#options.source.journal;
    const { epoch } = epochs.positionOf(seq);
    return { ...place, seq, epoch, epochStartedAt: epochs.startedAt(epoch)!, at: timeline.atOf(seq) ?? place.at };
  }

  #stand(place: Projection): void {
    if (this.#place?.phase === 'follow' && place.phase === 'follow') this.#written += place.seq - this.#place.seq;
    this.#place = place;
    this.#seq = place.phase === 'follow' ? place.seq : 0;
  }

  /** Waits for changes, and then a little for more of them. Returns whether nothing came for a while. */
  async #idle(): Promise<boolean> {
    if (this.#errands.length > 0) return false;
    // What waits for the disk is told by nobody when it is there.
    const isQuiet = this.#options.source.journal.lastSeq <= this.#seq && (await this.#sleep(LOOK_MS));
    if (!isQuiet && this.#waiters.length === 0 && this.#errands.length === 0) await this.#sleep(COLLECT_MS);
    return isQuiet;
  }

  /** Whether the database is still there and as it was left: somebody may have asked for a rebuild. Throws when it is not. */
  async #look(place: Projection): Promise<void> {
    const there = await readProjection(this.#options.database);
    if (there?.writer !== place.writer || there.phase !== this.#place?.phase || there.seq !== this.#seq) throw moved();
  }

  /** Resolves with `true` when nobody nudged meanwhile. */
  #sleep(ms: number): Promise<boolean> {
    if (this.#isStopping) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (isQuiet: boolean): void => {
        cancel();
        this.#wake = () => undefined;
        resolve(isQuiet);
      };
      const cancel = this.#options.clock.after(ms, () => end(true));
      this.#wake = () => end(false);
    });
  }

  /** Notes what went wrong. */
  #failed(error: unknown): void {
    const { log, url } = this.#options;
    const message = error instanceof Error ? error.message : String(error);
    this.#isHopeless = error instanceof CanopyError && HOPELESS.has(error.code);
    // Whether the last transaction went through is not known: the database will say.
    this.#place = undefined;
    this.#retries++;
    if (message !== this.#error && !isMoved(error)) {
      const said = 'Neo4j is not followed; the live graph and the journal go on';
      if (this.#isHopeless) log.error({ url, error: message }, said);
      else log.warn({ url, error: message }, `${said}, and it is tried again`);
    }
    this.#error = message;
    for (const errand of this.#errands.splice(0)) errand.reject(error);
    if (this.#isHopeless) this.#dismiss(this.#stopped());
  }

  #resolveWaiters(): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#hasWritten(waiter.seq)) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  /** Nothing more will come. */
  #dismiss(error: CanopyError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    for (const errand of this.#errands.splice(0)) errand.reject(error);
  }

  #stopped(): CanopyError {
    return new CanopyError('STORE_UNAVAILABLE', this.#error ?? 'The projection into Neo4j has stopped.');
  }
}
