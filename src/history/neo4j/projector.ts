import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import type { Database, Run } from './database.js';
import { isElementChange } from '../../graph/change.js';
import type { Batch } from './batch.js';
import { BatchSize } from './batchSize.js';
import { cut, prune, wipe } from './erase.js';
import { migrate } from './migrations.js';
import { beginning, resume } from './place.js';
import { isMoved, move, moved, readProjection, takeOver, type Projection } from './position.js';
import { progressOf, type ProjectionState, type ProjectionStatus } from './projectionStatus.js';
import { readSetAside, setAside, type SetAside } from './setAside.js';
import { Sleeper } from './sleeper.js';
import { baseOf, basePiece, changesAfter, endingOf, type ChangeSource } from './source.js';
import { writeBatch } from './write.js';

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
  #transientTries = 0;
  #writes = 0;
  #transaction: Promise<void> = Promise.resolve();
  #written = 0;
  #retries = 0;
  #setAside: readonly SetAside[] = [];
  #base: { readonly seq: number; readonly revisions: readonly number[] } | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  readonly #sleeper: Sleeper;
  readonly #changeSize = new BatchSize();
  readonly #baseSize = new BatchSize();
  readonly #waiters: { readonly seq: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  readonly #errands: Errand[] = [];

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#sleeper = new Sleeper(options.clock);
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** There are new changes. */
  nudge(): void {
    this.#sleeper.nudge();
  }

  /** Resolves when what is durable now is in the database; rejects when the projection has stopped. Waits while the database is away. */
  async caughtUp(): Promise<void> {
    const seq = this.#options.source.journal.keptSeq;
    if (this.#hasWritten(seq)) return;
    if (this.#isHopeless || this.#isStopping) throw this.#stopped();
    await new Promise<void>((resolve, reject) => {
      this.#waiters.push({ seq, resolve, reject });
      this.#sleeper.nudge();
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
      this.#sleeper.nudge();
    });
  }

  /** Resolves when the running transaction has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#sleeper.stop();
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
      rebuild: this.#place?.isRebuilding ? progressOf(this.#place, this.#base?.revisions.length ?? 0, journal) : undefined,
    };
  }

  #state(): ProjectionState {
    if (this.#isHopeless) return 'STOPPED';
    if (this.#place === undefined) return this.#error === undefined ? 'CONNECTING' : 'AWAY';
    return this.#place.isRebuilding ? 'REBUILDING' : 'FOLLOWING';
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
        await this.#sleeper.pause(this.#isHopeless ? MOST_PAUSE_MS : this.#pauseMs);
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
    const from = place.baseDone;
    const done = Math.min(revisions.length, from + this.#baseSize.after(from));
    const next: Projection = { ...place, baseDone: done, phase: done === revisions.length ? 'follow' : 'base' };
    try {
      const batch = await basePiece(journal, revisions.slice(from, done));
      await this.#write(async (run) => {
        await move(run, place, next);
        await writeBatch(run, batch);
      });
      this.#baseSize.wentThrough(done);
      this.#stand(next);
    } catch (error) {
      if (await this.#canTryLess(this.#baseSize, from, done, error)) return;
      const { seq, id, updatedAt } = journal.revision(revisions[from]!);
      await this.#setAsideOne(place, next, { seq, at: updatedAt, id }, error);
    }
  }

  async #follow(place: Projection): Promise<boolean> {
    const { source } = this.#options;
    const { journal } = source;
    if (place.seq >= journal.keptSeq) {
      if (place.isRebuilding) await this.#moveTo({ ...place, isRebuilding: false });
      return false;
    }
    await this.#writeChanges(place, this.#changeSize.after(place.seq));
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
      this.#changeSize.wentThrough(through);
    } catch (error) {
      if (await this.#canTryLess(this.#changeSize, place.seq, through, error)) return;
      const change = source.journal.change(through);
      const id = change !== undefined && isElementChange(change) ? change.element.id : '';
      const next = this.#placeAt(place, through);
      await this.#setAsideOne(place, next, { seq: through, at: next.at, id }, error, endingOf(source, through));
    }
  }

  /**
   * After a failure: `true` when the same is to be tried with less, `false` when it was a single row, which is bad. Throws what has to do with the database and not with
   * rows.
   */
  async #canTryLess(size: BatchSize, from: number, through: number, error: unknown): Promise<boolean> {
    if (error instanceof CanopyError && HOPELESS.has(error.code)) throw error;
    if (!(error instanceof CanopyError && error.retriable)) {
      this.#retries++;
      return size.hasBadRow(from, through);
    }
    const isTransient = String(error.details.neo4j).startsWith('Neo.TransientError');
    if (!isTransient || ++this.#transientTries > TRANSIENT_TRIES) throw error;
    this.#retries++;
    size.wasTooMuch(from, through);
    await this.#sleeper.pause(LEAST_PAUSE_MS / 10);
    return true;
  }

  /** Goes past a row that cannot be written. */
  async #setAsideOne(from: Projection, to: Projection, what: Omit<SetAside, 'error'>, reason: unknown, ending?: Batch): Promise<void> {
    const aside = await setAside((work) => this.#write(work), from, to, what, reason, ending);
    this.#setAside = [...this.#setAside, aside].sort((a, b) => a.seq - b.seq);
    this.#stand(to);
    const { seq, id, error } = aside;
    this.#options.log.error({ seq, id, error }, 'Neo4j refused a change; it is set aside, the rest goes on');
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
    this.#transientTries = 0;
    this.#seq = place.phase === 'follow' ? place.seq : 0;
  }

  /** Waits for changes, and then a little for more of them. Returns whether nothing came for a while. */
  async #idle(): Promise<boolean> {
    if (this.#errands.length > 0) return false;
    // What waits for the disk is told by nobody when it is there.
    const isQuiet = this.#options.source.journal.lastSeq <= this.#seq && (await this.#sleeper.sleep(LOOK_MS));
    if (!isQuiet && this.#waiters.length === 0 && this.#errands.length === 0) await this.#sleeper.pause(COLLECT_MS);
    return isQuiet;
  }

  /** Whether the database is still there and as it was left: somebody may have asked for a rebuild. Throws when it is not. */
  async #look(place: Projection): Promise<void> {
    const there = await readProjection(this.#options.database);
    if (there?.writer !== place.writer || there.phase !== this.#place?.phase || there.seq !== this.#seq) throw moved();
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
