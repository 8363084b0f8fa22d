import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/common/json.js';
import { goText, orderedAt, orderedMetadata } from '../../src/gremlin/json/goText.js';

describe('texts as Go writes them', () => {
  it.each<[Json, string]>([
    ['a<b>&\u2028\u2029"\\', '"a\\u003cb\\u003e\\u0026\\u2028\\u2029\\"\\\\"'],
    ['\b\f\n\r\t\u0001\\b\\f', '"\\u0008\\u000c\\n\\r\\t\\u0001\\\\b\\\\f"'],
    ['\ud800x \\ud800 \u{1f600}', '"\\ufffdx \\\\ud800 \u{1f600}"'],
    [{ '<k>': 1 }, '{"\\u003ck\\u003e":1}'],
    [
      [1e21, 1e-7, 0.1, 1.5e300, 2 ** 53, 2 ** 60, -(2 ** 63)],
      '[1e+21,1e-7,0.1,1.5e+300,9007199254740992,1152921504606846976,-9223372036854775808]',
    ],
    [{ a: 2 ** 60, b: '12345678901234567890', c: null }, '{"a":1152921504606846976,"b":"12345678901234567890","c":null}'],
  ])('%j', (value, text) => expect(goText(value)).toBe(text));

  it('mean the same', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(goText(value as Json))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    ));
});

describe('metadata', () => {
  it('has its keys in order, and structures as they are', () => {
    const metadata: JsonObject = {
      b: [{ d: 1, c: { f: 1, e: 2 } }],
      Metric: { RxBytes: 3, Last: 2, Start: 1, Collisions: 4 },
      Ovs: { b: 1, a: 2 },
      a: { z: 1, y: [3, 2] },
      B: null,
    };
    expect(JSON.stringify(orderedMetadata(metadata))).toBe(
      '{"B":null,"Metric":{"Collisions":4,"RxBytes":3,"Start":1,"Last":2},"Ovs":{"b":1,"a":2},"a":{"y":[3,2],"z":1},"b":[{"c":{"e":2,"f":1},"d":1}]}',
    );
    expect(JSON.stringify(orderedAt('Metric.x', { b: 1, a: 1 }))).toBe('{"b":1,"a":1}');
    expect(JSON.stringify(orderedAt('x.Metric', { b: 1, a: 1 }))).toBe('{"a":1,"b":1}');
    expect(Object.keys(orderedMetadata(JSON.parse('{"b":1,"__proto__":2}') as JsonObject))).toEqual(['__proto__', 'b']);
  });

  it('is not copied where it is in order', () => {
    const metadata: JsonObject = { a: { b: 1, c: [] }, d: [1, 'x'] };
    expect(orderedMetadata(metadata)).toBe(metadata);
  });
});
