import { joined, sharedList, sharedObject, sharedText, UNIQUE } from './sharedValues.js';

/**
 * Reads one MessagePack value that `checkWellFormed` has accepted. What is read stays in the graph for long, so it is made small: objects with
 * the same keys share their layout, what is said again is the value that was read before, and nothing keeps the message's bytes. So nobody may
 * write into what is read.
 */
export function unpack(message: Uint8Array): unknown {
  bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  at = 0;
  top = 0;
  const value = readValue();
  bytes = NOTHING;
  values.length = 0;
  return value;
}

const NOTHING = Buffer.alloc(0);
let bytes: Buffer = NOTHING;
let at = 0;

/** Of the value that was read last, by its content. */
let hash = UNIQUE;

/** Keys and values of the objects that are being read, those of inner objects above those of outer ones. */
const keys: string[] = [];
const values: unknown[] = [];
let top = 0;

function readValue(): unknown {
  const code = bytes[at] as number;
  at += 1;
  // Small numbers and constants are their codes; texts, lists and objects say what they are themselves.
  hash = code < 0x80 || code >= 0xe0 || (code >= 0xc0 && code <= 0xc3) ? code : UNIQUE;
  if (code < 0x80) return code;
  if (code < 0x90) return readObject(code & 0x0f);
  if (code < 0xa0) return readList(code & 0x0f);
  if (code < 0xc0) return readText(code & 0x1f);
  if (code >= 0xe0) return code - 0x100;
  switch (code) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6: {
      const start = moved(readUnsigned(1 << (code - 0xc4)));
      // A copy: nothing keeps the message.
      return new Uint8Array(bytes.subarray(start, at));
    }
    case 0xca:
      return bytes.readFloatBE(moved(4));
    case 0xcb:
      return bytes.readDoubleBE(moved(8));
    case 0xcc:
    case 0xcd:
    case 0xce:
      return readUnsigned(1 << (code - 0xcc));
    case 0xcf:
      return readUnsigned(4) * 2 ** 32 + readUnsigned(4);
    case 0xd0:
    case 0xd1:
    case 0xd2:
      return readSigned(1 << (code - 0xd0));
    case 0xd3:
      return readSigned(4) * 2 ** 32 + readUnsigned(4);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(readUnsigned(1 << (code - 0xd9)));
    case 0xdc:
    case 0xdd:
      return readList(readUnsigned(2 << (code - 0xdc)));
    case 0xde:
    case 0xdf:
      return readObject(readUnsigned(2 << (code - 0xde)));
    default:
      throw new Error(`code ${code} got past the check`);
  }
}

/** Where the next bytes begin; the place to read from moves behind them. */
function moved(length: number): number {
  at += length;
  return at - length;
}

const readUnsigned = (width: number): number => bytes.readUIntBE(moved(width), width);
const readSigned = (width: number): number => bytes.readIntBE(moved(width), width);

function readList(count: number): readonly unknown[] {
  const list = new Array<unknown>(count);
  let content = count;
  for (let index = 0; index < count; index += 1) {
    list[index] = readValue();
    content = joined(content, hash);
  }
  hash = content;
  return sharedList(list, content);
}

function readObject(count: number): Readonly<Record<string, unknown>> {
  const from = top;
  top += count;
  let shape = count;
  let content = count;
  for (let index = from; index < from + count; index += 1) {
    keys[index] = readValue() as string;
    shape = Math.imul(shape, 31) + hash;
    content = joined(content, hash);
    values[index] = readValue();
    content = joined(content, hash);
  }
  top = from;
  hash = content;
  return sharedObject(keys, values, from, count, content, shape);
}

/** Texts of more bytes than this are seldom said twice. */
const LONGEST_SHARED = 32;

function readText(length: number): string {
  const start = moved(length);
  hash = UNIQUE;
  if (length > LONGEST_SHARED) return bytes.toString('utf8', start, at);
  let content = 0x811c9dc5;
  let high = 0;
  for (let place = start; place < at; place += 1) {
    const byte = bytes[place] as number;
    content = Math.imul(content ^ byte, 0x01000193);
    high |= byte;
  }
  // Bytes and characters are compared one to one.
  if (high >= 0x80) return bytes.toString('utf8', start, at);
  hash = content;
  return sharedText(bytes, start, at, content);
}
