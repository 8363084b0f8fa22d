import { describe, expect, it } from 'vitest';
import type { ListedChange } from '../../web/data/changesOf.js';
import { grouped, restInWords } from '../../web/changes/grouped.js';

const START = Date.parse('2026-01-01T00:00:00Z');
let place = 0;

/** A change so many milliseconds after the start. */
const change = (op: ListedChange['op'], id: string, type: string, ms: number, origin = 'agent.web-1'): ListedChange =>
  ({
    cursor: `1-${++place}`,
    op,
    at: new Date(START + ms).toISOString(),
    reason: null,
    element:
      type === 'link'
        ? { __typename: 'Edge', id, relationType: 'layer2', sourceId: 'a', targetId: 'b', host: 'web-1', origin }
        : { __typename: 'CustomNode', id, name: id, type, host: 'web-1', origin, state: 'UP' },
    paths: [],
  }) as ListedChange;

const newestFirst = (...changes: ListedChange[]): readonly ListedChange[] => changes.reverse();

describe('changes, grouped', () => {
  it('puts the start of a container under the container', () => {
    const interfaces = Array.from({ length: 40 }, (_, index) => change('ADDED', `veth${index}`, 'veth', index * 20));
    const groups = grouped(
      newestFirst(
        change('UPDATED', 'br0', 'bridge', 0),
        ...interfaces,
        change('ADDED', 'shop', 'container', 820),
        change('ADDED', 'l', 'link', 900),
      ),
    );
    expect(groups).toHaveLength(1);
    expect(groups[0]!.lead.element.id).toBe('shop');
    expect(restInWords(groups[0]!)).toBe('40 veth and 1 link appeared; 1 bridge changed');
  });

  it('keeps sources apart, and what came later', () => {
    const groups = grouped(
      newestFirst(
        change('ADDED', 'a', 'veth', 0),
        change('ADDED', 'b', 'veth', 100, 'agent.web-2'),
        change('ADDED', 'c', 'veth', 200),
        change('ADDED', 'd', 'veth', 5_000),
      ),
    );
    expect(groups.map(({ changes }) => changes.map(({ element }) => element.id))).toEqual([['d'], ['c', 'a'], ['b']]);
  });

  it('makes no endless event of a source that never rests', () => {
    const changes = Array.from({ length: 100 }, (_, index) => change('ADDED', `n${index}`, 'veth', index * 500));
    expect(grouped(newestFirst(...changes)).length).toBeGreaterThanOrEqual(5);
  });

  it('puts a thing that changes again and again under one', () => {
    const flaps = Array.from({ length: 7 }, (_, index) => change('UPDATED', 'eth0', 'device', index * 4_000));
    const [group, ...others] = grouped(newestFirst(...flaps));
    expect(others).toEqual([]);
    expect(group!.isRepeated).toBe(true);
    expect(group!.changes).toHaveLength(7);
    expect(grouped(newestFirst(...flaps.slice(0, 3), change('ADDED', 'new', 'veth', 13_000), ...flaps.slice(4)))).toHaveLength(3);
  });

  it('leaves the names of events as they are when more comes', () => {
    const first = [change('ADDED', 'a', 'veth', 0), change('ADDED', 'b', 'veth', 3_000)];
    const names = grouped(newestFirst(...first)).map(({ key }) => key);
    const more = grouped(newestFirst(...first, change('ADDED', 'c', 'veth', 3_100), change('ADDED', 'd', 'veth', 9_000)));
    expect(more.map(({ key }) => key).slice(1)).toEqual(names);
  });
});
