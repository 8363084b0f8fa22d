import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../src/graph/position.js';
import { Ring } from '../../src/server/subscriptions/ring.js';

const at = (seq: number): Position => ({ epoch: 1, seq });

describe('a ring', () => {
  it('keeps the newest within its bounds, and always the last', () => {
    const ring = new Ring(at(0), 100, 3);
    for (let seq = 1; seq <= 5; seq++) ring.push({ start: at(seq - 1), end: at(seq), payload: Buffer.alloc(10) });
    expect([ring.first, ring.next, ring.bytes]).toEqual([2, 5, 30]);
    ring.push({ start: at(5), end: at(6), payload: Buffer.alloc(1_000) });
    expect([ring.first, ring.next, ring.get(5)?.end.seq]).toEqual([5, 6, 6]);
  });

  it('says of every reader whether it stands at an event, inside one, before all, or ahead', () => {
    const steps = fc.array(fc.record({ quiet: fc.nat(3), length: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.nat(3), fc.integer({ min: 1, max: 6 }), (events, quietEnd, kept) => {
        const ring = new Ring(at(0), Infinity, kept);
        const told: { start: number; end: number }[] = [];
        let seq = 0;
        for (const { quiet, length } of events) {
          const start = seq + quiet;
          told.push({ start, end: start + length });
          ring.push({ start: at(start), end: at(start + length), payload: Buffer.alloc(1) });
          seq = start + length;
        }
        const reached = seq + quietEnd;
        const base = told.at(-Math.min(kept, told.length) - 1)?.end ?? 0;
        for (let reader = 0; reader <= reached + 2; reader++) {
          const place = ring.placeOf(at(reader), at(reached));
          const inside = told.find(({ start, end }) => reader > start && reader < end);
          if (reader > reached) expect(place).toEqual({ kind: 'ahead' });
          else if (reader < base) expect(place).toMatchObject({ kind: 'behind' });
          else if (inside) expect(place).toEqual({ kind: 'behind', target: at(inside.end) });
          else expect(place).toEqual({ kind: 'at', index: told.filter(({ end }) => end <= reader).length });
        }
      }),
    );
  });
});
