import { isUtf8 } from 'node:buffer';
import { MAX_MESSAGE_DEPTH } from './limits.js';
import { CARRIES_BYTES } from './messageTypes.js';
import { Violation } from './violation.js';

/**
 * Reads the skeleton of a message (MessagePack specification) without making a single value, so that the decoder behind it only
 * ever sees what is safe to decode: one complete value, no deeper than allowed, no container that claims more parts than there are
 * bytes, text keys only, no `__proto__`, sound UTF-8, no extension types or undefined codes, and bytes only as a field of a message that has such.
 */

const PROTO = Buffer.from('__proto__', 'latin1');

/** One open container: how many values it still expects, whether it is a map, and where in it we are. */
const remaining = new Float64Array(MAX_MESSAGE_DEPTH + 1);
const isMap = new Uint8Array(MAX_MESSAGE_DEPTH + 1);
const index = new Float64Array(MAX_MESSAGE_DEPTH + 1);
/** Where the latest key of a map is in the bytes; both 0 before the first. */
const keyStart = new Float64Array(MAX_MESSAGE_DEPTH + 1);
const keyEnd = new Float64Array(MAX_MESSAGE_DEPTH + 1);
/** The first value of a list when it is a small number: the type of a message or of a delta; else -1. */
const opening = new Int16Array(MAX_MESSAGE_DEPTH + 1);

/** One step on the way to a bad part: a key of a map, or a position in a list that opens with `type`. */
export type RawStep = { readonly key: string } | { readonly position: number; readonly type: number };

/** Throws a Violation (with `rawPath`) when the bytes are not one safe value. */
export function checkWellFormed(bytes: Uint8Array): void {
  const end = bytes.length;
  let at = 0;
  let depth = 0;
  remaining[0] = 1;
  isMap[0] = 0;
  index[0] = 0;
  for (;;) {
    while (remaining[depth] === 0) {
      if (depth === 0) {
        if (at !== end) throw malformed(bytes, 0, `${end - at} bytes follow the message`);
        return;
      }
      depth -= 1;
      finishValue(depth);
    }
    if (at >= end) throw malformed(bytes, depth, 'ends too early');
    const expectsKey = isMap[depth] === 1 && (remaining[depth] as number) % 2 === 0;
    const code = bytes[at] as number;
    at += 1;
    let length: number;
    if (code >= 0xa0 && code < 0xc0) length = code & 0x1f;
    else if (code >= 0xd9 && code <= 0xdb) {
      const width = 1 << (code - 0xd9);
      length = unsigned(bytes, at, width);
      at += width;
    } else {
      if (expectsKey) throw malformed(bytes, depth, 'a key must be a text');
      if (code < 0x80 || code >= 0xe0 || code === 0xc0 || code === 0xc2 || code === 0xc3) {
        if (index[depth] === 0 && code < 0x80) opening[depth] = code;
        finishValue(depth);
        continue;
      }
      if (code < 0xa0 || (code >= 0xdc && code <= 0xdf)) {
        let count: number;
        const map = code < 0x90 || code >= 0xde;
        if (code < 0xa0) count = code & 0x0f;
        else {
          const width = code % 2 === 0 ? 2 : 4;
          count = unsigned(bytes, at, width);
          at += width;
        }
        const values = map ? count * 2 : count;
        if (!(values <= end - at)) throw malformed(bytes, depth, 'ends too early');
        if (depth === MAX_MESSAGE_DEPTH) throw malformed(bytes, depth, `deeper than ${MAX_MESSAGE_DEPTH} levels`);
        depth += 1;
        remaining[depth] = values;
        isMap[depth] = map ? 1 : 0;
        index[depth] = 0;
        keyStart[depth] = 0;
        keyEnd[depth] = 0;
        opening[depth] = -1;
        continue;
      }
      if (code >= 0xc4 && code <= 0xc6 && depth === 1 && CARRIES_BYTES.has(opening[1] as number)) {
        const width = 1 << (code - 0xc4);
        at += width + unsigned(bytes, at, width);
        if (!(at <= end)) throw malformed(bytes, depth, 'ends too early');
        finishValue(depth);
        continue;
      }
      const width = NUMBER_WIDTH[code - 0xca];
      if (width === undefined)
        throw malformed(bytes, depth, `the code 0x${code.toString(16)} (binary, extension or unused) is not part of this protocol`);
      at += width;
      if (at > end) throw malformed(bytes, depth, 'ends too early');
      finishValue(depth);
      continue;
    }
    const textStart = at;
    at += length;
    if (!(at <= end)) throw malformed(bytes, depth, 'ends too early');
    let high = 0;
    for (let place = textStart; place < at; place += 1) high |= bytes[place] as number;
    if (high >= 0x80 && !isUtf8(bytes.subarray(textStart, at))) throw malformed(bytes, depth, 'a text is not UTF-8');
    if (!expectsKey) {
      finishValue(depth);
      continue;
    }
    keyStart[depth] = textStart;
    keyEnd[depth] = at;
    if (length === PROTO.length && PROTO.equals(bytes.subarray(textStart, at)))
      throw malformed(bytes, depth, 'the key __proto__ is refused');
    remaining[depth] = (remaining[depth] as number) - 1;
  }
}

/** Bytes behind the codes 0xca (float 32) to 0xd3 (int 64). */
const NUMBER_WIDTH: readonly number[] = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

function finishValue(depth: number): void {
  remaining[depth] = (remaining[depth] as number) - 1;
  index[depth] = (index[depth] as number) + 1;
}

/** NaN beyond the end, which no comparison accepts. */
function unsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let place = at; place < at + width; place += 1) value = value * 256 + (bytes[place] as number);
  return value;
}

/** A Violation whose place is still in positions; the codec gives them their names. */
export class Malformed extends Violation {
  readonly steps: readonly RawStep[];

  constructor(steps: readonly RawStep[], problem: string) {
    super('', problem);
    this.steps = steps;
  }
}

function malformed(bytes: Uint8Array, depth: number, problem: string): Malformed {
  const steps: RawStep[] = [];
  for (let level = 1; level <= depth; level += 1) {
    if (isMap[level] === 0) steps.push({ position: index[level] as number, type: opening[level] as number });
    else if (keyEnd[level] !== 0) {
      steps.push({ key: Buffer.from(bytes.subarray(keyStart[level], keyEnd[level])).toString('utf8') });
    }
  }
  return new Malformed(steps, problem);
}
