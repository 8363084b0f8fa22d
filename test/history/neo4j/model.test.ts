import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/common/json.js';
import type { Revision } from '../../../src/graph/element.js';
import { layersOf, newEdge, newNode } from '../../../src/graph/revision.js';
import { tableOf } from '../../../src/graph/tables.js';
import { declaredKey, DECLARED_KEYS, FOREVER, MARKER, slotOf, slotsAt, slotsBetween } from '../../../src/history/neo4j/model.js';
import { propertyValue, revisionProperties } from '../../../src/history/neo4j/properties.js';
import { revisionJson, revisionOf } from '../../../src/history/neo4j/revisionJson.js';

const instant = fc.integer({ min: 0, max: 4e12 });
const length = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 1e10 }), fc.integer({ min: 0, max: 1e12 }));

describe('the slot of a stretch of time', () => {
  it('is among those of each of its instants, and of no stretch that it does not touch', () => {
    fc.assert(
      fc.property(instant, length, fc.nat(1_000), (from, duration, part) => {
        const to = from + duration;
        const slot = slotOf(from, to);
        expect(slotsAt(from)).toContain(slot);
        expect(slotsAt(Math.max(from, to - 1))).toContain(slot);
        expect(slotsAt(from + Math.floor((Math.max(0, duration - 1) * part) / 1_000))).toContain(slot);
      }),
    );
  });

  it('is among those of every longer stretch that it touches', () => {
    fc.assert(
      fc.property(instant, length, instant, fc.nat(1e6), (from, duration, start, span) => {
        const slots = slotsBetween(start, start + span);
        const to = from + duration;
        if (slots === undefined || to <= start || from > start + span) return;
        expect(slots).toContain(slotOf(from, to));
      }),
    );
  });

  it('gives 35 for an instant, and none for a stretch with too many', () => {
    expect(slotsAt(Date.parse('2026-01-01'))).toHaveLength(35);
    expect(slotsBetween(0, 1e9)).toBeUndefined();
    expect(slotOf(5, FOREVER)).toBe('43:0');
  });
});

describe('a declared key', () => {
  const valueOf = (path: string, value: Json | undefined) => propertyValue(declaredKey(path)!, value);

  it('is the value where it has the type', () => {
    expect(valueOf('Name', 'eth0')).toBe('eth0');
    expect(valueOf('Name', '')).toBe('');
    expect(valueOf('MTU', 1500)).toBe(1500);
    expect(valueOf('IPV4', ['10.0.0.1/8'])).toEqual(['10.0.0.1/8']);
    expect(valueOf('IPV4', '10.0.0.1/8')).toEqual(['10.0.0.1/8']);
    expect(valueOf('IPV4', [])).toEqual([]);
    expect(valueOf('Name', undefined)).toBeUndefined();
  });

  it('is marked where it has not', () => {
    for (const value of [5, null, true, ['eth0'], { a: 1 }, 'x'.repeat(1_025), 'ä'.repeat(513), '\ud800'])
      expect(valueOf('Name', value)).toBe(MARKER);
    for (const value of ['1500', 1500.5, null, true, 2 ** 60]) expect(valueOf('MTU', value)).toBe(MARKER);
    for (const value of [5, null, ['a', 5], ['a', null], [['a']], ['x'.repeat(600), 'x'.repeat(600)]])
      expect(valueOf('IPV4', value)).toEqual([MARKER]);
  });

  it('is marked where a table has its name', () => {
    const tables = { Name: tableOf([['row', {}]]), Container: tableOf([['row', {}]]) };
    const node = newNode('a', 'agent.h', 1, { seq: 1, at: 1, observedAt: 1 }, layersOf('h', {}, undefined, tables));
    expect(revisionProperties(node)).toMatchObject({ Name: MARKER, Container_ID: MARKER, tables: ['Name', 'Container'] });
  });

  it('has a property of its own', () => {
    expect(new Set(DECLARED_KEYS.map(({ property }) => property)).size).toBe(DECLARED_KEYS.length);
    // What every state has begins with a small letter.
    for (const { property } of DECLARED_KEYS) expect(property).toMatch(/^[A-Z][A-Za-z0-9_]*$/);
  });
});

describe('a revision as JSON', () => {
  it('is read back as it was', () => {
    const name = fc.string({ unit: 'binary', maxLength: 12 });
    const metadata = fc
      .dictionary(name, fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), { maxKeys: 5 })
      .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, Json>);
    const stamps = fc.record({ seq: fc.nat(), at: instant, observedAt: instant });
    fc.assert(
      fc.property(
        name,
        name,
        metadata,
        fc.option(metadata, { nil: undefined }),
        stamps,
        fc.boolean(),
        fc.option(instant, { nil: undefined }),
        (id, host, base, overlay, stamp, isEdge, deletedAt) => {
          const layers = layersOf(host, base, overlay && { user: overlay }, undefined);
          const fresh: Revision = isEdge ? newEdge(id, 'o', 'p', id, 7, stamp, layers) : newNode(id, 'o', 7, stamp, layers);
          const revision: Revision = { ...fresh, updatedAt: stamp.at + 5, observedUpdatedAt: stamp.observedAt + 6, deletedAt };
          expect(revisionOf(revisionJson(revision), undefined)).toEqual(revision);
        },
      ),
    );
  });
});
