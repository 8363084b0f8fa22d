/** pcapng, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html: sections of blocks, interfaces with time units of their own. */

import type { PacketBatch } from '../packetBatch.js';
import { MAX_RECORD_BYTES, type PcapFormat } from './pcapParser.js';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;

const BLOCK_HEADER = 8;
const BLOCK_OVERHEAD = 12;
const OPTION_END = 0;
const OPTION_TIME_UNIT = 9;
const OPTION_TIME_OFFSET = 14;

const NANOSECONDS = 1_000_000_000n;
const MILLISECOND = 1_000_000n;
/** The last second of the year 9999: times of damaged units and offsets are not even dates. */
const LATEST = 253_402_300_799n * NANOSECONDS;
const MICROSECONDS_PER_SECOND = 1_000_000n;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

export class NextGenerationFormat implements PcapFormat {
  readonly name = 'pcapng';
  packets = 0;
  problem: string | undefined;
  private littleEndian = true;
  private interfaces: Interface[] = [];

  static open(magic: number): NextGenerationFormat | undefined {
    return magic === SECTION ? new NextGenerationFormat() : undefined;
  }

  read(bytes: Uint8Array, from: number, end: number, packets: PacketBatch): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    while (end - at >= BLOCK_OVERHEAD) {
      const isSection = view.getUint32(at) === SECTION;
      if (isSection && !this.beginSection(view, at)) return at;
      const length = view.getUint32(at + 4, this.littleEndian);
      if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > MAX_RECORD_BYTES) {
        this.problem = `the block behind packet ${this.packets} says that it has ${length} bytes`;
        return at;
      }
      if (end - at < length) return at;
      // Said twice: where one of them is damaged, what lies behind is no block, or some are missed.
      const atEnd = view.getUint32(at + length - 4, this.littleEndian);
      if (atEnd !== length) {
        this.problem = `the block behind packet ${this.packets} says that it has ${length} bytes, and at its end ${atEnd}`;
        return at;
      }
      const body = at + BLOCK_HEADER;
      const bodyEnd = at + length - 4;
      this.block(isSection ? SECTION : view.getUint32(at, this.littleEndian), view, body, bodyEnd, packets);
      if (this.problem !== undefined) return at;
      at += length;
    }
    return at;
  }

  /** Each section has a byte order of its own. `false` when it has none that is known. */
  private beginSection(view: DataView, at: number): boolean {
    const order = view.getUint32(at + 8, true);
    if (order === BYTE_ORDER) this.littleEndian = true;
    else if (view.getUint32(at + 8) === BYTE_ORDER) this.littleEndian = false;
    else {
      this.problem = `the section behind packet ${this.packets} has no byte order`;
      return false;
    }
    this.interfaces = [];
    return true;
  }

  private block(type: number, view: DataView, body: number, end: number, packets: PacketBatch): void {
    const { littleEndian } = this;
    const isEnhanced = type === ENHANCED_PACKET;
    if (type === INTERFACE) this.addInterface(view, body, end);
    else if (isEnhanced || type === OLD_PACKET) {
      if (end - body < 20) return this.damaged('is too short');
      const index = isEnhanced ? view.getUint32(body, littleEndian) : view.getUint16(body, littleEndian);
      const source = this.interfaces[index];
      const captured = view.getUint32(body + 12, littleEndian);
      if (source === undefined) return this.damaged(`is of interface ${index}, which is not described`);
      if (captured > end - body - 20) return this.damaged('is longer than its block');
      const ticks = (BigInt(view.getUint32(body + 4, littleEndian)) << 32n) | BigInt(view.getUint32(body + 8, littleEndian));
      const nanoseconds = (ticks * NANOSECONDS) / source.ticksPerSecond + source.offsetSeconds * NANOSECONDS;
      if (nanoseconds < 0n || nanoseconds > LATEST)
        return this.damaged(`is of second ${Number(nanoseconds) / 1e9} since 1970, which is no time`);
      this.packets++;
      const wireLength = view.getUint32(body + 16, littleEndian);
      const timeMs = Number(nanoseconds / MILLISECOND);
      packets.add(body + 20, captured, wireLength, timeMs, Number(nanoseconds % MILLISECOND), source.linkType, 0, 1);
    } else if (type === SIMPLE_PACKET) {
      const source = this.interfaces[0];
      if (source === undefined || end - body < 4) return this.damaged('has no interface');
      const wireLength = view.getUint32(body, littleEndian);
      const snapped = source.snapLength === 0 ? wireLength : Math.min(wireLength, source.snapLength);
      this.packets++;
      // These blocks have no time.
      packets.add(body + 4, Math.min(snapped, end - body - 4), wireLength, 0, 0, source.linkType, 0, 1);
    }
  }

  private damaged(how: string): void {
    this.problem = `packet ${this.packets + 1} ${how}`;
  }

  private addInterface(view: DataView, body: number, end: number): void {
    const { littleEndian } = this;
    if (end - body < 8) return this.damaged('comes behind an interface that is too short');
    let ticksPerSecond = MICROSECONDS_PER_SECOND;
    let offsetSeconds = 0n;
    for (let at = body + 8; at + 4 <= end;) {
      const code = view.getUint16(at, littleEndian);
      const length = view.getUint16(at + 2, littleEndian);
      if (code === OPTION_END || at + 4 + length > end) break;
      if (code === OPTION_TIME_UNIT && length >= 1) {
        const unit = view.getUint8(at + 4);
        // The high bit chooses between powers of 2 and of 10.
        ticksPerSecond = (unit & 0x80) === 0 ? 10n ** BigInt(Math.min(unit, 19)) : 2n ** BigInt(Math.min(unit & 0x7f, 63));
      }
      if (code === OPTION_TIME_OFFSET && length >= 8) offsetSeconds = view.getBigInt64(at + 4, littleEndian);
      at += 4 + ((length + 3) & ~3);
    }
    this.interfaces.push({
      linkType: view.getUint16(body, littleEndian),
      snapLength: view.getUint32(body + 4, littleEndian),
      ticksPerSecond,
      offsetSeconds,
    });
  }
}
