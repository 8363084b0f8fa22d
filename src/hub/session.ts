import type { Cancel } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { Delta, PutEdge, PutNode } from '../graph/delta.js';
import type { Rejection } from '../graph/liveGraph.js';
import { reconcile } from '../graph/reconcile.js';
import { CloseCode, closeReason } from '../protocol/closeCodes.js';
import { decodeFromAgent, encode } from '../protocol/codec.js';
import type { Deltas } from '../protocol/deltas.js';
import { MAX_MESSAGE_BYTES } from '../protocol/limits.js';
import type { AgentMessage, HubMessage } from '../protocol/messages.js';
import type { PictureBegin, PictureEnd, PicturePage } from '../protocol/picture.js';
import { VERSIONS, type Hello, type PictureReason } from '../protocol/session.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import { recordInChunks } from './chunks.js';
import { ClockEstimate } from './clockEstimate.js';
import type { Connection } from './connection.js';
import type { HubContext } from './context.js';
import { count } from './counters.js';
import type { Origin } from './origin.js';
import { PictureIntake } from './pictureIntake.js';
import { withinQuota, type QuotaRefusal } from './quotaFilter.js';

/** Messages that cost credit and are taken one after the other. */
type DataMessage = Deltas | PictureBegin | PicturePage | PictureEnd;

interface Waiting {
  readonly message: DataMessage;
  readonly bytes: number;
}

/** Finds the origin that a HELLO speaks for, or throws Refusal. */
export type FindOrigin = (hello: Hello, session: Session) => Origin;

/** A HELLO that is not accepted: the code and reason of the close. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/**
 * One connection of one agent (PROTOCOL.md §3 to §8): greeting, then deltas in order or a picture, each acknowledged once it is
 * durable. Data messages wait in line while the journal is full, the origin is over its rate, or a picture is being worked in.
 */
export class Session {
  readonly estimate = new ClockEstimate();
  readonly connectedSince: number;
  readonly remoteAddress: string;
  lastSeen: number;
  software = '';
  incarnation = '';
  private lastHeard: number;
  private messagesHeard = 0;
  private phase: 'greeting' | 'live' | 'picture' | 'closed' = 'greeting';
  private origin: Origin | undefined;
  private intake: PictureIntake | undefined;
  private readonly inbox: Waiting[] = [];
  /** A picture is being worked in; what follows waits. */
  private isWorking = false;
  private isPaused = false;
  private cancelThrottle: Cancel | undefined;
  /** Bytes of data messages that came and were not yet given back as credit. */
  private outstanding = 0;
  private pendingCredit = 0;
  private pendingDelta: number | undefined;
  private isFlushScheduled = false;
  /** The numbers that the agent had when it came: once they are applied it has caught up. */
  private catchUpTo: number | undefined;
  private heartbeats = 0;
  private beat: { readonly number: number; readonly sentAt: number; readonly monotonic: number } | undefined;
  private readonly timers: Cancel[] = [];

  constructor(
    private readonly context: HubContext,
    private readonly connection: Connection,
    private readonly findOrigin: FindOrigin,
    private readonly ended: (session: Session) => void,
  ) {
    const { clock, limits } = context;
    this.connectedSince = clock.now();
    this.lastSeen = this.connectedSince;
    this.lastHeard = clock.monotonic();
    this.remoteAddress = connection.remoteAddress;
    this.timers.push(
      clock.after(limits.helloMs, () => {
        if (this.phase === 'greeting') this.end(CloseCode.TIMEOUT, `no HELLO within ${limits.helloMs / 1000} s`);
      }),
    );
    connection.onMessage((bytes) => this.receive(bytes));
    connection.onClose((code, reason) => this.closed(code, reason));
  }

  /** Milliseconds since the agent was last heard. While we do not read, its silence is ours. */
  silence(): number {
    return this.isPaused ? 0 : this.context.clock.monotonic() - this.lastHeard;
  }

  // ── in ──

  private receive(bytes: Uint8Array): void {
    if (this.phase === 'closed') return;
    const { clock, counters } = this.context;
    this.lastSeen = clock.now();
    this.lastHeard = clock.monotonic();
    this.messagesHeard += 1;
    counters.bytesReceived += bytes.length;
    try {
      const message = decodeFromAgent(bytes, Math.round(this.estimate.offset));
      count(counters.messages, message.kind);
      this.dispatch(message, bytes.length);
    } catch (error) {
      this.fail(error);
    }
  }

  private dispatch(message: AgentMessage, bytes: number): void {
    if (this.phase === 'greeting' && message.kind !== 'hello')
      throw protocolViolation(message.kind, new Violation('', 'HELLO must come first'));
    switch (message.kind) {
      case 'hello':
        return this.greet(message);
      case 'heartbeatReply':
        return this.takeReply(message.number, message.receivedAt, message.sentAt);
      case 'clockStep':
        return this.estimate.shift(message.shiftMs);
      case 'status':
        return this.origin?.setProbes(message.probes);
      default:
        this.outstanding += bytes;
        if (this.outstanding > this.context.limits.creditBytes + MAX_MESSAGE_BYTES) {
          throw protocolViolation(
            message.kind,
            new Violation('', `sent ${this.outstanding} bytes with a credit of ${this.context.limits.creditBytes}`),
          );
        }
        this.inbox.push({ message, bytes });
        this.drain();
    }
  }

  /** Takes what waits in line as far as that is possible now. */
  drain(): void {
    this.cancelThrottle?.();
    this.cancelThrottle = undefined;
    while (!this.isWorking && this.phase !== 'closed') {
      const next = this.inbox[0];
      if (next === undefined) break;
      if (this.context.recorder.isFull) return this.holdReading();
      if (next.message.kind === 'deltas' && this.isOverRate()) return this.holdReading();
      this.inbox.shift();
      try {
        this.take(next.message, next.bytes);
      } catch (error) {
        return this.fail(error);
      }
    }
    if (this.isPaused && this.phase !== 'closed') {
      this.isPaused = false;
      this.lastHeard = this.context.clock.monotonic();
      this.connection.resume();
    }
  }

  private holdReading(): void {
    if (this.isPaused || this.phase === 'closed') return;
    this.isPaused = true;
    this.context.counters.pauses += 1;
    this.connection.pause();
  }

  private take(message: DataMessage, bytes: number): void {
    switch (message.kind) {
      case 'deltas':
        return this.takeDeltas(message, bytes);
      case 'pictureBegin':
        return this.beginPicture(message, bytes);
      case 'picturePage':
        return this.takePage(message, bytes);
      case 'pictureEnd':
        return this.endPicture(message, bytes);
    }
  }

  // ── greeting ──

  private greet(hello: Hello): void {
    if (this.phase !== 'greeting') throw protocolViolation('HELLO', new Violation('', 'a session has one HELLO'));
    const { counters, limits, log } = this.context;
    const version = Math.min(VERSIONS[1], hello.versions[1]);
    if (version < Math.max(VERSIONS[0], hello.versions[0])) {
      throw new Refusal(
        CloseCode.VERSION,
        `analyzer speaks revisions ${VERSIONS.join(' to ')}, agent ${hello.versions.join(' to ')}; upgrade the older`,
      );
    }
    this.software = hello.software;
    this.incarnation = hello.incarnation;
    this.origin = this.findOrigin(hello, this);
    const continuation = this.origin.attach(this, hello);
    counters.sessionsOpened += 1;
    this.estimate.hint(hello.sentAt, this.context.clock.now());
    this.phase = 'reason' in continuation ? 'picture' : 'live';
    if (hello.dirtySince !== undefined) this.origin.markDirty(hello.dirtySince - this.estimate.offset);
    // The answer to this comes before the first delta: stamps are corrected from the first one on.
    this.sendHeartbeat();
    const resumeAfter = 'reason' in continuation ? undefined : continuation.resumeAfter;
    const pictureReason = 'reason' in continuation ? continuation.reason : undefined;
    this.send({
      kind: 'welcome',
      version,
      software: this.context.software,
      resumeAfter,
      pictureReason,
      credit: limits.creditBytes,
      heartbeatMs: limits.heartbeatMs,
    });
    log.info(
      { origin: this.origin.name, remoteAddress: this.remoteAddress, software: hello.software, resumeAfter, pictureReason },
      'agent connected',
    );
    if (pictureReason === undefined) {
      counters.resumes += 1;
      this.catchUpTo = hello.newest;
      // What became durable while the agent was away was never acknowledged.
      const durable = this.context.recorder.progressOf(this.origin.name);
      if (durable?.incarnation === hello.incarnation) this.acknowledge(durable.lastDelta);
      this.checkCaughtUp();
    } else count(counters.pictures, pictureReason);
    this.timers.push(this.context.clock.every(limits.heartbeatMs / 2, () => this.tick()));
    this.context.changed();
  }

  private checkCaughtUp(): void {
    if (this.catchUpTo === undefined || this.origin === undefined || this.origin.lastDelta < this.catchUpTo) return;
    this.catchUpTo = undefined;
    this.origin.caughtUp();
  }

  // ── heartbeats ──

  private tick(): void {
    const { silenceMs } = this.context.limits;
    if (this.silence() > silenceMs) return this.end(CloseCode.TIMEOUT, `nothing heard for ${silenceMs / 1000} s`);
    if (this.connection.bufferedBytes > MAX_MESSAGE_BYTES) return this.end(CloseCode.TIMEOUT, 'the agent does not read');
    if (this.context.clock.monotonic() - (this.beat?.monotonic ?? 0) >= this.context.limits.heartbeatMs * 0.75) this.sendHeartbeat();
  }

  /** Asks for a sign of life now: another agent claims this origin. */
  challenge(): void {
    this.sendHeartbeat();
    const heardBefore = this.messagesHeard;
    this.timers.push(
      this.context.clock.after(this.context.limits.takeoverMs, () => {
        if (this.messagesHeard === heardBefore && !this.isPaused)
          this.end(CloseCode.TIMEOUT, 'did not answer when another agent claimed its origin');
      }),
    );
  }

  private sendHeartbeat(): void {
    const { clock } = this.context;
    this.heartbeats += 1;
    this.beat = { number: this.heartbeats, sentAt: clock.now(), monotonic: clock.monotonic() };
    this.send({ kind: 'heartbeat', number: this.beat.number, sentAt: this.beat.sentAt });
  }

  private takeReply(number: number, receivedAt: number, sentAt: number): void {
    if (this.beat?.number !== number) return;
    // Our own clock may have been set meanwhile: the time that passed is taken from the one that is never set.
    const answeredAt = this.beat.sentAt + (this.context.clock.monotonic() - this.beat.monotonic);
    this.estimate.add(this.beat.sentAt, receivedAt, sentAt, answeredAt);
  }

  // ── deltas ──

  private isOverRate(): boolean {
    const { clock, counters, quota } = this.context;
    const origin = this.origin as Origin;
    const delay = origin.rate.delay(clock.monotonic());
    if (delay === 0) return false;
    if (!this.isPaused) {
      count(counters.quotaRefusals, 'changesPerSecond');
      const message = `more than ${quota.changesPerSecond} changes a second on average; the next are held back for ${delay} ms`;
      const actual = quota.changesPerSecond + Math.round((delay / 1000) * quota.changesPerSecond);
      this.send({ kind: 'refused', delta: undefined, code: 'QUOTA_EXCEEDED', message, limit: quota.changesPerSecond, actual });
      if (this.strike('changes a second')) return true;
    }
    this.cancelThrottle = clock.after(delay, () => this.drain());
    return true;
  }

  /** Notes an excess; `true` when it was one too many and the session ended. */
  private strike(what: string): boolean {
    const { clock, limits } = this.context;
    if ((this.origin as Origin).strikes.note(clock.monotonic()) < limits.quotaStrikes) return false;
    this.end(CloseCode.QUOTA, `quota of ${what} exceeded in ${limits.quotaStrikes} seconds of the last minute`);
    return true;
  }

  private takeDeltas({ first, deltas }: Deltas, bytes: number): void {
    const { counters } = this.context;
    const origin = this.origin as Origin;
    const last = first + deltas.length - 1;
    if (this.phase !== 'live') {
      // A picture is awaited that has them already.
      counters.deltasSkipped += deltas.length;
      return this.giveCredit(bytes);
    }
    const known = origin.lastDelta;
    if (first > known + 1) {
      counters.gaps += 1;
      this.giveCredit(bytes);
      return this.requestPicture('GAP');
    }
    const repeated = Math.min(deltas.length, known + 1 - first);
    counters.deltasDuplicate += repeated;
    if (repeated === deltas.length) return this.giveCredit(bytes);
    this.apply(repeated === 0 ? deltas : deltas.slice(repeated), first + repeated, last, bytes);
    this.checkCaughtUp();
  }

  private apply(deltas: readonly Delta[], first: number, last: number, bytes: number): void {
    const { counters, recorder } = this.context;
    const origin = this.origin as Origin;
    origin.rate.take(deltas.length);
    const filtered = withinQuota(this.context, origin.name, deltas, bytes);
    const progress = { origin: origin.name, incarnation: this.incarnation, lastDelta: last };
    const recorded = recorder.record({ origin: origin.name, deltas: filtered.deltas }, progress);
    origin.advance(this.incarnation, last);
    counters.deltasApplied += filtered.deltas.length;
    this.giveCredit(bytes);
    this.acknowledgeWhenDurable(recorded.durable, last);
    if (filtered.refused.length > 0) this.refuseByQuota(filtered.refused, first);
    if (recorded.rejected.length > 0) this.tellRejections(recorded.rejected, filtered.refused, first);
  }

  private acknowledgeWhenDurable(durable: Promise<void>, lastDelta: number): void {
    durable.then(
      () => {
        // The connection may be another one by now; the agent's numbers are the same.
        const session = (this.origin as Origin).session;
        if (session?.incarnation === this.incarnation) session.acknowledge(lastDelta);
      },
      (error: unknown) => {
        this.origin?.forgetApplied();
        this.fail(error);
      },
    );
  }

  private refuseByQuota(refused: readonly QuotaRefusal[], first: number | undefined): void {
    const { counters, limits, log } = this.context;
    for (const refusal of refused) count(counters.quotaRefusals, refusal.quota);
    for (const { index, quota, limit, actual } of refused.slice(0, limits.refusalsTold)) {
      const message = `${quota} would be ${actual}, the quota of this origin is ${limit}`;
      this.send({
        kind: 'refused',
        delta: first === undefined ? undefined : first + index,
        code: 'QUOTA_EXCEEDED',
        message,
        limit,
        actual,
      });
    }
    const example = refused[0] as QuotaRefusal;
    log.warn(
      { origin: this.origin?.name, quota: example.quota, limit: example.limit, actual: example.actual, refused: refused.length },
      'quota exceeded',
    );
    this.strike(example.quota === 'elements' ? 'elements' : 'bytes of metadata');
  }

  private tellRejections(rejected: readonly Rejection[], byQuota: readonly QuotaRefusal[], first: number): void {
    const { counters, limits, log } = this.context;
    for (const rejection of rejected) count(counters.deltasRejected, rejection.code);
    for (const { index, code, message } of rejected.slice(0, limits.refusalsTold)) {
      // Indexes count what was left after the quota: every refusal before it moves it by one.
      const original = byQuota.reduce((place, refusal) => (refusal.index <= place ? place + 1 : place), index);
      this.send({ kind: 'refused', delta: first + original, code, message, limit: undefined, actual: undefined });
    }
    const { code, message } = rejected[0] as Rejection;
    log.warn({ origin: this.origin?.name, code, example: message, rejected: rejected.length }, 'deltas rejected');
  }

  // ── pictures ──

  private requestPicture(reason: PictureReason): void {
    count(this.context.counters.pictures, reason);
    this.phase = 'picture';
    this.intake = undefined;
    this.send({ kind: 'pictureRequest', reason });
  }

  private beginPicture(begin: PictureBegin, bytes: number): void {
    if (this.phase === 'live') {
      // The agent begins by itself when it had to drop deltas.
      count(this.context.counters.pictures, begin.reason);
      this.phase = 'picture';
    }
    this.catchUpTo = undefined;
    this.intake = new PictureIntake(begin);
    if (begin.dirtySince !== undefined) this.origin?.markDirty(begin.dirtySince - this.estimate.offset);
    this.giveCredit(bytes);
  }

  private takePage(page: PicturePage, bytes: number): void {
    const intake = this.intakeFor('PICTURE_PAGE');
    try {
      intake.countPage(page);
    } catch (error) {
      throw error instanceof Violation ? protocolViolation('PICTURE_PAGE', error) : error;
    }
    const { quota } = this.context;
    const room = Math.max(0, quota.elements - intake.size);
    if (page.elements.length > room) {
      const refusal = { index: room, quota: 'elements' as const, limit: quota.elements, actual: intake.size + page.elements.length };
      this.refuseByQuota([refusal], undefined);
    }
    intake.take(page.elements.slice(0, room));
    this.giveCredit(bytes);
  }

  private endPicture(end: PictureEnd, bytes: number): void {
    const intake = this.intakeFor('PICTURE_END');
    let elements;
    try {
      elements = intake.finish(end);
    } catch (error) {
      throw error instanceof Violation ? protocolViolation('PICTURE_END', error) : error;
    }
    this.intake = undefined;
    this.isWorking = true;
    this.workIn(intake, [...elements])
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.isWorking = false;
        this.giveCredit(bytes);
        this.drain();
      });
  }

  /** Only what differs from the graph becomes deltas; the progress is kept with the last of them. */
  private async workIn(intake: PictureIntake, elements: readonly (PutNode | PutEdge)[]): Promise<void> {
    const { context, incarnation } = this;
    const origin = this.origin as Origin;
    const { upTo } = intake.begin;
    const differences = reconcile(context.recorder.graph, origin.name, elements);
    const filtered = withinQuota(context, origin.name, differences, Number.MAX_SAFE_INTEGER);
    if (filtered.refused.length > 0) this.refuseByQuota(filtered.refused, undefined);
    context.counters.reconciledElements += elements.length;
    context.counters.reconciledDifferences += filtered.deltas.length;
    const lastProgress = { origin: origin.name, incarnation, lastDelta: upTo };
    const recorded = await recordInChunks(
      context,
      { origin: origin.name, deltas: filtered.deltas, lastProgress },
      {
        goesOn: () => this.phase !== 'closed' && origin.session === this,
        recorded: ({ rejected }) => {
          for (const { code } of rejected) count(context.counters.deltasRejected, code);
          if (rejected.length > 0)
            context.log.warn(
              { origin: origin.name, rejected: rejected.length, example: rejected[0]?.message },
              'elements of a picture rejected',
            );
        },
      },
    );
    if (recorded === undefined) return;
    origin.advance(incarnation, upTo);
    this.phase = 'live';
    this.acknowledgeWhenDurable(recorded.durable, upTo);
    origin.caughtUp();
    context.log.info({ origin: origin.name, elements: elements.length, differences: filtered.deltas.length }, 'picture reconciled');
  }

  private intakeFor(message: string): PictureIntake {
    if (this.intake !== undefined) return this.intake;
    throw protocolViolation(message, new Violation('', 'PICTURE_BEGIN must come first'));
  }

  // ── out ──

  /** Everything up to the delta is durable. */
  acknowledge(lastDelta: number): void {
    this.pendingDelta = Math.max(this.pendingDelta ?? 0, lastDelta);
    this.scheduleFlush();
  }

  private giveCredit(bytes: number): void {
    this.outstanding -= bytes;
    this.pendingCredit += bytes;
    this.context.counters.creditGranted += bytes;
    // Told together with an acknowledgement, or when it is worth a message of its own.
    if (this.pendingCredit >= this.context.limits.creditBytes / 4) this.scheduleFlush();
  }

  /** One commit makes many batches durable: one message tells it. */
  private scheduleFlush(): void {
    if (this.isFlushScheduled || this.phase === 'closed') return;
    this.isFlushScheduled = true;
    queueMicrotask(() => {
      this.isFlushScheduled = false;
      const { pendingDelta: lastDelta, pendingCredit: credit } = this;
      this.pendingDelta = undefined;
      this.pendingCredit = 0;
      if (lastDelta !== undefined || credit > 0) this.send({ kind: 'acknowledge', lastDelta, credit });
    });
  }

  private send(message: HubMessage): void {
    if (this.phase === 'closed') return;
    const bytes = encode(message);
    this.context.counters.bytesSent += bytes.length;
    this.connection.send(bytes);
  }

  // ── the end ──

  private fail(error: unknown): void {
    if (this.phase === 'closed') return;
    const { counters, log } = this.context;
    const facts = { origin: this.origin?.name, remoteAddress: this.remoteAddress };
    if (error instanceof Refusal) {
      log.warn({ ...facts, code: error.code }, `agent refused: ${error.message}`);
      return this.end(error.code, error.message);
    }
    if (error instanceof CanopyError && error.code === 'PROTOCOL_VIOLATION') {
      count(counters.violations, String(error.details.message ?? 'message'));
      log.warn({ ...facts, ...error.details }, `agent broke the protocol: ${error.message}`);
      return this.end(CloseCode.VIOLATION, error.message);
    }
    const message = error instanceof Error ? error.message : String(error);
    log.error({ ...facts, code: error instanceof CanopyError ? error.code : 'INTERNAL' }, `agent session failed: ${message}`);
    this.end(CloseCode.UNAVAILABLE, error instanceof CanopyError ? message : 'internal error; see the log of the analyzer');
  }

  /** Ends the session at once; the connection closes as it can. */
  end(code: number, reason: string): void {
    if (this.phase === 'closed') return;
    this.connection.close(code, closeReason(reason));
    this.closed(code, reason);
  }

  private closed(code: number, reason: string): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.inbox.length = 0;
    this.cancelThrottle?.();
    for (const cancel of this.timers) cancel();
    count(this.context.counters.sessionsClosed, code);
    this.context.log.info({ origin: this.origin?.name, remoteAddress: this.remoteAddress, code, reason }, 'agent disconnected');
    this.ended(this);
    this.origin?.detach(this);
  }
}
