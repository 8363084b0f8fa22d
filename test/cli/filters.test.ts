import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeFilter, textPattern, type NodeFilterValues } from '../../src/cli/ask/filters.js';

describe('options that choose nodes', () => {
  it.each<[NodeFilterValues, object | undefined]>([
    [{}, undefined],
    [{ type: ['veth'] }, { type: { eq: 'veth' } }],
    [{ type: ['veth', 'bridge'] }, { type: { in: ['veth', 'bridge'] } }],
    [{ name: ['eth*', 'wlan0'] }, { or: [{ name: { startsWith: 'eth' } }, { name: { eq: 'wlan0' } }] }],
    [
      { name: ['eth*', '*0'], host: ['a'] },
      { and: [{ host: { eq: 'a' } }, { or: [{ name: { startsWith: 'eth' } }, { name: { regex: '^.*0$' } }] }] },
    ],
    [{ state: ['up', 'DOWN'] }, { state: ['UP', 'DOWN'] }],
    [{ address: '10.0.0.1' }, { address: { eq: '10.0.0.1' } }],
    [{ address: '10.0.0.0/8' }, { address: { within: '10.0.0.0/8' } }],
    [{ within: 'web-1' }, { within: { name: { eq: 'web-1' } } }],
    [{ search: 'x', filter: '{"type": {"eq": "veth"}}' }, { and: [{ search: 'x' }, { type: { eq: 'veth' } }] }],
    [
      { metadata: ['Driver=veth', 'MTU=1500', 'Up=true', 'Speed', 'Note=a=b'] },
      {
        metadata: [
          { path: 'Driver', string: { eq: 'veth' } },
          { path: 'MTU', int: { eq: 1500 } },
          { path: 'Up', bool: { eq: true } },
          { path: 'Speed', exists: true },
          { path: 'Note', string: { eq: 'a=b' } },
        ],
      },
    ],
  ])('%j become %j', (values, expected) => expect(nodeFilter(values)).toEqual(expected));

  it.each([
    [{ filter: '{' }, /--filter is not JSON/],
    [{ filter: '[1]' }, /--filter must be a JSON object/],
    [{ metadata: ['=x'] }, /has no path/],
  ] as [NodeFilterValues, RegExp][])('%j is refused', (values, message) => expect(() => nodeFilter(values)).toThrow(message));
});

describe('a pattern', () => {
  it.each([
    ['eth0', { eq: 'eth0' }],
    ['eth*', { startsWith: 'eth' }],
    ['*eth*', { contains: 'eth' }],
    ['*eth', { regex: '^.*eth$' }],
    ['e*0', { regex: '^e.*0$' }],
    ['*', { regex: '^.*$' }],
    ['a.b*c', { regex: '^a\\.b.*c$' }],
    ['/^eth[0-9]+$/', { regex: '^eth[0-9]+$' }],
    ['/', { eq: '/' }],
    ['/var/run*', { startsWith: '/var/run' }],
  ])('%j is %j', (text, expected) => expect(textPattern(text)).toEqual(expected));

  it('with a star matches what it was cut from', () => {
    const matches = (pattern: Record<string, string>, text: string): boolean => {
      if (pattern.eq !== undefined) return text === pattern.eq;
      if (pattern.startsWith !== undefined) return text.startsWith(pattern.startsWith);
      if (pattern.contains !== undefined) return text.includes(pattern.contains);
      return new RegExp(pattern.regex!, 's').test(text);
    };
    const name = fc.stringMatching(/^[a-z.+$()[\]-]{0,8}$/);
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(matches(textPattern(`${a}*${c}`) as Record<string, string>, a + b + c)).toBe(true);
      }),
    );
  });
});
