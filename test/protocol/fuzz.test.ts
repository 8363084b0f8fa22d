import { expect, it } from 'vitest';
import { CanopyError } from '../../src/common/errors.js';
import { decodeFromAgent, decodeFromHub, encode } from '../../src/protocol/codec.js';
import { agentMessages, hubMessages } from './builders.js';

/** Cases; more with `CANOPY_FUZZ=1000000`. A failing case is found again with the seed that it prints, `CANOPY_FUZZ_SEED`. */
const CASES = Number(process.env.CANOPY_FUZZ ?? 10_000);
const SEED = Number(process.env.CANOPY_FUZZ_SEED ?? Date.now() % 2 ** 31);

/** mulberry32: small, seeded. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const valid = [...agentMessages, ...hubMessages].map(encode);
const below = (next: () => number, limit: number): number => Math.floor(next() * limit);
/** Bytes that mean something to MessagePack: heads of containers, texts, numbers, extensions. */
const HEADS = [
  0x80, 0x90, 0xa0, 0xc0, 0xc1, 0xc4, 0xc7, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd6, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff, 0x7f, 0x00,
];

function mutate(next: () => number): Uint8Array {
  const bytes = Buffer.from(valid[below(next, valid.length)] as Uint8Array);
  for (let change = below(next, 4); change >= 0; change -= 1) {
    const at = below(next, bytes.length);
    bytes[at] = next() < 0.5 ? below(next, 256) : (HEADS[below(next, HEADS.length)] as number);
  }
  return bytes;
}

function truncate(next: () => number): Uint8Array {
  const bytes = valid[below(next, valid.length)] as Uint8Array;
  return bytes.subarray(0, below(next, bytes.length));
}

function splice(next: () => number): Uint8Array {
  const [one, two] = [valid[below(next, valid.length)] as Uint8Array, valid[below(next, valid.length)] as Uint8Array];
  return Buffer.concat([one.subarray(0, below(next, one.length)), two.subarray(below(next, two.length))]);
}

const noise = (next: () => number): Uint8Array => Buffer.from(Array.from({ length: below(next, 200) }, () => below(next, 256)));

/** What was taken must be whole: it can be said again, and is the same then. */
function check(bytes: Uint8Array): 'taken' | 'refused' {
  let outcome: 'taken' | 'refused' = 'refused';
  for (const decode of [(data: Uint8Array) => decodeFromAgent(data, 0), decodeFromHub]) {
    try {
      const message = decode(bytes);
      outcome = 'taken';
      expect(decode(encode(message))).toEqual(message);
    } catch (error) {
      if (error instanceof CanopyError && error.code === 'PROTOCOL_VIOLATION') continue;
      throw error;
    }
  }
  return outcome;
}

it.each([
  ['random bytes', noise],
  ['valid messages with a few bytes changed', mutate],
  ['truncated messages', truncate],
  ['messages put together from two', splice],
])(`${CASES} times %s: a message or a violation, nothing else`, { timeout: 20_000 + CASES }, (_what, make) => {
  const next = random(SEED);
  const seen = { taken: 0, refused: 0 };
  for (let index = 0; index < CASES; index += 1) {
    const bytes = make(next);
    try {
      seen[check(bytes)] += 1;
    } catch (error) {
      throw new Error(`seed ${SEED}, case ${index}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
  expect(seen.refused).toBeGreaterThan(0);
  expect(({} as Record<string, unknown>).a).toBe(undefined);
});

it('truncated messages are never taken', () => {
  for (const bytes of valid)
    for (let length = 0; length < bytes.length; length += 1) expect(check(bytes.subarray(0, length))).toBe('refused');
});
