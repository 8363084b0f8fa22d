import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Item, layoutGroup, type Memory } from '../../web/map/layout/groupLayout.js';
import { CARD_HEIGHT, CARD_WIDTH } from '../../web/map/layout/measures.js';
import { placeGroups, type Rectangle } from '../../web/map/layout/placeGroups.js';

const item = (id: string, parent?: string): Item => ({ id, parent, rank: 1, name: id });
const boxAt = (boxes: Float32Array, index: number): Rectangle => {
  const [x, y, width, height] = boxes.subarray(index * 4, index * 4 + 4);
  return { x: x!, y: y!, width: width!, height: height! };
};
const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width - 0.01 && b.x < a.x + a.width - 0.01 && a.y < b.y + b.height - 0.01 && b.y < a.y + a.height - 0.01;
const inside = (outer: Rectangle, inner: Rectangle): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;

/** Items whose owners are any of the others: trees, and knots that publishers could make. */
const items = fc
  .array(fc.option(fc.nat(30), { nil: undefined }), { minLength: 1, maxLength: 40 })
  .map((parents) => parents.map((parent, index) => item(`n${index}`, parent === undefined ? undefined : `n${parent}`)));

describe('the layout of a group', () => {
  it('keeps everything inside its owner, and nothing over another', () => {
    fc.assert(
      fc.property(items, (all) => {
        const { width, height, boxes } = layoutGroup(all, new Map());
        const placed = all.map(({ id }, index) => ({ id, box: boxAt(boxes, index) }));
        for (const { box } of placed) expect(inside({ x: 0, y: 0, width, height }, box)).toBe(true);
        for (const [index, a] of placed.entries())
          for (const b of placed.slice(index + 1))
            if (overlap(a.box, b.box)) expect(inside(a.box, b.box) || inside(b.box, a.box)).toBe(true);
      }),
    );
  });

  it('moves nothing when one thing goes and another comes', () => {
    const memory: Memory = new Map();
    const before = layoutGroup(
      ['a', 'b', 'c', 'd'].map((id) => item(id)),
      memory,
    );
    const after = layoutGroup(
      ['a', 'c', 'd', 'e'].map((id) => item(id)),
      memory,
    );
    expect(boxAt(after.boxes, 0)).toEqual(boxAt(before.boxes, 0));
    expect(boxAt(after.boxes, 1)).toEqual(boxAt(before.boxes, 2));
    expect(boxAt(after.boxes, 2)).toEqual(boxAt(before.boxes, 3));
    expect(boxAt(after.boxes, 3)).toEqual(boxAt(before.boxes, 1)); // The free place.
  });

  it('is the same for the same things, in whatever order they come', () => {
    const all = Array.from({ length: 50 }, (_, index) => item(`veth${index}`, index % 3 === 0 ? undefined : `veth${index - (index % 3)}`));
    const one = layoutGroup(all, new Map());
    const other = layoutGroup([...all].reverse(), new Map());
    all.forEach((_, index) => expect(boxAt(other.boxes, all.length - 1 - index)).toEqual(boxAt(one.boxes, index)));
  });
});

describe('the places of groups', () => {
  const cells = fc.uniqueArray(fc.record({ x: fc.integer({ min: -4, max: 4 }), y: fc.integer({ min: -4, max: 4 }) }), {
    selector: ({ x, y }) => `${x},${y}`,
    maxLength: 30,
  });

  it('never overlap, whichever are open', () => {
    fc.assert(
      fc.property(cells, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (at, open) => {
        const groups = at.map(({ x, y }, index) => ({ id: String(index), label: String(index), x, y }));
        const placed = [...placeGroups(groups, (id) => (open[Number(id)] ? { width: 900, height: 600 } : undefined)).values()];
        expect(placed).toHaveLength(groups.length);
        for (const [index, a] of placed.entries()) for (const b of placed.slice(index + 1)) expect(overlap(a, b)).toBe(false);
      }),
    );
  });

  it('lay out by themselves what the analyzer keeps no place for', () => {
    const placed = placeGroups(
      [
        { id: 'a', label: 'a', x: 0, y: 0 },
        { id: 'b', label: 'b', x: null, y: null },
      ],
      () => undefined,
    );
    expect(placed.get('a')).toEqual({ x: 0, y: 0, width: CARD_WIDTH, height: CARD_HEIGHT });
    expect(placed.get('b')!.y).toBeGreaterThan(CARD_HEIGHT);
  });
});
