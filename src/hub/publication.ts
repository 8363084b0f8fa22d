import type { Delta, PutEdge, PutNode } from '../graph/delta.js';
import type { Rejection } from '../graph/liveGraph.js';
import { reconcile } from '../graph/reconcile.js';
import { CloseCode } from '../protocol/closeCodes.js';
import type { Deltas } from '../protocol/deltas.js';
import type { PictureBegin, PictureEnd, PicturePage } from '../protocol/picture.js';
import type { PictureReason } from '../protocol/session.js';
import { protocolViolation, Violation } from '../protocol/violation.js';
import { recordInChunks } from './chunks.js';
import type { HubContext } from './context.js';
import { count } from './counters.js';
import type { DataMessage, LineEnd } from './line.js';
import type { Origin } from './origin.js';
import type { Outgoing } from './outgoing.js';
import { PictureIntake } from './pictureIntake.js';
import { withinQuota, type QuotaRefusal } from './quotaFilter.js';

/** The session to which a publication belongs, as far as it needs it. */
export interface PublicationSession {
  readonly incarnation: string;
  readonly isClosed: boolean;
  /** Agent − analyzer, ms. */
  readonly clockOffset: number;
  readonly outgoing: Outgoing;
  end(code: number, reason: string): void;
  failed(error: unknown): void;
  resumed(): void;
}

/** What one session writes into the graph: numbered deltas, and pictures that become differences. */
export class Publication implements LineEnd {
  private intake: PictureIntake | undefined;
  private isLive: boolean;
  /** The last number that the agent had when it came: once it is applied the agent has caught up. */
  private catchUpTo: number | undefined;

  /** `resumeFrom`: the agent's newest number when it goes on; `undefined` when a picture is awaited. */
  constructor(
    private readonly context: HubContext,
    private readonly session: PublicationSession,
    private readonly origin: Origin,
    resumeFrom: number | undefined,
  ) {
    this.isLive = resumeFrom !== undefined;
    this.catchUpTo = resumeFrom;
    this.checkCaughtUp();
  }

  take(message: DataMessage, bytes: number): Promise<void> | undefined {
    switch (message.kind) {
      case 'deltas':
        return this.takeDeltas(message, bytes);
      case 'pictureBegin':
        return this.beginPicture(message);
      case 'picturePage':
        return this.takePage(message, bytes);
      case 'pictureEnd':
        return this.endPicture(message);
    }
  }

  failed(error: unknown): void {
    this.session.failed(error);
  }

  resumed(): void {
    this.session.resumed();
  }

  /** Batches above the permitted rate are held back; the agent is told once for each spell. */
  delay(message: DataMessage, isFirstAsked: boolean): number {
    if (message.kind !== 'deltas') return 0;
    const { clock, counters, quota } = this.context;
    const delay = this.origin.rate.delay(clock.monotonic());
    if (delay === 0 || !isFirstAsked) return delay;
    count(counters.quotaRefusals, 'changesPerSecond');
    const limit = quota.changesPerSecond;
    const actual = limit + Math.round((delay / 1000) * limit);
    const text = `more than ${limit} changes a second on average; the next are held back for ${delay} ms`;
    this.session.outgoing.send({ kind: 'refused', delta: undefined, code: 'QUOTA_EXCEEDED', message: text, limit, actual });
    this.strike('changes a second');
    return delay;
  }

  // ── deltas ──

  private takeDeltas({ first, deltas }: Deltas, bytes: number): undefined {
    const { counters } = this.context;
    if (!this.isLive) {
      // A picture is awaited that has them already.
      counters.deltasSkipped += deltas.length;
      return;
    }
    const known = this.origin.lastDelta;
    if (first > known + 1) {
      counters.gaps += 1;
      return this.requestPicture('GAP');
    }
    const repeated = Math.min(deltas.length, known + 1 - first);
    counters.deltasDuplicate += repeated;
    if (repeated === deltas.length) return;
    this.apply(repeated === 0 ? deltas : deltas.slice(repeated), first + repeated, bytes);
    this.checkCaughtUp();
  }

  private apply(deltas: readonly Delta[], first: number, bytes: number): void {
    const { context, origin } = this;
    const { incarnation } = this.session;
    const lastDelta = first + deltas.length - 1;
    origin.rate.take(deltas.length);
    const filtered = withinQuota(context, origin.name, deltas, bytes);
    const recorded = context.recorder.record(
      { origin: origin.name, deltas: filtered.deltas },
      { origin: origin.name, incarnation, lastDelta },
    );
    origin.advance(incarnation, lastDelta);
    context.counters.deltasApplied += filtered.deltas.length;
    this.acknowledgeWhenDurable(recorded.durable, lastDelta);
    if (filtered.refused.length > 0) this.refuseByQuota(filtered.refused, first);
    if (recorded.rejected.length > 0) this.tellRejections(recorded.rejected, filtered.refused, first);
  }

  private acknowledgeWhenDurable(durable: Promise<void>, lastDelta: number): void {
    durable.then(
      () => this.origin.durable(this.session.incarnation, lastDelta),
      (error: unknown) => {
        this.origin.forgetApplied();
        this.session.failed(error);
      },
    );
  }

  private checkCaughtUp(): void {
    if (this.catchUpTo === undefined || this.origin.lastDelta < this.catchUpTo) return;
    this.catchUpTo = undefined;
    this.origin.caughtUp();
  }

  // ── what is not taken ──

  /** `first`: number of the delta with index 0; `undefined` in a picture. */
  private refuseByQuota(refused: readonly QuotaRefusal[], first: number | undefined): void {
    const { counters, limits, log } = this.context;
    for (const refusal of refused) count(counters.quotaRefusals, refusal.quota);
    for (const { index, quota, limit, actual } of refused.slice(0, limits.refusalsTold)) {
      const message = `${quota} would be ${actual}, the quota of this origin is ${limit}`;
      const delta = first === undefined ? undefined : first + index;
      this.session.outgoing.send({ kind: 'refused', delta, code: 'QUOTA_EXCEEDED', message, limit, actual });
    }
    const { quota, limit, actual } = refused[0] as QuotaRefusal;
    log.warn({ origin: this.origin.name, quota, limit, actual, refused: refused.length }, 'quota exceeded');
    this.strike(quota === 'elements' ? 'elements' : 'bytes of metadata');
  }

  private strike(what: string): void {
    const { clock, limits } = this.context;
    if (this.origin.strikes.note(clock.monotonic()) < limits.quotaStrikes) return;
    this.session.end(CloseCode.QUOTA, `quota of ${what} exceeded in ${limits.quotaStrikes} seconds of the last minute`);
  }

  private tellRejections(rejected: readonly Rejection[], byQuota: readonly QuotaRefusal[], first: number): void {
    const { limits } = this.context;
    this.noteRejections(rejected);
    for (const { index, code, message } of rejected.slice(0, limits.refusalsTold)) {
      // Indexes count what was left after the quota: every refusal before it moves it by one.
      const original = byQuota.reduce((place, refusal) => (refusal.index <= place ? place + 1 : place), index);
      this.session.outgoing.send({ kind: 'refused', delta: first + original, code, message, limit: undefined, actual: undefined });
    }
  }

  private noteRejections(rejected: readonly Rejection[]): void {
    if (rejected.length === 0) return;
    for (const { code } of rejected) count(this.context.counters.deltasRejected, code);
    const { code, message } = rejected[0] as Rejection;
    this.context.log.warn({ origin: this.origin.name, code, example: message, rejected: rejected.length }, 'deltas rejected');
  }

  // ── pictures ──

  private requestPicture(reason: PictureReason): undefined {
    count(this.context.counters.pictures, reason);
    this.isLive = false;
    this.intake = undefined;
    this.session.outgoing.send({ kind: 'pictureRequest', reason });
  }

  private beginPicture(begin: PictureBegin): undefined {
    // The agent begins by itself when it had to drop deltas.
    if (this.isLive) count(this.context.counters.pictures, begin.reason);
    this.isLive = false;
    this.catchUpTo = undefined;
    this.intake = new PictureIntake(begin);
    if (begin.dirtySince !== undefined) this.origin.markDirty(begin.dirtySince - this.session.clockOffset);
  }

  private takePage(page: PicturePage, bytes: number): undefined {
    const intake = this.intakeFor('PICTURE_PAGE');
    within('PICTURE_PAGE', () => intake.countPage(page, bytes));
    const limit = this.context.quota.elements;
    const room = limit - intake.size;
    if (page.elements.length > room) {
      const actual = intake.size + page.elements.length;
      this.refuseByQuota([{ index: room, quota: 'elements', limit, actual }], undefined);
    }
    intake.take(page.elements.slice(0, room));
  }

  private endPicture(end: PictureEnd): Promise<void> {
    const intake = this.intakeFor('PICTURE_END');
    const elements = within('PICTURE_END', () => intake.finish(end));
    this.intake = undefined;
    return this.workIn(elements, intake);
  }

  /** Only what differs from the graph becomes deltas; the progress is kept with the last of them. */
  private async workIn(elements: readonly (PutNode | PutEdge)[], { bytes, begin: { upTo } }: PictureIntake): Promise<void> {
    const { context, origin, session } = this;
    const { counters, log, recorder } = context;
    const differences = reconcile(recorder.graph, origin.name, elements);
    const filtered = withinQuota(context, origin.name, differences, bytes);
    if (filtered.refused.length > 0) this.refuseByQuota(filtered.refused, undefined);
    counters.reconciledElements += elements.length;
    counters.reconciledDifferences += filtered.deltas.length;
    const lastProgress = { origin: origin.name, incarnation: session.incarnation, lastDelta: upTo };
    const last = await recordInChunks(
      context,
      { origin: origin.name, deltas: filtered.deltas, lastProgress },
      { goesOn: () => !session.isClosed, recorded: ({ rejected }) => this.noteRejections(rejected) },
    );
    if (last === undefined) return;
    origin.advance(session.incarnation, upTo);
    this.isLive = true;
    this.acknowledgeWhenDurable(last.durable, upTo);
    origin.caughtUp();
    log.info({ origin: origin.name, elements: elements.length, differences: filtered.deltas.length }, 'picture reconciled');
  }

  private intakeFor(message: string): PictureIntake {
    if (this.intake !== undefined) return this.intake;
    throw protocolViolation(message, new Violation('', 'PICTURE_BEGIN must come first'));
  }
}

/** Gives a Violation the name of its message. */
function within<T>(message: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof Violation ? protocolViolation(message, error) : error;
  }
}
