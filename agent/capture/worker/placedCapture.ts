import type { Joining } from '../source.js';
import type { CaptureThread } from './captureThread.js';
import { FanoutPlaces } from './fanoutPlaces.js';
import { keyOf, nothingReported, type Start, type CaptureNews, type WorkerNews, type WorkerReport } from './messages.js';
import type { Load } from './placement.js';
import { joinReports } from './reports.js';

/** One thread, and the parts of captures that run in it, by their keys. */
export interface Seat {
  readonly thread: CaptureThread;
  readonly parts: Map<number, PlacedCapture>;
}

/** What captures need of the pool that they are in. */
export interface Home {
  nextKey(): number;
  /** Milliseconds of a clock that never steps. */
  now(): number;
  /** News under the capture's own key. */
  tell(news: CaptureNews): void;
  /** Nothing of it is left. */
  over(capture: PlacedCapture): void;
}

/** What runs of a capture in one thread: with a key, a socket and a flow table of its own. */
interface Part {
  readonly key: number;
  readonly seat: Seat;
  report: WorkerReport | undefined;
  /** Between its last two reports; `undefined` before there were two. */
  load: Load | undefined;
  countedAt: number | undefined;
  /** Who waits for it to have done what it was told. */
  waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
}

/**
 * A capture on a node, wherever it runs: in one thread, or in several that share out its packets. To the outside it is one: with one key, and one report for all.
 *
 * It changes threads without losing or doubling a packet: new parts become members of the fanout group that its socket is in, the group is told to send everything
 * to them from one packet to the next, and the parts from before send their flows as `moved` and leave. No flow table goes along: a conversation that goes on is
 * another flow, with the same tracking id, in the new one.
 */
export class PlacedCapture {
  isChanging = false;
  /** Set when it is to end. */
  isEnding = false;
  /** Why it has not the threads that it needs. */
  crowded: string | undefined;
  private readonly parts = new Map<number, Part>();
  private readonly places = new FanoutPlaces();
  private group: number | undefined;
  /** Of parts that have left. */
  private before: WorkerReport | undefined;
  private isOver = false;
  /** How it ends, where that is not because it was told to. */
  private failure: { readonly message: string; readonly isRetriable: boolean } | undefined;

  private lastOrdinal = 0;

  constructor(
    readonly start: Start,
    private readonly home: Home,
  ) {}

  get key(): number {
    return this.start.key;
  }

  /** Whether it can run in several threads, and in another one. */
  get isMovable(): boolean {
    return this.group !== undefined && !this.isEnding;
  }

  get seats(): Seat[] {
    return [...new Set([...this.parts.values()].map(({ seat }) => seat))];
  }

  /** `undefined` until all parts have been counted for a while. */
  get load(): Load | undefined {
    let [rate, lost] = [0, 0];
    for (const { load } of this.parts.values()) {
      if (load === undefined) return undefined;
      rate += load.rate;
      lost += load.lost;
    }
    return { rate, lost };
  }

  begin(seat: Seat): void {
    this.put(seat, undefined, 1);
  }

  /** Ends it everywhere. */
  stop(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    for (const part of this.parts.values()) {
      part.waiting?.reject(new Error('the capture ends'));
      part.seat.thread.command({ op: 'stop', key: part.key, reason: 'stop' });
    }
    if (this.parts.size === 0) this.leave();
  }

  /** Goes on in these threads, and in no others. Answers why it does not: it goes on where it was. */
  async moveTo(seats: readonly Seat[]): Promise<string | undefined> {
    this.isChanging = true;
    const before = [...this.parts.values()];
    const fresh: Part[] = [];
    try {
      // A ring that grows is let finish, and none begins to.
      for (const part of before) await this.steer(part, before);
      const ringBytes = before.reduce((most, { report }) => Math.max(most, Number(report?.facts.facts.ringBytes ?? 0)), 0);
      for (const seat of seats) {
        const joining = { group: this.group!, numbers: this.places.numbers(keysOf(before)), ringBytes };
        const part = this.put(seat, joining, seats.length);
        await this.answerOf(part);
        fresh.push(part);
      }
      await this.steer(before[0]!, fresh);
      await this.letGo(before, fresh);
      return undefined;
    } catch (error) {
      if (!this.isEnding) await this.letGo(fresh, before).catch(() => undefined);
      return (error as Error).message;
    } finally {
      this.isChanging = false;
    }
  }

  /** Has parts leave that get nothing any more, one after the other, because each changes the places of those who stay. */
  private async letGo(leaving: readonly Part[], staying: readonly Part[]): Promise<void> {
    const [first] = staying;
    for (const part of leaving) {
      await this.steer(first!, staying, part);
      part.seat.thread.command({ op: 'stop', key: part.key, reason: 'moved' });
      await this.answerOf(part);
    }
    await this.steer(first!, staying, undefined, staying.length === 1);
  }

  private async steer(through: Part, targets: readonly Part[], leaving?: Part, mayGrow = false): Promise<void> {
    const numbers = this.places.numbers(keysOf(targets), leaving?.key);
    through.seat.thread.command({ op: 'steer', key: through.key, numbers, mayGrow });
    await this.answerOf(through);
  }

  private answerOf(part: Part): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.isEnding || !this.parts.has(part.key)) reject(new Error('the capture ends'));
      else part.waiting = { resolve, reject };
    });
  }

  private put(seat: Seat, joining: Joining | undefined, among: number): Part {
    const key = this.home.nextKey();
    const part: Part = { key, seat, report: undefined, load: undefined, countedAt: undefined, waiting: undefined };
    this.parts.set(key, part);
    seat.parts.set(key, this);
    const table = { ...this.start.table, maxFlows: Math.ceil(this.start.table.maxFlows / among) };
    seat.thread.command({ ...this.start, key, joining, table, ordinal: ++this.lastOrdinal });
    return part;
  }

  /** What its thread says of one of its parts. */
  hear(news: Exclude<WorkerNews, { op: 'counted' | 'refreshed' }>): void {
    const key = keyOf(news);
    const part = this.parts.get(key);
    if (part === undefined) return;
    const { waiting } = part;
    switch (news.op) {
      case 'batch':
      case 'measured':
        return this.home.tell({ ...news, key: this.key });
      case 'active':
        part.report = news.report;
        if (news.group !== undefined) this.places.join(key);
        if (waiting === undefined && this.group === undefined && this.parts.size === 1) {
          this.group = news.group;
          return this.home.tell({ ...news, report: this.report() });
        }
        break;
      case 'steered':
        break;
      case 'stopped':
        if (this.group !== undefined) this.places.leave(key);
        this.remove(part, news.report);
        break;
      case 'failed':
        this.remove(part, news.report);
        // One that was to come: the others go on.
        if (news.report === undefined && this.parts.size > 0) return waiting?.reject(new Error(news.message));
        return this.fail(news.message, news.isRetriable);
    }
    part.waiting = undefined;
    waiting?.resolve();
    if (this.parts.size === 0) this.leave();
  }

  /** Its thread is gone, and these parts with it. */
  lost(seat: Seat, reason: string): void {
    for (const part of [...this.parts.values()]) {
      if (part.seat !== seat) continue;
      this.remove(part, part.report);
      part.waiting?.reject(new Error(reason));
    }
    this.fail(`the thread of captures ended: ${reason}`, true);
  }

  /** Takes the counters of one part. */
  count(report: WorkerReport): void {
    const part = this.parts.get(report.key);
    if (part === undefined) return;
    const now = this.home.now();
    const { countedAt, report: last } = part;
    if (countedAt !== undefined && last !== undefined && now > countedAt)
      part.load = { rate: ((report.received - last.received) * 1_000) / (now - countedAt), lost: report.dropped - last.dropped };
    part.countedAt = now;
    part.report = report;
  }

  /** Of all parts together, those that have left among them. */
  report(): WorkerReport {
    const parts = [...this.parts.values()].flatMap(({ report }) => report ?? []);
    const joined = joinReports(this.key, this.before, parts);
    const threads = this.seats.length;
    const more = { ...(threads > 1 ? { threads } : {}), ...(this.crowded === undefined ? {} : { crowded: this.crowded }) };
    return { ...joined, facts: { ...joined.facts, facts: { ...joined.facts.facts, ...more } } };
  }

  private remove(part: Part, last: WorkerReport | undefined): void {
    this.parts.delete(part.key);
    part.seat.parts.delete(part.key);
    if (last !== undefined) this.before = joinReports(this.key, this.before, [last]);
  }

  private fail(message: string, isRetriable: boolean): void {
    this.failure ??= { message, isRetriable };
    if (this.parts.size === 0) this.leave();
    else this.stop();
  }

  private leave(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.isEnding = true;
    const { key, failure, before } = this;
    const report = before === undefined ? undefined : { ...before, flows: 0 };
    this.home.over(this);
    if (failure === undefined) this.home.tell({ op: 'stopped', report: report ?? nothingReported(key) });
    else this.home.tell({ op: 'failed', key, ...failure, report });
  }
}

const keysOf = (parts: readonly Part[]): number[] => parts.map(({ key }) => key);
