/** Capture files for others to read. */

/** A packet of a file. */
export interface FilePacket {
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch, and nanoseconds within. */
  readonly timeMs: number;
  readonly nanos: number;
  readonly wireLength: number;
  /** pcap's number. */
  readonly linkType: number;
  /** Where it was captured, for formats that say so. */
  readonly place?: string;
}

const MAGIC = { nanoseconds: 0xa1b23c4d, microseconds: 0xa1b2c3d4 } as const;
const SNAP_LENGTH = 262_144;

/** Classic pcap: all packets have the link type of the file. Programs that read it by hand know microseconds only. */
export function writePcap(packets: Iterable<FilePacket>, linkType: number, unit: keyof typeof MAGIC = 'nanoseconds'): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC[unit]);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_LENGTH, 16);
  header.writeUInt32LE(linkType, 20);
  const parts: Uint8Array[] = [header];
  for (const { bytes, timeMs, nanos, wireLength } of packets) {
    const record = Buffer.alloc(16);
    const seconds = Math.floor(timeMs / 1000);
    record.writeUInt32LE(seconds);
    const nanoseconds = (timeMs - seconds * 1000) * 1_000_000 + nanos;
    record.writeUInt32LE(unit === 'nanoseconds' ? nanoseconds : Math.floor(nanoseconds / 1000), 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(wireLength, 12);
    parts.push(record, bytes);
  }
  return Buffer.concat(parts);
}

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const OPTION_NAME = 2;
const OPTION_TIME_UNIT = 9;
const END_OF_OPTIONS = Buffer.alloc(4);
/** A power of ten: nanoseconds. */
const TIME_UNIT = 9;

function block(type: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const padding = -body.length & 3;
  const length = 12 + body.length + padding;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(padding + 4);
  tail.writeUInt32LE(length, padding);
  return Buffer.concat([head, body, tail]);
}

function section(): Buffer {
  const body = Buffer.alloc(16, 0xff);
  body.writeUInt32LE(BYTE_ORDER);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  return block(SECTION, body);
}

function describeInterface(linkType: number, name: string): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType);
  body.writeUInt32LE(SNAP_LENGTH, 4);
  const named = name === '' ? [] : [option(OPTION_NAME, Buffer.from(name))];
  return block(INTERFACE, body, ...named, option(OPTION_TIME_UNIT, Buffer.of(TIME_UNIT)), END_OF_OPTIONS);
}

function option(code: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + value.length + (-value.length & 3));
  bytes.writeUInt16LE(code);
  bytes.writeUInt16LE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}

/** pcapng, packet by packet: the blocks that each one adds. One interface for each link type of each place that comes. */
export function pcapngWriter(): (packet: FilePacket) => Buffer {
  const interfaces = new Map<string, number>();
  let isBegun = false;
  return ({ bytes, timeMs, nanos, wireLength, linkType, place = '' }) => {
    const parts: Buffer[] = isBegun ? [] : [section()];
    isBegun = true;
    const key = `${linkType} ${place}`;
    let index = interfaces.get(key);
    if (index === undefined) {
      interfaces.set(key, (index = interfaces.size));
      parts.push(describeInterface(linkType, place));
    }
    const time = BigInt(timeMs) * 1_000_000n + BigInt(nanos);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(index);
    head.writeUInt32LE(Number(time >> 32n), 4);
    head.writeUInt32LE(Number(time & 0xffff_ffffn), 8);
    head.writeUInt32LE(bytes.length, 12);
    head.writeUInt32LE(wireLength, 16);
    parts.push(block(ENHANCED_PACKET, head, bytes));
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  };
}

/** A whole file of pcapng. */
export function writePcapng(packets: Iterable<FilePacket>): Buffer {
  const parts = Array.from(packets, pcapngWriter());
  return parts.length === 0 ? section() : Buffer.concat(parts);
}
