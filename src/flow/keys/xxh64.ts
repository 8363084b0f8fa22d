/**
 * XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) as WebAssembly: JavaScript has no fast 64-bit product. The
 * module is put together here, instruction by instruction, so that its source is what runs and there is nothing to build.
 */

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

/** Where a seed of 0 lies for `hashRecords`. */
export const ZERO_SEED = 0;

/**
 * What ids are worked out from, and the ids, in bytes from the start of a record. The three lengths say how much of the input is in the keys
 * of layer 3, of the flow, and of the flow within another one: each in the next. The UUID is seeded with the last.
 */
export const RECORD = {
  bytes: 192,
  l3Length: 0,
  trackingLength: 4,
  tableLength: 8,
  l3: 16,
  tracking: 24,
  table: 32,
  uuid: 40,
  /** Milliseconds since the epoch, high byte first. */
  time: 48,
  input: 56,
} as const;

type Code = readonly number[];

/** Signed LEB128, as WebAssembly writes constants. */
function leb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const long = (value: bigint): Code => [0x42, ...leb(BigInt.asIntN(64, value))];
const int = (value: number): Code => [0x41, ...leb(BigInt(value))];
const get = (local: number): Code => [0x20, local];
const set = (local: number, ...value: Code[]): Code => [...value.flat(), 0x21, local];
const op =
  (code: number) =>
  (left: Code, right: Code): Code => [...left, ...right, code];
const add = op(0x7c);
const subtract = op(0x7d);
const multiply = op(0x7e);
const xor = op(0x85);
const shift = op(0x88);
const rotate = op(0x89);
const addInt = op(0x6a);
const isBelow = op(0x49);
const isSame = op(0x46);
const subtractInt = op(0x6b);
const isAtMost = op(0x4d);
const load = (address: Code): Code => [...address, 0x29, 0, 0];
const loadInt = (address: Code): Code => [...address, 0x35, 0, 0];
const loadSize = (address: Code): Code => [...address, 0x28, 0, 0];
const loadByte = (address: Code): Code => [...address, 0x31, 0, 0];
const store = (address: Code, value: Code): Code => [...address, ...value, 0x37, 0, 0];
const ifElse = (condition: Code, then: Code[], otherwise: Code[]): Code => [
  ...condition,
  0x04,
  0x40,
  ...then.flat(),
  0x05,
  ...otherwise.flat(),
  0x0b,
];
/** `while (condition) body`. */
const repeat = (condition: Code, body: Code[]): Code => [0x03, 0x40, ...condition, 0x04, 0x40, ...body.flat(), 0x0c, 1, 0x0b, 0x0b];

/** Parameters and variables of the function, by number. */
const AT = 0;
const LENGTH = 1;
const SEED_AT = 2;
const OUT_AT = 3;
const END = 4;
const HASH = 5;
const LANES = [6, 7, 8, 9] as const;

const round = (lane: Code, input: Code): Code => multiply(rotate(add(lane, multiply(input, long(PRIME_2))), long(31n)), long(PRIME_1));
const seed = load(get(SEED_AT));
const advance = (bytes: number): Code => set(AT, addInt(get(AT), int(bytes)));
const fits = (bytes: number): Code => isAtMost(addInt(get(AT), int(bytes)), get(END));
const mix = (input: Code, turn: bigint, factor: bigint, offset: bigint): Code =>
  set(HASH, add(multiply(rotate(xor(get(HASH), input), long(turn)), long(factor)), long(offset)));

const LANE_STARTS = [add(seed, long(PRIME_1 + PRIME_2)), add(seed, long(PRIME_2)), seed, subtract(seed, long(PRIME_1))];
const LANE_TURNS = [1n, 7n, 12n, 18n];

const body: Code = [
  ...set(END, addInt(get(AT), get(LENGTH))),
  ...ifElse(
    fits(32),
    [
      ...LANES.map((lane, index) => set(lane, LANE_STARTS[index]!)),
      repeat(fits(32), [...LANES.flatMap((lane) => [set(lane, round(get(lane), load(get(AT)))), advance(8)])]),
      set(HASH, LANES.map((lane, index) => rotate(get(lane), long(LANE_TURNS[index]!))).reduce(add)),
      ...LANES.map((lane) => set(HASH, add(multiply(xor(get(HASH), round(long(0n), get(lane))), long(PRIME_1)), long(PRIME_4)))),
    ],
    [set(HASH, add(seed, long(PRIME_5)))],
  ),
  // The length as an unsigned 64-bit number.
  ...set(HASH, add(get(HASH), [...get(LENGTH), 0xad])),
  ...repeat(fits(8), [mix(round(long(0n), load(get(AT))), 27n, PRIME_1, PRIME_4), advance(8)]),
  ...repeat(fits(4), [mix(multiply(loadInt(get(AT)), long(PRIME_1)), 23n, PRIME_2, PRIME_3), advance(4)]),
  ...repeat(isBelow(get(AT), get(END)), [mix(multiply(loadByte(get(AT)), long(PRIME_5)), 11n, PRIME_1, 0n), advance(1)]),
  ...set(HASH, multiply(xor(get(HASH), shift(get(HASH), long(33n))), long(PRIME_2))),
  ...set(HASH, multiply(xor(get(HASH), shift(get(HASH), long(29n))), long(PRIME_3))),
  ...store(get(OUT_AT), xor(get(HASH), shift(get(HASH), long(32n)))),
];

/** Parameters of the second function, by number. */
const RECORD_AT = 0;
const RECORDS = 1;
const STAMP_AT = 2;
const STAMP_LENGTH = 3;

/** Calls the first function. */
const callHash = (...values: Code[]): Code => [...values.flat(), 0x10, 0];
const inRecord = (place: number): Code => addInt(get(RECORD_AT), int(place));
const sum = (length: number, to: number): Code =>
  callHash(inRecord(RECORD.input), loadSize(inRecord(length)), int(ZERO_SEED), inRecord(to));
/** Sums the first bytes of the input, unless the sum before was of the same ones. */
const sumOrCopy = (length: number, to: number, former: number, from: number): Code =>
  ifElse(isSame(loadSize(inRecord(length)), loadSize(inRecord(former))), [store(inRecord(to), load(inRecord(from)))], [sum(length, to)]);

const recordsBody: Code = repeat(get(RECORDS), [
  sum(RECORD.l3Length, RECORD.l3),
  sumOrCopy(RECORD.trackingLength, RECORD.tracking, RECORD.l3Length, RECORD.l3),
  sumOrCopy(RECORD.tableLength, RECORD.table, RECORD.trackingLength, RECORD.tracking),
  store(get(STAMP_AT), load(inRecord(RECORD.time))),
  callHash(get(STAMP_AT), get(STAMP_LENGTH), inRecord(RECORD.table), inRecord(RECORD.uuid)),
  set(RECORD_AT, inRecord(RECORD.bytes)),
  set(RECORDS, subtractInt(get(RECORDS), int(1))),
]);

const unsigned = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]);
const section = (id: number, ...content: number[]): Code => [id, ...unsigned(content.length), ...content];
const I32 = 0x7f;
const I64 = 0x7e;
const HASH_FUNCTION = [2, 1, I32, 5, I64, ...body, 0x0b];
const RECORDS_FUNCTION = [0, ...recordsBody, 0x0b];
const text = (value: string): number[] => [value.length, ...Buffer.from(value)];

const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, 1, 0x60, 4, I32, I32, I32, I32, 0),
  ...section(3, 2, 0, 0),
  ...section(5, 1, 0x00, 1),
  ...section(7, 3, ...text('hash'), 0x00, 0, ...text('hashRecords'), 0x00, 1, ...text('memory'), 0x02, 0),
  ...section(10, 2, ...[HASH_FUNCTION, RECORDS_FUNCTION].flatMap((code) => [...unsigned(code.length), ...code])),
]);

/** Positions in the module's memory of 64 KiB. */
export interface Xxh64 {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Hashes `length` bytes at `from` with the seed at `seedAt`; both numbers of 64 bits lie there low byte first. */
  hash(from: number, length: number, seedAt: number, outAt: number): void;
  /**
   * Works out the ids of so many records from `at` on, one behind the other: a call costs as much as a hash. `stampAt` is where the time of
   * each is put, before what else is in all UUIDs; both together are `stampLength` bytes. The seed at `ZERO_SEED` has to be 0.
   */
  hashRecords(at: number, count: number, stampAt: number, stampLength: number): void;
}

/** The part of JavaScript's WebAssembly that is used here: the types of Node do not declare it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } & Pick<Xxh64, 'hash' | 'hashRecords'>;
  };
};

/** Makes an instance with memory of its own. */
export function openXxh64(): Xxh64 {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
  const buffer = exports.memory.buffer;
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), hash: exports.hash, hashRecords: exports.hashRecords };
}
