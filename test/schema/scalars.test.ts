import fc from 'fast-check';
import { parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { CIDR, Counter, Cursor, DateTime, Duration, IPAddress, JSONValue, MAC } from '../../schema/scalars/index.js';
import { formatDuration, parseDuration } from '../../src/common/duration.js';

describe('DateTime', () => {
  it.each([
    ['2026-03-01T12:00:00.000Z', 1772366400000],
    ['2026-03-01T14:00:00+02:00', 1772366400000],
    ['2026-03-01T12:00:00Z', 1772366400000],
    [1772366400000, 1772366400000],
    ['1772366400000', 1772366400000],
    ['now', { agoMs: 0 }],
    ['-5m', { agoMs: 300_000 }],
    ['-1h30m', { agoMs: 5_400_000 }],
  ])('reads %s', (input, instant) => expect(DateTime.parseValue(input)).toEqual(instant));

  it.each(['yesterday', '2026-03-01', '2026-13-01T00:00:00Z', '5m', '-5', '', -1, 1.5, 1e18, true, null, {}])(
    'refuses %j, saying what is valid',
    (input) => {
      expect(() => DateTime.parseValue(input)).toThrow(/is not valid; give an instant such as/);
    },
  );

  it('writes RFC 3339 in UTC with milliseconds', () => expect(DateTime.serialize(1772366400007)).toBe('2026-03-01T12:00:00.007Z'));

  it('keeps an offset an offset, so that a compiled document does not freeze it', () => {
    expect(DateTime.parseLiteral(parseValue('"-5m"'))).toEqual({ agoMs: 300_000 });
    expect(() => DateTime.parseLiteral(parseValue('[1]'))).toThrow(/is not valid/);
  });
});

describe('Duration', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(fc.nat(1_000_000_000), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1.5s', 1_500],
    ['0', 0],
  ])('reads %s', (text, ms) => expect(Duration.parseValue(text)).toBe(ms));
  it.each(['', '5', '5 m', 'm', '-5m', '5x', 30, null])('refuses %j', (input) =>
    expect(() => Duration.parseValue(input)).toThrow(/give a length of time/),
  );
});

describe('the others', () => {
  it('take what they should', () => {
    expect(MAC.parseValue('02-42-AC-11-00-02')).toBe('02:42:ac:11:00:02');
    expect(IPAddress.parseValue('fe80::1')).toBe('fe80::1');
    expect(CIDR.parseValue('10.0.0.0/8')).toBe('10.0.0.0/8');
    expect(Counter.parseValue(2 ** 53 - 1)).toBe(2 ** 53 - 1);
    const cursor = Cursor.serialize({ epoch: 3, seq: 12 });
    expect(Cursor.parseValue(cursor)).toEqual({ epoch: 3, seq: 12 });
    expect(JSONValue.parseLiteral(parseValue('{a: [1, {b: null}]}'), {})).toEqual({ a: [1, { b: null }] });
  });

  it.each([
    [MAC, '02:42', 'MAC address'],
    [MAC, 'zz:42:ac:11:00:02', 'MAC address'],
    [IPAddress, '10.0.0.1/24', 'IPv4 or IPv6'],
    [IPAddress, '10.1', 'IPv4 or IPv6'],
    [IPAddress, '300.0.0.1', 'IPv4 or IPv6'],
    [CIDR, '10.0.0.1', 'prefix length'],
    [CIDR, '10.0.0.1/33', 'prefix length'],
    [Counter, 2 ** 53, '2^53-1'],
    [Counter, 1.5, '2^53-1'],
    [Counter, '5', '2^53-1'],
    [Cursor, 'c1.###', 'cursor'],
    [Cursor, 'p1.W10', 'cursor'],
  ])('%s refuses %j, naming the value and what is valid', (scalar, value, valid) => {
    expect(() => scalar.parseValue(value)).toThrow(JSON.stringify(value));
    expect(() => scalar.parseValue(value)).toThrow(valid);
  });
});
