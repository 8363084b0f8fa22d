import type { Cancel, Clock } from '../../src/common/clock.js';
import type { Log } from '../../src/common/log.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import { encode } from '../../src/protocol/codec.js';
import type { Acknowledge } from '../../src/protocol/deltas.js';
import type { PictureReason, Welcome } from '../../src/protocol/session.js';
import { fit } from './fit.js';
import type { LinkLimits } from './limits.js';
import type { LinkCounters } from './linkStatus.js';
import { Outbox } from './outbox.js';
import { pictureMessages } from './pictureSender.js';
import { problemOf } from './problemOf.js';

export interface StreamOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: LinkLimits;
  readonly counters: LinkCounters;
  /** The agent's whole graph: exactly what was published so far. */
  readonly picture: () => Iterable<PutNode | PutEdge>;
  /** Called before data messages go out: the last moment to say that the clock was set. */
  readonly beforeSending: () => void;
}

interface Published {
  readonly deltas: readonly Delta[];
  /** The agent's clock, ms. */
  readonly stamp: number;
}

/** What an agent has to say, over all connections: numbered deltas kept until they are acknowledged, and pictures in their place when they cannot be. */
export class Stream {
  private readonly outbox = new Outbox();
  private waiting: Published[] = [];
  private flushedAt = -Infinity;
  private cancelFlush: Cancel | undefined;
  /** Takes bytes while there is a connection that was welcomed. */
  private send: ((bytes: Uint8Array) => void) | undefined;
  private credit = 0;
  /** What it was when the connection was welcomed: the rest is with the analyzer. */
  private wholeCredit = 0;
  private picture: Generator<Uint8Array> | undefined;
  private wantedPicture: PictureReason | undefined;
  /** The last delta in the picture that is under way or not yet acknowledged. */
  private pictureUpTo: number | undefined;
  private firstDropped: number | undefined;
  /** A message was refused: from now on each delta is checked as the analyzer will, and a bad one is left out. */
  private isCareful = false;
  private acknowledgedUpTo = 0;
  private idle: (() => void) | undefined;

  constructor(private readonly options: StreamOptions) {}

  /** First delta kept, `newest + 1` when none is. */
  get oldest(): number {
    return this.outbox.oldest;
  }

  /** Last delta made. */
  get newest(): number {
    return this.outbox.newest;
  }

  get acknowledged(): number {
    return this.acknowledgedUpTo;
  }

  get keptBytes(): number {
    return this.outbox.bytes;
  }

  /**
   * Bytes of deltas that the analyzer has not worked in yet: those that wait here, and what it was sent and has given no credit back for. What it has
   * worked in but not yet made durable is not among them: nothing waits behind it.
   */
  get onTheWay(): number {
    // Credit comes back with acknowledgements, and for what needs none not at once.
    return Math.min(this.outbox.bytes, this.outbox.unsentBytes + this.wholeCredit - this.credit);
  }

  /** Since when deltas were dropped; `undefined` when none were, or a picture has made up for them. */
  get dirtySince(): number | undefined {
    return this.firstDropped;
  }

  get isSendingPicture(): boolean {
    return this.picture !== undefined || this.wantedPicture !== undefined;
  }

  /** Something waits to be sent: for credit, or for the next batch. */
  get hasUnsent(): boolean {
    return this.isSendingPicture || this.outbox.hasUnsent;
  }

  /** Everything is acknowledged. */
  get isIdle(): boolean {
    return this.waiting.length === 0 && this.outbox.isEmpty && !this.isSendingPicture && this.pictureUpTo === undefined;
  }

  /** The first deltas after a quiet moment go out at once, those that follow are collected for a few milliseconds. */
  publish(deltas: readonly Delta[]): void {
    if (deltas.length === 0) return;
    const { clock, limits } = this.options;
    this.waiting.push({ deltas, stamp: clock.now() });
    if (this.cancelFlush !== undefined) return;
    const quiet = clock.monotonic() - this.flushedAt;
    if (quiet >= limits.batchMs) this.flush();
    else this.cancelFlush = clock.after(limits.batchMs - quiet, () => this.flush());
  }

  /** Numbers and encodes what waits, and sends it if the analyzer lets us. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    const published = this.waiting;
    if (published.length === 0) return;
    this.waiting = [];
    this.flushedAt = this.options.clock.monotonic();
    this.keep(published);
    if (this.outbox.bytes > this.options.limits.keptBytes) {
      this.options.log.warn(
        { keptBytes: this.outbox.bytes },
        'too much waits for the analyzer; it is dropped, and the whole picture follows',
      );
      this.drop();
    }
    this.pump();
  }

  private keep(published: readonly Published[]): void {
    const { stamp, deltas: only } = published[0] as Published;
    const deltas = this.sound(published.length === 1 ? only : published.flatMap(stamped));
    const first = this.outbox.newest + 1;
    const fitted = fit(
      deltas,
      (items, before) => encode({ kind: 'deltas', first: first + before.items, stamp, deltas: items }),
      (delta) => this.tooLarge(delta),
    );
    for (const { items, bytes } of fitted) {
      this.outbox.add({ first: this.outbox.newest + 1, last: this.outbox.newest + items.length, bytes });
    }
  }

  /** A connection was welcomed: goes on after the number it names, or with a picture. */
  open(welcome: Welcome, send: (bytes: Uint8Array) => void): void {
    this.send = send;
    this.credit = welcome.credit;
    this.wholeCredit = welcome.credit;
    const { resumeAfter } = welcome;
    const canResume = resumeAfter !== undefined && resumeAfter >= this.oldest - 1 && resumeAfter <= this.newest;
    if (canResume) this.outbox.rewind(resumeAfter);
    else this.wantedPicture = welcome.pictureReason ?? 'NOT_KEPT';
    this.pump();
  }

  /** The connection is gone; what was sent and not acknowledged is kept. */
  close(): void {
    this.send = undefined;
    this.credit = 0;
    this.wholeCredit = 0;
    this.picture = undefined;
    this.wantedPicture = undefined;
    this.idle?.();
  }

  /** No further flush. */
  stop(): void {
    this.close();
    this.cancelFlush?.();
  }

  take({ lastDelta, credit }: Acknowledge): void {
    this.credit += credit;
    if (lastDelta !== undefined) {
      this.acknowledgedUpTo = Math.max(this.acknowledgedUpTo, Math.min(lastDelta, this.newest));
      this.outbox.acknowledge(lastDelta);
      if (this.pictureUpTo !== undefined && this.picture === undefined && lastDelta >= this.pictureUpTo) {
        this.pictureUpTo = undefined;
        this.firstDropped = undefined;
      }
    }
    this.pump();
    if (this.isIdle) this.idle?.();
  }

  wantPicture(reason: PictureReason): void {
    this.wantedPicture = reason;
    this.pump();
  }

  /** The analyzer refused a message and would refuse it again: a picture without what is bad takes the place of what is kept. */
  refused(): void {
    this.isCareful = true;
    this.drop();
  }

  /** Calls back once everything is acknowledged or the connection is gone; the returned function forgets it. */
  whenIdle(done: () => void): () => void {
    if (this.isIdle || this.send === undefined) done();
    else this.idle = done;
    return () => (this.idle = undefined);
  }

  /** Lets go of what is not acknowledged: from now on only a picture can tell the analyzer how things are. */
  private drop(): void {
    this.options.counters.droppedDeltas += this.newest + 1 - this.oldest;
    this.outbox.clear();
    this.firstDropped ??= this.options.clock.now();
    this.pictureUpTo = undefined;
    if (this.send !== undefined) this.wantedPicture = 'DIRTY';
  }

  private sound<D extends Delta>(deltas: readonly D[]): readonly D[] {
    if (!this.isCareful) return deltas;
    return deltas.filter((delta) => {
      const problem = problemOf(delta);
      if (problem === undefined) return true;
      this.options.counters.unsound += 1;
      this.options.log.error({ id: delta.id, op: delta.op }, `an element cannot be sent; it is left out: ${problem}`);
      return false;
    });
  }

  private tooLarge(delta: Delta): void {
    this.options.counters.tooLarge += 1;
    this.options.log.error({ id: delta.id, op: delta.op }, 'an element is larger than a message may be; it is left out');
  }

  /** Sends as long as there is something and the credit lasts; a picture goes before deltas. */
  private pump(): void {
    if (this.send === undefined || this.credit <= 0) return;
    this.options.beforeSending();
    while (this.credit > 0) {
      if (this.wantedPicture !== undefined) this.beginPicture(this.wantedPicture);
      const bytes = this.nextMessage();
      if (bytes === undefined) break;
      this.credit -= bytes.length;
      this.send(bytes);
    }
  }

  private nextMessage(): Uint8Array | undefined {
    const next = this.picture?.next();
    if (next?.done === false) return next.value;
    this.picture = undefined;
    return this.outbox.next()?.bytes;
  }

  private beginPicture(reason: PictureReason): void {
    this.wantedPicture = undefined;
    const { clock, counters, picture } = this.options;
    // What waits is in the picture too: it must have its number before.
    if (this.waiting.length > 0) this.keep(this.waiting);
    this.waiting = [];
    this.outbox.clear();
    this.pictureUpTo = this.newest;
    counters.pictures += 1;
    const start = { upTo: this.newest, reason, dirtySince: this.firstDropped, stamp: clock.now() };
    this.picture = pictureMessages(this.sound([...picture()]), start, (element) => this.tooLarge(element));
  }
}

/** Deltas of several publishes in one message keep their own stamps. */
const stamped = ({ deltas, stamp }: Published): readonly Delta[] =>
  deltas.map((delta) => (delta.observedAt === undefined ? { ...delta, observedAt: stamp } : delta));
