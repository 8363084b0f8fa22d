import { LINUX, OFFSET, SIZE } from '../abi.js';

/** Framing of netlink: messages of a header and a body, attributes inside (linux/netlink.h). Pure over bytes; both machines we know are little-endian. */

const HEADER = OFFSET['struct nlmsghdr'];
export const HEADER_SIZE = SIZE['struct nlmsghdr'];
export const ATTRIBUTE_HEADER_SIZE = SIZE['struct nlattr'];

/** Lengths are padded to four bytes. */
const align = (length: number): number => (length + 3) & ~3;

/** One message, where it lies. */
export class Message {
  constructor(
    readonly type: number,
    readonly flags: number,
    readonly sequence: number,
    readonly bytes: Buffer,
    /** Of the same memory: for who reads much of it. */
    readonly view: DataView,
    /** What follows the header, without padding. */
    readonly start: number,
    readonly end: number,
  ) {}

  /** The same as bytes of its own, in the same memory. Made when it is asked for: for most of a dump it would cost more than reading it. */
  get body(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }
}

/** Calls `visit` for each message in what one receive returned. `false` when the bytes end inside a message or a length cannot be. */
export function eachMessage(bytes: Buffer, visit: (message: Message) => void): boolean {
  const view = viewOf(bytes);
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < HEADER_SIZE) return false;
    const length = view.getUint32(at + HEADER.nlmsg_len, true);
    if (length < HEADER_SIZE || length > bytes.length - at) return false;
    const type = view.getUint16(at + HEADER.nlmsg_type, true);
    const flags = view.getUint16(at + HEADER.nlmsg_flags, true);
    const sequence = view.getUint32(at + HEADER.nlmsg_seq, true);
    visit(new Message(type, flags, sequence, bytes, view, at + HEADER_SIZE, at + length));
    at += align(length);
  }
  return true;
}

/** Another view of the same memory: whole numbers are read from it at once. */
export const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Calls `visit` with type and place of the value of each attribute between `start` and `end`. `false` when a length cannot be; what came before
 * was visited. A value is a place in the bytes: nothing is made of those that are not wanted. For messages with many attributes see AttributeTable.
 */
export function eachAttribute(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (type: number, at: number, length: number) => void,
): boolean {
  let at = align(start);
  while (end - at >= ATTRIBUTE_HEADER_SIZE) {
    const length = bytes[at]! | (bytes[at + 1]! << 8);
    if (length < ATTRIBUTE_HEADER_SIZE || length > end - at) return false;
    visit((bytes[at + 2]! | (bytes[at + 3]! << 8)) & LINUX.NLA_TYPE_MASK, at + ATTRIBUTE_HEADER_SIZE, length - ATTRIBUTE_HEADER_SIZE);
    at += align(length);
  }
  return at >= end;
}

/** A message ready to send, or to be put into a test. */
export function buildMessage(type: number, flags: number, sequence: number, header: Buffer, attributes: readonly Buffer[] = []): Buffer {
  const body = Buffer.concat([padded(header), ...attributes]);
  const message = Buffer.alloc(HEADER_SIZE + body.length);
  message.writeUInt32LE(message.length, HEADER.nlmsg_len);
  message.writeUInt16LE(type, HEADER.nlmsg_type);
  message.writeUInt16LE(flags, HEADER.nlmsg_flags);
  message.writeUInt32LE(sequence, HEADER.nlmsg_seq);
  body.copy(message, HEADER_SIZE);
  return message;
}

/** One attribute with its padding; nested ones are given as a list. */
export function attribute(type: number, value: Buffer | readonly Buffer[]): Buffer {
  const payload = Buffer.isBuffer(value) ? value : Buffer.concat(value);
  const header = Buffer.alloc(ATTRIBUTE_HEADER_SIZE);
  header.writeUInt16LE(ATTRIBUTE_HEADER_SIZE + payload.length, 0);
  header.writeUInt16LE(type, 2);
  return padded(Buffer.concat([header, payload]));
}

/** Value of an attribute: a 32-bit number, signed or not. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

/** Value of an attribute: a text with its closing zero. */
export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const padded = (bytes: Buffer): Buffer =>
  bytes.length % 4 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(align(bytes.length) - bytes.length)]);

// Reading values by place and length. A value that is too short reads as `undefined`: bytes from outside are never trusted to have the length they should.

export const readU8 = (bytes: Buffer, at: number, length: number): number | undefined => (length >= 1 ? bytes[at] : undefined);
export const readU16 = (bytes: Buffer, at: number, length: number): number | undefined =>
  length >= 2 ? bytes.readUInt16LE(at) : undefined;
export const readU32 = (bytes: Buffer, at: number, length: number): number | undefined =>
  length >= 4 ? bytes.readUInt32LE(at) : undefined;
export const readS32 = (bytes: Buffer, at: number, length: number): number | undefined => (length >= 4 ? bytes.readInt32LE(at) : undefined);
/** In the order of the network. */
export const readU16BE = (bytes: Buffer, at: number, length: number): number | undefined =>
  length >= 2 ? bytes.readUInt16BE(at) : undefined;

/** Up to the closing zero, or all of it. */
export function readText(bytes: Buffer, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length; index++) {
    const byte = bytes[index]!;
    if (byte === 0) return text;
    // Names of links are short; one that is not ASCII is left to the decoder.
    if (byte > 0x7f) return decodeText(bytes, at, length);
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodeText(bytes: Buffer, at: number, length: number): string {
  const value = bytes.subarray(at, at + length);
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end < 0 ? length : end);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const COLON_HEX = HEX.map((byte) => `:${byte}`);

/** Lower-case colon form; `undefined` for an empty address and for one of zeros only, which stands for none. */
export function readHardwareAddress(bytes: Buffer, at: number, length: number): string | undefined {
  let text = '';
  let bits = 0;
  for (let index = 0; index < length; index++) {
    const byte = bytes[at + index]!;
    bits |= byte;
    text += index === 0 ? HEX[byte]! : COLON_HEX[byte]!;
  }
  return bits === 0 ? undefined : text;
}
