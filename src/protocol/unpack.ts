import { shapedObject } from '../common/shapes.js';

/**
 * Reads one MessagePack value that `checkWellFormed` has accepted. What is read stays in the graph for long, so it is made small: objects with
 * the same keys share their layout, equal short texts are one text, and nothing keeps the message's bytes.
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

/** Keys and values of the objects that are being read, those of inner objects above those of outer ones. */
const keys: string[] = [];
const values: unknown[] = [];
let top = 0;

function readValue(): unknown {
  const code = bytes[at] as number;
  at += 1;
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

function readList(count: number): unknown[] {
  const list = new Array<unknown>(count);
  for (let index = 0; index < count; index += 1) list[index] = readValue();
  return list;
}

function readObject(count: number): Record<string, unknown> {
  if (count === 0) return {};
  const from = top;
  top += count;
  let hash = count;
  for (let index = from; index < from + count; index += 1) {
    keys[index] = readValue() as string;
    hash = Math.imul(hash, 31) + textHash;
    values[index] = readValue();
  }
  top = from;
  return shapedObject(keys, values, from, count, hash);
}

/** Texts of more bytes than this are seldom said twice. */
const LONGEST_SHARED = 32;

/** Texts that were read lately, by their hash; a power of two. */
const SHARED_TEXTS = 8_192;

const shared: string[] = new Array<string>(SHARED_TEXTS).fill('');

/** Of the text that was read last. */
let textHash = 0;

function readText(length: number): string {
  const start = moved(length);
  if (length > LONGEST_SHARED) {
    textHash = length;
    return bytes.toString('utf8', start, at);
  }
  let hash = 0x811c9dc5;
  let high = 0;
  for (let place = start; place < at; place += 1) {
    const byte = bytes[place] as number;
    hash = Math.imul(hash ^ byte, 0x01000193);
    high |= byte;
  }
  textHash = hash;
  // Characters and bytes are compared one to one.
  if (high >= 0x80) return bytes.toString('utf8', start, at);
  const slot = (hash ^ (hash >>> 15)) & (SHARED_TEXTS - 1);
  const there = shared[slot] as string;
  if (isText(there, start, length)) return there;
  return (shared[slot] = bytes.toString('latin1', start, at));
}

function isText(text: string, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
