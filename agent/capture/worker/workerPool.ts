import { availableParallelism } from 'node:os';
import type { Clock } from '../../../src/common/clock.js';
import type { AgentConfig } from '../../../src/common/config/config.js';
import type { Log } from '../../../src/common/log.js';
import type { RingMemoryShare, SourceSettings } from '../source.js';
import { startCaptureThread } from './captureThread.js';
import { keyOf, type CaptureNews, type Start, type WorkerNews } from './messages.js';
import { PlacedCapture, type Seat } from './placedCapture.js';
import { Placement, type Need } from './placement.js';
import { newSharedMemory, ringShare } from './shared.js';

/** A capture, and what it needs. */
interface Placed {
  readonly capture: PlacedCapture;
  readonly placement: Placement;
  /** When it may try again to have what it did not get. */
  triesAt: number;
}

/** Milliseconds before a change of threads that failed is tried again. */
const TRY_AGAIN = 30_000;

/** The capture threads of a host, started as captures need them; they stay until the agent ends. */
export class WorkerPool {
  readonly rings: RingMemoryShare;
  private readonly shared: SharedArrayBuffer;
  private readonly settings: SourceSettings;
  /** Threads in all: those that captures share, and those that belong to one. */
  private readonly most: number;
  private readonly processors = processors();
  private readonly seats: Seat[] = [];
  private readonly placed = new Map<number, Placed>();
  /** Threads to which captures are on their way. */
  private readonly claimed = new Set<Seat>();
  private lastKey = 0;
  private isEnding = false;
  /** Refreshes that not every thread has answered: how many are missing, and what is to be done then. */
  private readonly refreshes = new Map<number, { missing: number; done: () => void }>();

  constructor(
    private readonly config: AgentConfig['capture'],
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly tell: (news: CaptureNews) => void,
  ) {
    this.shared = newSharedMemory(config.ringMemory);
    this.rings = ringShare(this.shared);
    // One processor is left to everything else, where there are two.
    this.most = Math.max(1, this.processors - 1);
    this.settings = {
      isPromiscuous: config.promiscuous,
      pcapSocket: { address: config.pcapSocketAddress, ports: [config.pcapSocketMinPort, config.pcapSocketMaxPort] },
      sflowPorts: [config.sflowMinPort, config.sflowMaxPort],
      netflowPorts: [config.netflowMinPort, config.netflowMaxPort],
    };
  }

  start(start: Start): void {
    const capture = new PlacedCapture(start, {
      nextKey: () => ++this.lastKey,
      now: () => this.clock.monotonic(),
      tell: (news) => this.tell(news),
      over: ({ key }) => void this.placed.delete(key),
    });
    this.placed.set(start.key, { capture, placement: new Placement(this.config), triesAt: 0 });
    capture.begin(this.seatForNew());
  }

  stop(key: number): void {
    this.placed.get(key)?.capture.stop();
  }

  refresh(request: number, done: () => void): void {
    if (this.seats.length === 0) return done();
    this.refreshes.set(request, { missing: this.seats.length, done });
    for (const { thread } of this.seats) thread.command({ op: 'refresh', request });
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await Promise.all(this.seats.map(({ thread }) => thread.end()));
  }

  /** One thread has sent all of a refresh. */
  private answered(request: number): void {
    const refresh = this.refreshes.get(request);
    if (refresh === undefined || --refresh.missing > 0) return;
    this.refreshes.delete(request);
    refresh.done();
  }

  /** Threads that captures share: all in which something runs, but for those that belong to one capture, or are about to. */
  private sharedSeats(): Seat[] {
    const owned = new Set(this.claimed);
    for (const { capture, placement } of this.placed.values())
      if (placement.need !== 'shared') capture.seats.forEach((seat) => owned.add(seat));
    return this.seats.filter((seat) => seat.parts.size > 0 && !owned.has(seat));
  }

  /** Where a capture begins: in a new thread while there may be more and all have work; else in the one with the fewest packets. */
  private seatForNew(): Seat {
    const shared = this.sharedSeats();
    const free = shared.length < this.config.workers ? this.freeSeats(1)[0] : undefined;
    // Where every thread belongs to somebody, nobody is turned away.
    return free ?? leastBusy(shared.length > 0 ? shared : this.seats);
  }

  /** So many threads at most in which nothing runs. */
  private freeSeats(wanted: number): Seat[] {
    const free = this.seats.filter((seat) => seat.parts.size === 0 && !this.claimed.has(seat)).slice(0, wanted);
    while (free.length < wanted && this.seats.length < this.most) free.push(this.addSeat());
    return free;
  }

  private addSeat(): Seat {
    const seat: Seat = {
      parts: new Map(),
      thread: startCaptureThread(this.shared, this.settings, {
        news: (news) => this.hear(seat, news),
        lost: (reason) => this.lost(seat, reason),
      }),
    };
    this.seats.push(seat);
    return seat;
  }

  private hear(seat: Seat, news: WorkerNews): void {
    if (news.op === 'refreshed') return this.answered(news.request);
    if (news.op !== 'counted') return seat.parts.get(keyOf(news))?.hear(news);
    const counted = new Set<PlacedCapture>();
    for (const report of news.reports) {
      const capture = seat.parts.get(report.key);
      capture?.count(report);
      if (capture !== undefined) counted.add(capture);
    }
    for (const { key } of counted) this.consider(this.placed.get(key)!);
    this.tell({ op: 'counted', reports: [...counted].map((capture) => capture.report()) });
  }

  /** Gives a capture the threads that it needs, as far as there are. */
  private consider(placed: Placed): void {
    const { capture, placement } = placed;
    const { load } = capture;
    if (load === undefined || capture.isEnding || capture.isChanging || this.isEnding) return;
    // What the kernel counts costs its thread nothing.
    if (capture.start.type === 'ebpf') return;
    const now = this.clock.monotonic();
    const need = placement.after(load, now);
    if (need === placement.need) return this.crowd(placed, undefined);
    if (now < placed.triesAt) return;
    const seats = capture.isMovable ? this.seatsFor(capture, need) : staying(capture, need);
    if (typeof seats === 'string') return this.crowd(placed, seats);
    this.crowd(placed, undefined);
    const got: Need = seats.length > 1 ? seats.length : need === 'shared' ? 'shared' : 'own';
    const present = capture.seats;
    // Already there: it is only a matter of who else may be.
    if (present.length === seats.length && seats.every((seat) => present.includes(seat))) placement.got(got);
    else void this.move(placed, seats, got, load.rate);
  }

  private async move(placed: Placed, seats: readonly Seat[], got: Need, rate: number): Promise<void> {
    const { capture, placement } = placed;
    for (const seat of seats) this.claimed.add(seat);
    const failure = await capture.moveTo(seats);
    for (const seat of seats) this.claimed.delete(seat);
    if (failure === undefined) {
      placement.got(got);
      const { spec, place } = capture.start;
      this.log.info(
        { capture: spec.id, interface: place.interfaceName, packetsPerSecond: Math.round(rate), threads: seats.length },
        'a capture went on in other threads',
      );
    } else if (capture.isMovable) {
      placed.triesAt = this.clock.monotonic() + TRY_AGAIN;
      this.crowd(placed, `it cannot have other threads now: ${failure}`);
    }
  }

  /** The threads for what is needed, or why they are not to be had. */
  private seatsFor(capture: PlacedCapture, need: Need): readonly Seat[] | string {
    const { seats } = capture;
    if (need === 'shared') {
      const shared = this.sharedSeats();
      return shared.length < this.config.workers ? seats : [leastBusy(shared)];
    }
    if (need === 'own') {
      // One of its own is enough.
      if (seats.length > 1) return seats.slice(0, 1);
      const free = isAlone(capture) ? seats : this.freeSeats(1);
      return free.length > 0 ? free : `it shares its thread with others: ${this.limit()}`;
    }
    const wanted = [...seats, ...this.freeSeats(need - seats.length)];
    return wanted.length > seats.length ? wanted : `it needs ${need} threads and has ${seats.length}: ${this.limit()}`;
  }

  private limit(): string {
    const { processors, most } = this;
    const threads = most === 1 ? 'there is one thread' : `there are ${most} threads`;
    return `${threads} for captures in all, on a host with ${processors} ${processors === 1 ? 'processor' : 'processors'}`;
  }

  private crowd({ capture }: Placed, reason: string | undefined): void {
    const { spec, place } = capture.start;
    if (reason !== undefined && capture.crowded === undefined)
      this.log.warn({ capture: spec.id, interface: place.interfaceName }, `a capture has too little: ${reason}`);
    capture.crowded = reason;
  }

  private lost(seat: Seat, reason: string): void {
    this.log.error({ reason }, 'a thread of captures ended');
    this.seats.splice(this.seats.indexOf(seat), 1);
    for (const capture of new Set(seat.parts.values())) capture.lost(seat, reason);
    for (const request of [...this.refreshes.keys()]) this.answered(request);
  }
}

/** The thread of a capture that cannot have another one, where it is enough; or why it is not. */
function staying(capture: PlacedCapture, need: Need): readonly Seat[] | string {
  const { type, place } = capture.start;
  // Only afpacket moves, and not everywhere: see joinFanout.
  const stays =
    type === 'afpacket'
      ? `${place.interfaceName} cannot be captured in another thread here`
      : `captures of the type ${type} stay in theirs`;
  if (typeof need === 'number') return `it needs ${need} threads and has 1: ${stays}`;
  return need === 'shared' || isAlone(capture) ? capture.seats : `it shares its thread with others: ${stays}`;
}

/** Whether nothing else runs in its first thread. */
const isAlone = (capture: PlacedCapture): boolean => [...capture.seats[0]!.parts.values()].every((other) => other === capture);

/** The one with the fewest packets. */
function leastBusy(seats: readonly Seat[]): Seat {
  const weight = ({ parts }: Seat): number => [...new Set(parts.values())].reduce((sum, { load }) => sum + (load?.rate ?? 0) + 1, 0);
  return seats.reduce((least, seat) => (weight(seat) < weight(least) ? seat : least));
}

/** Of this host; tests say how many there are. */
const processors = (): number => Number(process.env.CANOPY_PROCESSORS ?? availableParallelism());
