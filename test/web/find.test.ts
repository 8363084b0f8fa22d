import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCondition } from '../../web/find/conditions.js';
import { readFind, wordsOf } from '../../web/find/parse.js';

const filterOf = (text: string): unknown => {
  const reading = readFind(text);
  return reading.kind === 'filter' ? reading.filter : reading;
};

describe('the filter language', () => {
  it.each([
    ['type:veth', { type: { eq: 'veth' } }],
    ['type:veth,bridge', { or: [{ type: { eq: 'veth' } }, { type: { eq: 'bridge' } }] }],
    ['-state:down', { not: { state: ['DOWN'] } }],
    ['host:web-*', { host: { startsWith: 'web-' } }],
    ['name:eth', { name: { contains: 'eth' } }],
    ['ip:10.0.0.0/8', { address: { within: '10.0.0.0/8' } }],
    ['ip:fd00::1', { address: { eq: 'fd00::1' } }],
    ['in:blue', { within: { name: { eq: 'blue' } } }],
    ['MTU:>1500', { metadata: [{ path: 'MTU', int: { gt: 1500 } }] }],
    ['K8s.Namespace:prod', { metadata: [{ path: 'K8s.Namespace', string: { eq: 'prod' } }] }],
    ['name:"two words"', { name: { contains: 'two words' } }],
    ['02:42:ac:11:00:02', { search: '02:42:ac:11:00:02' }],
    ['web type:veth front', { and: [{ type: { eq: 'veth' } }, { search: 'web front' }] }],
  ])('reads %s', (text, filter) => expect(filterOf(text)).toEqual(filter));

  it.each([
    ['type:veth state:broken', "there is no state 'broken'", 10, 22],
    ['ip:10.0.0.300', 'is no address', 0, 13],
    ['host:', 'needs a value', 0, 5],
  ])('says what is wrong with %s, and where', (text, message, from, to) => {
    expect(readFind(text)).toMatchObject({ kind: 'bad', message: expect.stringContaining(message) as string, from, to });
  });

  it('leaves Gremlin to the analyzer', () =>
    expect(readFind(" G.V().Has('Type', 'veth')")).toEqual({ kind: 'gremlin', query: "G.V().Has('Type', 'veth')" }));

  it('reads any text without failing, and cuts it into words that stand where they say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        readFind(text);
        for (const { text: word, from, to } of wordsOf(text)) expect(text.slice(from, to)).toBe(word);
      }),
    );
  });

  it('adds a condition once', () => {
    expect(withCondition('type:veth', 'MTU:1500')).toBe('type:veth MTU:1500');
    expect(withCondition('type:veth MTU:1500', 'MTU:1500')).toBe('type:veth MTU:1500');
    expect(withCondition('G.V()', 'MTU:1500')).toBe('MTU:1500');
  });
});
