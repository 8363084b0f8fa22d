import { describe, expect, it } from 'vitest';
import { Layouts, Measurements } from '../../src/graph/measurements.js';

describe('measurements of one element', () => {
  it('keep what is not among the new ones, in whatever order they come', () => {
    const measurements = new Measurements(new Layouts());
    measurements.update([
      ['a.x', 1],
      ['a.y', 2],
      ['a.x', 3],
    ]);
    measurements.update([
      ['b', 4],
      ['a.y', 5],
      ['b', 6],
    ]);
    expect(measurements.toObject()).toEqual({ a: { x: 3, y: 5 }, b: 6 });
  });

  it('leave out a path that runs through the value of another, and lay one over an object', () => {
    const measurements = new Measurements(new Layouts());
    const neighbors = { k: { State: 'STALE' } };
    measurements.update([
      ['a', 1],
      ['a.x', 2],
      ['Neighbors', neighbors],
      ['Neighbors.l', 3],
    ]);
    expect(measurements.toObject()).toEqual({ a: 1, Neighbors: { k: { State: 'STALE' }, l: 3 } });
    expect(neighbors).toEqual({ k: { State: 'STALE' } });
  });

  it('may have any names', () => {
    const measurements = new Measurements(new Layouts());
    measurements.update([
      ['__proto__.x', 1],
      ['toString', 2],
      ['a..b', 3],
    ]);
    expect(Object.entries(measurements.toObject())).toEqual([
      ['__proto__', { x: 1 }],
      ['toString', 2],
    ]);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('may be thousands, of elements that are each measured differently', () => {
    const layouts = new Layouts();
    for (let element = 0; element < 20; element++) {
      const measurements = new Measurements(layouts);
      // Each begins elsewhere, so that no two have the same order.
      const paths = Array.from({ length: 2_000 }, (_, index) => `Statistics.c${(index + element) % 2_000}`);
      measurements.update(paths.map((path, index) => [path, index]));
      measurements.update(paths.map((path, index) => [path, index + 1]));
      expect(Object.keys(measurements.toObject().Statistics!)).toHaveLength(2_000);
      expect(measurements.toObject()).toMatchObject({ Statistics: { [`c${element}`]: 1 } });
    }
  });
});
