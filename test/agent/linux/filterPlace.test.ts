import { describe, expect, it } from 'vitest';
import { compileFor } from '../../../agent/linux/classicBpf.js';
import type { CanopyError } from '../../../src/common/errors.js';
import type { FilterPlace } from '../../../src/common/filterPlace.js';

const ETHERNET = 1;
const SNAP_LENGTH = 256;

function placeIn(text: string): FilterPlace {
  try {
    compileFor(ETHERNET, text, SNAP_LENGTH);
  } catch (error) {
    return (error as CanopyError).details as unknown as FilterPlace;
  }
  throw new Error(`libpcap takes ${text}`);
}

describe('the place where a filter is wrong', () => {
  it.each([
    'tcp «prt» 80',
    '«foo»',
    '«1.2.3.4» and tcp',
    'tcp port http and «and» udp',
    'tcp port 80 «90»',
    'host 1.2.3.4 «5.6.7.8» or tcp',
    '(tcp port 80«»',
    'not«»',
    'tcp and (udp or «)»',
    'tcp«;» udp',
    'udp «$»',
    'tcp[«x»] = 1',
    'icmp[icmptype] = «icmp-foo»',
    'dst host fe80::1 «xx»',
    'portrange 10«-»',
    'tcp port 80 and\nudp «prt» 53',
    'tcp\nport«»',
    'port 80 or port «80000» or port 90',
    'vlan «5000» and tcp',
    'tcp and host «1.2.3.400» and udp',
    'net «10.0.0.1/8»',
    'net 10.0.0.0/«33» or tcp',
    'proto «foo» or tcp',
    'tcp[0:3«]» = 1',
  ])('is found: %s', (expected) => {
    const { line, column, near } = placeIn(expected.replace(/[«»]/g, ''));
    const before = expected.slice(0, expected.indexOf('«')).split('\n');
    expect({ line, column, near }).toEqual({
      line: before.length,
      column: before.at(-1)!.length + 1,
      near: /«(.*)»/.exec(expected)![1],
    });
  });

  it('is the text as a whole, where each of its words is good', () => expect(placeIn('ip and ip6').line).toBeUndefined());

  it('is found in a text as long as a text may be', () => {
    const long = `${'port 80 or '.repeat(90)}prt 80`;
    expect(placeIn(long)).toMatchObject({ line: 1, column: long.indexOf('prt') + 1, near: 'prt' });
  });
});
