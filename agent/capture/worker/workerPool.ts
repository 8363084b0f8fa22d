import { availableParallelism } from 'node:os';
import type { AgentConfig } from '../../../src/common/config/config.js';
import type { Log } from '../../../src/common/log.js';
import type { RingMemoryShare, SourceSettings } from '../source.js';
import { startCaptureThread, type CaptureThread } from './captureThread.js';
import type { Start, WorkerNews } from './messages.js';
import { newSharedMemory, ringShare } from './shared.js';

/** One thread and what runs in it. */
interface Seat {
  readonly thread: CaptureThread;
  /** Captures by key, with the packets that each had at the last report. */
  readonly load: Map<number, { packets: number; rate: number }>;
}

export interface PoolListener {
  news(news: WorkerNews): void;
  /** A thread broke, and with it these captures. */
  lost(keys: readonly number[], reason: string): void;
}

/** The capture threads of a host, started as captures need them; they stay until the agent ends. */
export class WorkerPool {
  readonly rings: RingMemoryShare;
  private readonly shared: SharedArrayBuffer;
  private readonly settings: SourceSettings;
  private readonly most: number;
  private readonly seats: Seat[] = [];
  private readonly seatOf = new Map<number, Seat>();
  /** Refreshes that not every thread has answered: how many are missing, and what is to be done then. */
  private readonly refreshes = new Map<number, { missing: number; done: () => void }>();

  constructor(
    config: AgentConfig['capture'],
    private readonly log: Log,
    private readonly listener: PoolListener,
  ) {
    this.shared = newSharedMemory(config.ringMemory);
    this.rings = ringShare(this.shared);
    // One processor is left to everything else, where there are two.
    this.most = Math.max(1, Math.min(config.workers, availableParallelism() - 1));
    this.settings = {
      isPromiscuous: config.promiscuous,
      pcapSocket: { address: config.pcapSocketAddress, ports: [config.pcapSocketMinPort, config.pcapSocketMaxPort] },
      sflowPorts: [config.sflowMinPort, config.sflowMaxPort],
      netflowPorts: [config.netflowMinPort, config.netflowMaxPort],
    };
  }

  start(start: Start): void {
    const seat = this.leastBusy();
    seat.load.set(start.key, { packets: 0, rate: 0 });
    this.seatOf.set(start.key, seat);
    seat.thread.command(start);
  }

  stop(key: number): void {
    this.seatOf.get(key)?.thread.command({ op: 'stop', key });
  }

  refresh(request: number, done: () => void): void {
    if (this.seats.length === 0) return done();
    this.refreshes.set(request, { missing: this.seats.length, done });
    for (const { thread } of this.seats) thread.command({ op: 'refresh', request });
  }

  /** One thread has sent all of a refresh. */
  answered(request: number): void {
    const refresh = this.refreshes.get(request);
    if (refresh === undefined || --refresh.missing > 0) return;
    this.refreshes.delete(request);
    refresh.done();
  }

  async end(): Promise<void> {
    await Promise.all(this.seats.map(({ thread }) => thread.end()));
  }

  /** A new thread while there may be more and all have work; else the one with the fewest packets. */
  private leastBusy(): Seat {
    const idle = this.seats.find(({ load }) => load.size === 0);
    if (idle !== undefined) return idle;
    if (this.seats.length < this.most) return this.addSeat();
    const weight = ({ load }: Seat): number => [...load.values()].reduce((sum, { rate }) => sum + rate + 1, 0);
    return this.seats.reduce((least, seat) => (weight(seat) < weight(least) ? seat : least));
  }

  private addSeat(): Seat {
    const seat: Seat = {
      load: new Map(),
      thread: startCaptureThread(this.shared, this.settings, {
        news: (news) => this.hear(seat, news),
        lost: (reason) => this.lost(seat, reason),
      }),
    };
    this.seats.push(seat);
    return seat;
  }

  private hear(seat: Seat, news: WorkerNews): void {
    if (news.op === 'counted') {
      for (const { key, received } of news.reports) {
        const load = seat.load.get(key);
        if (load !== undefined) seat.load.set(key, { packets: received, rate: Math.max(0, received - load.packets) });
      }
    }
    const over = news.op === 'failed' ? news.key : news.op === 'stopped' ? news.report.key : undefined;
    if (over !== undefined) {
      seat.load.delete(over);
      this.seatOf.delete(over);
    }
    this.listener.news(news);
  }

  private lost(seat: Seat, reason: string): void {
    this.log.error({ reason }, 'a thread of captures ended');
    this.seats.splice(this.seats.indexOf(seat), 1);
    const keys = [...seat.load.keys()];
    for (const key of keys) this.seatOf.delete(key);
    for (const request of [...this.refreshes.keys()]) this.answered(request);
    this.listener.lost(keys, reason);
  }
}
