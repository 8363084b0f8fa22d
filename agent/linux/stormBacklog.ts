import type { ReceivedRecord } from './socketWatcher.js';

/** Bytes of one portion: the owner works it off in a few milliseconds, and then hears of what is urgent. */
const PORTION_BYTES = 16 * 1024;
/** Receives of one portion, for messages that are tiny. */
const PORTION_RECORDS = 500;
/** Bytes kept for the owner: some 200,000 routes. Beyond them events are given up as if the kernel had lost them. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What sockets of storms brought and the owner has no time for yet, in order. The kernel's own buffers hold ten times less for the same memory. */
export class StormBacklog {
  private records: ReceivedRecord[] = [];
  private chunks: Buffer[] = [];
  private head = 0;
  private bytes = 0;
  /** Sockets of which events were given up, each told of once. */
  private readonly overrun = new Set<number>();

  get isEmpty(): boolean {
    return this.head === this.records.length;
  }

  add(record: ReceivedRecord, chunk: Buffer): void {
    if (this.bytes > MOST_BYTES) {
      if (this.overrun.has(record.id)) return;
      this.overrun.add(record.id);
      this.push({ id: record.id, length: 0, problem: 'overrun' }, NOTHING);
    } else this.push(record, chunk);
  }

  /** The oldest portion, out of the backlog. */
  take(): { records: ReceivedRecord[]; chunks: Buffer[] } {
    const from = this.head;
    let bytes = 0;
    while (!this.isEmpty && bytes < PORTION_BYTES && this.head - from < PORTION_RECORDS) bytes += this.chunks[this.head++]!.length;
    this.bytes -= bytes;
    const taken = { records: this.records.slice(from, this.head), chunks: this.chunks.slice(from, this.head) };
    if (!this.isEmpty) return taken;
    this.records = [];
    this.chunks = [];
    this.head = 0;
    this.overrun.clear();
    return taken;
  }

  private push(record: ReceivedRecord, chunk: Buffer): void {
    this.records.push(record);
    this.chunks.push(chunk);
    this.bytes += chunk.length;
  }
}

const NOTHING = Buffer.alloc(0);
