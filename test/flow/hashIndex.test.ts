import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashIndex, SLOTS_A_STEP } from '../../src/flow/table/hashIndex.js';
import { LARGE_MEMORY_BYTES } from '../../src/flow/table/tableMemory.js';

/** Rows that stand under a hash, as a lookup comes to them. */
function rowsUnder(index: HashIndex, hash: number): number[] {
  const rows: number[] = [];
  for (let at = hash & index.mask; ; at = (at + 1) & index.mask) {
    if (index.pairs[at * 2 + 1] === 0 && !(index.isGrowing && index.bring(hash))) return rows.sort((a, b) => a - b);
    if (index.pairs[at * 2] === hash) rows.push(index.pairs[at * 2 + 1]! - 1);
  }
}

/** Hashes that are equal, that share a place until the index has grown, and any others. */
const hashes = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.nat(40).map((high) => high << 10),
  fc.integer(),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('add' as const), number: hashes, times: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('remove', 'settle'), number: fc.nat(100), times: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('look'), number: hashes, times: fc.constant(1) }) },
);

/** A number for each time, far apart. */
const spread = (number: number, time: number): number => Math.imul(number + time, 0x9e3779b1);

describe('the index of a flow table', () => {
  it('finds everything that was added and not removed, also while it grows', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const index = new HashIndex();
        const entries: [hash: number, row: number][] = [];
        let rows = 0;
        for (const { what, number, times } of steps) {
          if (what === 'add') {
            for (let time = 0; time < times; time++) {
              const hash = time % 64 === 0 ? number : spread(number, time);
              entries.push([hash, rows]);
              index.add(hash, rows++);
            }
          } else if (what === 'settle') index.settle(number);
          else if (what === 'look') rowsUnder(index, number);
          else if (entries.length > 0) index.remove(...entries.splice(number % entries.length, 1)[0]!);
        }
        expect(index.size).toBe(entries.length);
        const expected = new Map<number, number[]>();
        for (const [hash, row] of entries) expected.set(hash, [...(expected.get(hash) ?? []), row]);
        const isFound = ([hash, under]: [number, number[]]): boolean => rowsUnder(index, hash).join() === under.join();
        expect([...expected].filter((each) => !isFound(each))).toEqual([]);
        index.settle(Infinity);
        expect(index.isGrowing).toBe(false);
        expect([...expected].filter((each) => !isFound(each))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('moves no more than a few slots with any entry that is added', () => {
    const index = new HashIndex();
    let growths = 0;
    let most = 0;
    for (let row = 0; row < 600_000; row++) {
      const { slotsWaiting, mask } = index;
      index.add(spread(0, row), row);
      if (index.mask === mask) most = Math.max(most, slotsWaiting - index.slotsWaiting);
      else {
        growths++;
        // The former one is empty by then, and all of this one is still to be moved.
        expect(slotsWaiting).toBe(0);
        expect(index.slotsWaiting).toBe(mask + 1);
      }
    }
    expect(growths).toBe(11);
    expect(most).toBe(SLOTS_A_STEP);
  });

  it('has moved by half way to the next growth, and keeps one index from then on', () => {
    const index = new HashIndex();
    for (let row = 0; index.slotsWaiting === 0; row++) index.add(spread(0, row), row);
    const { size, bytes } = index;
    for (let row = size; row < size * 1.5; row++) index.add(spread(0, row), row);
    expect(index.slotsWaiting).toBe(0);
    expect(index.bytes).toBe((bytes / 3) * 2);
  });

  it('takes its memory from elsewhere once it is large', () => {
    const taken: number[] = [];
    const index = new HashIndex((bytes) => {
      taken.push(bytes);
      return new Uint8Array(new ArrayBuffer(bytes + 128), 128, bytes);
    });
    for (let row = 0; row < 300_000; row++) index.add(spread(0, row), row);
    expect(taken).toEqual([LARGE_MEMORY_BYTES, LARGE_MEMORY_BYTES * 2, LARGE_MEMORY_BYTES * 4]);
    expect(index.bytes).toBe(LARGE_MEMORY_BYTES * 4);
    const rows = Array.from({ length: 300_000 }, (_, row) => row);
    expect(rows.filter((row) => !rowsUnder(index, spread(0, row)).includes(row))).toEqual([]);
  });
});
