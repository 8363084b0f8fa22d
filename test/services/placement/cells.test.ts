import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, placeCells, type Pull } from '../../../src/services/placement/cells.js';

const group = (id: string): { id: string; label: string } => ({ id, label: id });
const groups = (count: number): { id: string; label: string }[] => Array.from({ length: count }, (_, index) => group(`web-${index + 1}`));
const link = (a: string, b: string, count = 1): Pull => ({ a, b, count });
const NONE: ReadonlyMap<string, Cell> = new Map();

const networks = fc.integer({ min: 1, max: 30 }).chain((count) =>
  fc.record({
    all: fc.constant(groups(count)),
    links: fc.array(
      fc.record({ a: fc.integer({ min: 1, max: count }), b: fc.integer({ min: 1, max: count }), count: fc.integer({ min: 1, max: 500 }) }),
      { maxLength: 60 },
    ),
    first: fc.integer({ min: 0, max: count }),
  }),
);

describe('the cells of groups', () => {
  it('are one for each, and kept when others come', () => {
    fc.assert(
      fc.property(networks, ({ all, links, first }) => {
        const pulls = links.filter(({ a, b }) => a !== b).map(({ a, b, count }) => link(`web-${a}`, `web-${b}`, count));
        const before = placeCells(all.slice(0, first), pulls, NONE);
        const after = placeCells(all, pulls, before);
        expect(after.size).toBe(all.length);
        expect(new Set([...after.values()].map(({ x, y }) => `${x},${y}`)).size).toBe(all.length);
        if (first >= all.length / 2) for (const [id, cell] of before) expect(after.get(id)).toEqual(cell);
      }),
    );
  });

  it('are the same for the same network, in whatever order it is told', () => {
    fc.assert(
      fc.property(networks, ({ all, links }) => {
        const pulls = links.filter(({ a, b }) => a !== b).map(({ a, b, count }) => link(`web-${a}`, `web-${b}`, count));
        const one = placeCells(all, pulls, NONE);
        const other = placeCells([...all].reverse(), pulls, NONE);
        for (const { id } of all) expect(other.get(id)).toEqual(one.get(id));
      }),
    );
  });

  it('follow the names where nothing else tells them apart', () => {
    const cells = placeCells(groups(6), [], NONE);
    const read = [...cells].sort(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([id]) => id);
    expect(read).toEqual(['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6']);
  });

  it('lie beside what they are linked with', () => {
    const all = [...groups(20), group('tor-1'), group('tor-2')];
    const links = groups(20).map(({ id }, index) => link(index % 2 ? 'tor-1' : 'tor-2', id));
    const cells = placeCells(all, links, NONE);
    const length = (a: string, b: string): number => {
      const [from, to] = [cells.get(a)!, cells.get(b)!];
      return Math.hypot((from.x - to.x) * 2, from.y - to.y);
    };
    const own = links.reduce((sum, { a, b }) => sum + length(a, b), 0);
    const others = links.reduce((sum, { a, b }) => sum + length(a === 'tor-1' ? 'tor-2' : 'tor-1', b), 0);
    expect(own).toBeLessThan(others);
    const last = placeCells([...all, group('web-21')], [...links, link('tor-1', 'web-21')], cells);
    expect(last.get('tor-1')).toEqual(cells.get('tor-1'));
    expect(last.get('web-21')).toBeDefined();
  });
});
