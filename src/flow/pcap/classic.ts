/** Classic pcap, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html: a header of 24 bytes, then records. */

import type { PacketBatch } from '../packetBatch.js';
import { MAX_RECORD_BYTES, type PcapFormat } from './pcapParser.js';

/** First four bytes, read high byte first, of files in each byte order. */
const MICROSECONDS = 0xa1b2c3d4;
const MICROSECONDS_SWAPPED = 0xd4c3b2a1;
const NANOSECONDS = 0xa1b23c4d;
const NANOSECONDS_SWAPPED = 0x4d3cb2a1;
/** Kuznetzov's variant of old Red Hats, with longer record headers. */
const MODIFIED = 0xa1b2cd34;
const MODIFIED_SWAPPED = 0x34cdb2a1;

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Bytes that are read ahead in one go, when less than half a page is left of those before: many places of memory are asked for at once. */
const READ_AHEAD = 6144;
const LEAST_AHEAD = 2048;
const CACHE_LINE = 64;
const MODIFIED_RECORD_HEADER = 24;

export class ClassicFormat implements PcapFormat {
  readonly name = 'pcap';
  packets = 0;
  problem: string | undefined;
  /** Keeps the reading ahead from being left out as useless. */
  protected fetched = 0;
  /** -1 until the file header was read. */
  private linkType = -1;

  private constructor(
    private readonly littleEndian: boolean,
    private readonly nanosecondsPerTick: number,
    private readonly recordHeader: number,
  ) {}

  static open(magic: number): ClassicFormat | undefined {
    switch (magic) {
      case MICROSECONDS:
      case MICROSECONDS_SWAPPED:
        return new ClassicFormat(magic === MICROSECONDS_SWAPPED, 1000, RECORD_HEADER);
      case NANOSECONDS:
      case NANOSECONDS_SWAPPED:
        return new ClassicFormat(magic === NANOSECONDS_SWAPPED, 1, RECORD_HEADER);
      case MODIFIED:
      case MODIFIED_SWAPPED:
        return new ClassicFormat(magic === MODIFIED_SWAPPED, 1000, MODIFIED_RECORD_HEADER);
      default:
        return undefined;
    }
  }

  read(bytes: Uint8Array, from: number, end: number, packets: PacketBatch): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { littleEndian, nanosecondsPerTick, recordHeader } = this;
    let at = from;
    if (this.linkType < 0) {
      if (end - at < FILE_HEADER) return at;
      // The high bits say how long a checksum at the end of each frame is.
      this.linkType = view.getUint32(at + 20, littleEndian) & 0xffff;
      at += FILE_HEADER;
    }
    let fetched = from;
    let seen = 0;
    while (end - at >= recordHeader) {
      // Memory that is read in a row comes fast; where the next record begins is known only when this one is there.
      if (fetched < at + LEAST_AHEAD)
        for (const until = Math.min(end, at + READ_AHEAD); fetched < until; fetched += CACHE_LINE) seen ^= bytes[fetched]!;
      const captured = view.getUint32(at + 8, littleEndian);
      if (captured > MAX_RECORD_BYTES) {
        this.problem = `record ${this.packets + 1} says that it has ${captured} bytes`;
        return at;
      }
      if (end - at < recordHeader + captured) return at;
      const ticks = view.getUint32(at + 4, littleEndian) * nanosecondsPerTick;
      const milliseconds = Math.floor(ticks / 1_000_000);
      const timeMs = view.getUint32(at, littleEndian) * 1000 + milliseconds;
      this.packets++;
      const nanos = ticks - milliseconds * 1_000_000;
      packets.add(at + recordHeader, captured, view.getUint32(at + 12, littleEndian), timeMs, nanos, this.linkType, 0, 1);
      at += recordHeader + captured;
    }
    this.fetched = seen;
    return at;
  }
}
