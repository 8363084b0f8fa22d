import { describe, expect, it } from 'vitest';
import type { PictureEdge, PictureNode } from '../../web/data/elements.js';
import { heatOf, isSameScale, type Reading, type Readings, scaleOf } from '../../web/map/scene/measures.js';
import { trafficOf } from '../../web/data/traffic.js';

const node = (id: string, kind: string, speed: number | null = null): PictureNode =>
  ({ __typename: 'NetworkInterface', id, key: id, name: id, type: kind.toLowerCase(), kind, state: 'UP', speed }) as unknown as PictureNode;
const nodes = new Map(
  [node('br', 'BRIDGE'), node('a', 'VETH'), node('b', 'VETH'), node('eth0', 'DEVICE', 1e9), node('eth0.7', 'VLAN')].map((one) => [
    one.id,
    one,
  ]),
);
const link = (sourceId: string, targetId: string, relationType = 'layer2'): PictureEdge => ({
  __typename: 'Edge',
  id: `${sourceId}-${targetId}`,
  key: '',
  relationType,
  sourceId,
  targetId,
});
const reading = (part: Partial<Reading>): Reading => ({ rx: undefined, tx: undefined, drops: 0, value: undefined, ...part });
const readings = (parts: Readonly<Record<string, Partial<Reading>>>): Readings =>
  new Map(Object.entries(parts).map(([id, part]) => [id, reading(part)]));

describe('traffic of a link', () => {
  it.each([
    ['of a pair goes from the one that sends', link('a', 'b'), { a: { rx: 1, tx: 9 } }, { forth: 9, back: 1 }],
    ['of a pair is known from either end', link('a', 'b'), { b: { rx: 9, tx: 1 } }, { forth: 9, back: 1 }],
    [
      'of a port comes from the bridge, as the port says',
      link('br', 'a'),
      { br: { rx: 70, tx: 70 }, a: { rx: 1, tx: 9 } },
      { forth: 9, back: 1 },
    ],
    ['of a port is the same the other way round', link('a', 'br'), { a: { rx: 1, tx: 9 } }, { forth: 1, back: 9 }],
    [
      'of what stands upon an interface is its own',
      link('eth0', 'eth0.7'),
      { eth0: { rx: 50, tx: 50 }, 'eth0.7': { rx: 1, tx: 9 } },
      { forth: 1, back: 9 },
    ],
    ['is not that of all ports together', link('br', 'a'), { br: { rx: 70, tx: 70 } }, undefined],
    ['is not known of other layers', link('a', 'b', 'layer3'), { a: { rx: 1, tx: 9 } }, undefined],
  ] as const)('%s', (_what, edge, parts, traffic) => expect(trafficOf(edge, nodes, readings(parts))).toEqual(traffic));
});

describe('the scale of colours', () => {
  const stepOf = (name: 'rate' | 'use' | 'drops', id: string, part: Partial<Reading>): number | undefined => {
    const scale = scaleOf({ name, path: '' }, [])!;
    const value = scale.valueOf(nodes.get(id)!, reading(part));
    return value === undefined ? undefined : scale.stepOf(value);
  };

  it('has a step for each power that matters, the busier direction counts', () => {
    expect(stepOf('rate', 'a', { rx: 0, tx: 0 })).toBe(0);
    expect(stepOf('rate', 'a', { rx: 2e6, tx: 5 })).toBe(2);
    expect(stepOf('rate', 'a', { rx: 5, tx: 4e9 })).toBe(5);
    expect(stepOf('drops', 'a', { rx: 0, drops: 0 })).toBe(0);
    expect(stepOf('drops', 'a', { rx: 0, drops: 0.01 })).toBe(1);
  });

  it('knows no share of a speed that is not known, and nothing of what is not measured', () => {
    expect(stepOf('use', 'eth0', { rx: 0.95e9, tx: 0 })).toBe(5);
    expect(stepOf('use', 'a', { rx: 0.95e9, tx: 0 })).toBeUndefined();
    expect(stepOf('rate', 'a', {})).toBeUndefined();
    expect(stepOf('drops', 'a', {})).toBeUndefined();
  });

  it('of a number goes from the least to the greatest', () => {
    const scale = scaleOf({ name: 'number', path: 'MTU' }, [readings({ a: { value: 1_500 }, b: { value: 9_000 } }), readings({ br: {} })])!;
    expect([1_500, 5_000, 9_000].map((value) => scale.stepOf(value))).toEqual([0, 2, 5]);
    expect(scale.steps[0]).toBe('1500 – 2750');
    const same = scaleOf({ name: 'number', path: 'MTU' }, [readings({ a: { value: 1_500 } })])!;
    expect(same.steps).toEqual(['1500']);
    expect(heatOf(same.stepOf(1_500), same)).toMatch(/^heat/);
    expect(isSameScale(same, scale)).toBe(false);
    expect(scaleOf({ name: 'number', path: 'MTU' }, [])!.steps).toEqual([]);
    expect(scaleOf({ name: 'state', path: '' }, [])).toBeUndefined();
  });
});
