import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { checksumOf, sumWords } from '../../../agent/inject/checksum.js';
import { openForge } from '../../../agent/inject/forge.js';
import type { Inject } from '../../../src/protocol/injection.js';
import { injection } from './injection.js';

/** The sum over everything, checksum included, is all ones: RFC 1071. */
const isWhole = (...parts: readonly Buffer[]): boolean => checksumOf(parts.reduce((sum, part) => sumWords(part, sum), 0)) === 0;
const pseudo = (packet: Buffer, isV6: boolean): Buffer => {
  const addresses = isV6 ? packet.subarray(8, 40) : packet.subarray(12, 20);
  const transport = packet.length - (isV6 ? 40 : 20);
  return Buffer.concat([addresses, Buffer.from([0, isV6 ? packet[6]! : packet[9]!, transport >> 8, transport & 0xff])]);
};

describe('forged packets', () => {
  it.each(['icmp4', 'tcp4', 'udp4'] as const)('of %s have right lengths and checksums', (type) => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.integer({ min: 0, max: 65_535 }), (payload, port) => {
        const forge = openForge(injection({ type, payload, srcPort: port, icmpId: port }), false);
        const packet = forge.next();
        const ip = packet.subarray(0, 20);
        expect(packet.readUInt16BE(2)).toBe(packet.length);
        expect(isWhole(ip)).toBe(true);
        expect(isWhole(packet.subarray(20), ...(type === 'icmp4' ? [] : [pseudo(packet, false)]))).toBe(true);
        expect(packet.subarray(-Buffer.byteLength(payload)).toString()).toBe(payload);
      }),
    );
  });

  it.each(['icmp6', 'tcp6', 'udp6'] as const)('of %s have right lengths and checksums', (type) => {
    const forge = openForge(injection({ type, srcIp: '2001:db8::1', dstIp: '2001:db8::2', ttl: 0 }), false);
    const packet = forge.next();
    expect(packet.readUInt16BE(4)).toBe(packet.length - 40);
    expect(packet[7]).toBe(64);
    expect(isWhole(packet.subarray(40), pseudo(packet, true))).toBe(true);
  });

  it('are counted in identification and sequence, and grow', () => {
    const forge = openForge(injection({ type: 'icmp4', payload: 'abc', incrementPayload: 2 }), true);
    const packets = [forge.next(), forge.next(), forge.next()];
    expect(packets.map((packet) => packet.readUInt16BE(18))).toEqual([1, 2, 3]);
    expect(packets.map((packet) => packet.readUInt16BE(40))).toEqual([1, 2, 3]);
    expect(packets.map((packet) => packet.length)).toEqual([45, 47, 49]);
    expect(packets[0]!.toString('hex', 0, 14)).toBe('0200000000020200000000010800');
  });

  it('keep their port in mode unique, and change it in mode random', () => {
    const ports = (mode: 'unique' | 'random'): Set<number> => {
      const forge = openForge(injection({ type: 'udp4', mode, srcPort: 4_242 }), false);
      return new Set(Array.from({ length: 50 }, () => forge.next().readUInt16BE(20)));
    };
    expect([...ports('unique')]).toEqual([4_242]);
    expect(ports('random').size).toBeGreaterThan(10);
  });

  it('take their sources from a prefix in turn', () => {
    const sources = (srcIp: string, type: Inject['type'], count: number): string[] => {
      const forge = openForge(injection({ srcIp, type, ...(type.endsWith('6') && { dstIp: '2001:db8::9' }) }), false);
      return Array.from({ length: count }, () => {
        const packet = forge.next();
        return type.endsWith('6') ? packet.subarray(8, 24).toString('hex') : [...packet.subarray(12, 16)].join('.');
      });
    };
    expect(sources('10.0.0.0/30', 'udp4', 3)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.1']);
    expect(sources('10.0.0.0/31', 'icmp4', 3)).toEqual(['10.0.0.0', '10.0.0.1', '10.0.0.0']);
    expect(sources('10.0.0.0/16', 'tcp4', 300).slice(254, 257)).toEqual(['10.0.0.255', '10.0.1.0', '10.0.1.1']);
    expect(sources('10.0.0.7/24', 'udp4', 2)).toEqual(['10.0.0.7', '10.0.0.7']);
    expect(sources('2001:db8::/126', 'udp6', 5).map((address) => address.slice(-2))).toEqual(['00', '01', '02', '03', '00']);
  });

  it('are refused for what is no address, or of the other family', () => {
    expect(() => openForge(injection({ srcIp: 'nowhere' }), true)).toThrow(/srcIp is "nowhere", which is no IPv4 address/);
    expect(() => openForge(injection({ type: 'icmp4', dstIp: '2001:db8::2' }), true)).toThrow(/dstIp .* no IPv4 address/);
    expect(() => openForge(injection({ type: 'tcp6' }), true)).toThrow(/no IPv6 address/);
    expect(() => openForge(injection({ dstMac: '' }), true)).toThrow(/dstMac is "", which is no MAC address/);
    expect(openForge(injection({ dstMac: '' }), false).next()[0]).toBe(0x45);
  });
});
