import type { Budget } from './budget.js';

/** Segments of a stream that wait for an earlier one; beyond it the gap is given up. */
const MAX_WAITING = 1024;

const NANOSECONDS = 1_000_000;

/** What following one direction of a TCP connection adds up. */
export interface StreamCounters {
  packets: number;
  bytes: number;
  /** Segments that came later than one behind them. */
  outOfOrder: number;
  /** Gaps that were given up, and their bytes. */
  skipped: number;
  skippedBytes: number;
  sawStart: number;
  sawEnd: number;
}

interface Segment {
  readonly sequence: number;
  readonly length: number;
  readonly ends: boolean;
  /** Nanoseconds since the stream's first segment. */
  readonly seen: number;
}

/** How far `to` is ahead of `from` in sequence numbers, which wrap at 2^32. */
const distance = (from: number, to: number): number => (to - from) | 0;

/**
 * One direction of a TCP connection in the order of its sequence numbers. Only lengths are kept, no data. A stream whose start was not
 * seen waits until it is flushed, since what comes first cannot be known before.
 */
export class TcpStream {
  private readonly counters: StreamCounters = { packets: 0, bytes: 0, outOfOrder: 0, skipped: 0, skippedBytes: 0, sawStart: 0, sawEnd: 0 };
  private next: number | undefined;
  private waiting: Segment[] = [];
  private lastSeen = -Infinity;
  private closed = false;
  private startedAt: number | undefined;
  private firstMs = -1;
  /** Milliseconds since the epoch of the latest segment. */
  touchedMs = 0;

  /** @param room for segments that wait, shared with other streams */
  constructor(private readonly room: Budget) {}

  get totals(): Readonly<StreamCounters> {
    return this.counters;
  }

  /** Takes a segment of `timeMs` and `nanos`; those without data and flags say nothing. */
  segment(sequence: number, length: number, starts: boolean, ends: boolean, timeMs: number, nanos: number): void {
    if (length === 0 && !starts && !ends) return;
    // After the end only a new connection on the same ports counts, not a repeated last segment.
    if (this.closed && !starts) return;
    // The end of a stream that never was, such as the answer of a closed port.
    if (length === 0 && !starts && this.next === undefined && this.waiting.length === 0) return;
    this.touchedMs = timeMs;
    if (this.firstMs < 0) this.firstMs = timeMs;
    const seen = (timeMs - this.firstMs) * NANOSECONDS + nanos;
    if (starts && (this.next === undefined || this.closed || sequence !== this.startedAt)) {
      // The same ports again, of which the end was not seen: what is missing before it does not come any more.
      if (this.next !== undefined) this.flush();
      this.closed = false;
      this.startedAt = sequence;
      this.next = (sequence + length + 1) | 0;
      this.counters.sawStart = 1;
      this.deliver({ sequence, length, ends, seen }, length);
    } else if (this.next === undefined || distance(this.next, sequence) > 0) {
      this.wait({ sequence, length, ends, seen });
      return;
    } else {
      this.take({ sequence, length, ends, seen });
    }
    this.takeReady();
  }

  /** Gives up all gaps: what waits is counted as it is. */
  flush(): void {
    while (this.waiting.length > 0 && !this.closed) this.skip();
    this.forget();
  }

  /** Lets go of what waits, uncounted. */
  forget(): void {
    this.room.give(this.waiting.length);
    this.waiting = [];
  }

  private wait(segment: Segment): void {
    let at = this.waiting.length;
    while (at > 0 && distance(segment.sequence, this.waiting[at - 1]!.sequence) > 0) at--;
    const hasRoom = this.room.take(1);
    this.waiting.splice(at, 0, segment);
    if (hasRoom && this.waiting.length < MAX_WAITING) return;
    // The first one waits no longer: for the new one, where that had no room.
    if (!hasRoom) this.room.held++;
    this.skip();
  }

  /** Counts the first waiting segment although something before it is missing. */
  private skip(): void {
    const segment = this.first();
    const gap = this.next === undefined ? 0 : distance(this.next, segment.sequence);
    if (gap > 0) {
      this.counters.skipped++;
      this.counters.skippedBytes += gap;
    }
    if (this.next === undefined || gap > 0) this.next = segment.sequence;
    this.take(segment);
    this.takeReady();
  }

  private takeReady(): void {
    while (!this.closed && this.waiting.length > 0 && distance(this.next!, this.waiting[0]!.sequence) <= 0) this.take(this.first());
  }

  private first(): Segment {
    this.room.give(1);
    return this.waiting.shift()!;
  }

  /** Counts a segment that begins at or before what is expected; bytes that were there already count once. */
  private take(segment: Segment): void {
    const known = distance(segment.sequence, this.next!);
    const fresh = Math.max(0, segment.length - Math.max(0, known));
    this.next = (this.next! + fresh) | 0;
    this.deliver(segment, fresh);
  }

  private deliver(segment: Segment, bytes: number): void {
    const { counters } = this;
    counters.packets++;
    counters.bytes += bytes;
    if (segment.seen < this.lastSeen) counters.outOfOrder++;
    else this.lastSeen = segment.seen;
    if (!segment.ends) return;
    counters.sawEnd = 1;
    this.closed = true;
    this.forget();
  }
}
