import fc from 'fast-check';
import { Packr } from 'msgpackr/pack';
import { describe, expect, it } from 'vitest';
import { unpack } from '../../src/protocol/unpack.js';

const packr = new Packr({ useRecords: false });
const written = (value: unknown): Uint8Array => packr.pack(value);

/** Often enough for objects to be made by a function of their own. */
const TIMES = 20;

const anyKey = fc.oneof(fc.constantFrom('Name', 'Type', '0', '17', 'constructor', 'ä', ''), fc.string({ maxLength: 40 }));
const { anyValue } = fc.letrec((tie) => ({
  anyValue: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((number) => number + 0),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom('UP', 'Ã©', 'é', '\u0000', '02:42:ac:00:00:01'),
    fc.array(tie('anyValue')),
    fc.dictionary(
      anyKey.filter((key) => key !== '__proto__'),
      tie('anyValue'),
      { noNullPrototype: true },
    ),
  ),
}));

describe('unpack', () => {
  it('reads what msgpackr writes, the first time and every time', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = written(value);
        for (let time = 0; time < TIMES; time += 1) expect(unpack(bytes)).toEqual(value);
      }),
    );
  });

  it.each([0, 0x7f, 0xff, 0xffff, 0xffff_ffff, 2 ** 40, -1, -0x20, -0x80, -0x8000, -0x8000_0000, -(2 ** 40), 0.5])('reads %d', (number) => {
    expect(unpack(written([number, 0 - number, BigInt(Math.trunc(number)), 'end']))).toEqual([
      number,
      0 - number,
      Math.trunc(number),
      'end',
    ]);
  });

  it.each([1, 15, 16, 31, 32, 33, 64, 65, 255, 256, 2_000])('reads texts, lists and objects of length %d', (length) => {
    const names = Array.from({ length }, (_, index) => `key ${index}`);
    const value = {
      text: 'x'.repeat(length),
      umlauts: 'ü'.repeat(length),
      names,
      object: Object.fromEntries(names.map((name) => [name, name])),
    };
    for (let time = 0; time < TIMES; time += 1) expect(unpack(written(value))).toEqual(value);
  });

  it('reads long texts and lists', () => {
    const value = ['x'.repeat(70_000), 'ü'.repeat(40_000), Array.from({ length: 70_000 }, (_, index) => index)];
    expect(unpack(written(value))).toEqual(value);
  });

  it('keeps objects of many layouts apart', () => {
    for (let time = 0; time < TIMES; time += 1) {
      for (let layout = 0; layout < 2_000; layout += 1) {
        const value = { [`a${layout}`]: layout, b: { [`c${layout % 50}`]: time } };
        expect(unpack(written(value))).toEqual(value);
      }
    }
  });

  it('keeps once what is said twice', () => {
    const value = (name: string) => ({ Name: name, LinkFlags: ['UP', 'LOOPBACK'], Features: { highdma: true, tso: false, peers: [] } });
    const [one, other] = [value('lo'), value('eth0')].map((link) => unpack(written(link)) as ReturnType<typeof value>);
    expect(other).toEqual(value('eth0'));
    expect(other!.LinkFlags).toBe(one!.LinkFlags);
    expect(other!.Features).toBe(one!.Features);
  });

  it('takes nothing for the same that differs', () => {
    const values = [
      [1],
      [true],
      ['1'],
      [null],
      [[]],
      [{}],
      [1, 1],
      { a: 1 },
      { a: 2 },
      { b: 1 },
      { a: 1, b: 1 },
      { b: 1, a: 1 },
      [{ a: 1 }],
    ];
    for (let time = 0; time < TIMES; time += 1) for (const value of values) expect(unpack(written(value))).toEqual(value);
    expect(Object.keys(unpack(written({ b: 1, a: 1 })) as object)).toEqual(['b', 'a']);
  });

  it('takes the later one of two values with one key', () => {
    const bytes = Uint8Array.of(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2);
    for (let time = 0; time < TIMES; time += 1) expect(unpack(bytes)).toEqual({ a: 2 });
  });

  it('gives nothing that is written into the bytes afterwards', () => {
    const bytes = written({ Name: 'veth0', Description: 'd'.repeat(100) });
    const value = unpack(bytes);
    bytes.fill(0);
    expect(value).toEqual({ Name: 'veth0', Description: 'd'.repeat(100) });
  });
});
