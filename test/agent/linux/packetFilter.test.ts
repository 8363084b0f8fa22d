import { describe, expect, it } from 'vitest';
import { packetFilter } from '../../../agent/linux/packetFilter.js';
import { LINK_TYPE } from '../../../src/flow/decode/dissect.js';
import { ethernet, ipv4, ipv6, udp } from '../../flow/frames.js';

const accepts = (text: string, packet: Buffer, linkType: number): boolean => packetFilter(text)!(packet, packet.length, linkType);

describe('a filter over packets in memory', () => {
  it('looks at those that begin with IP, which have another number in files than in libpcap', () => {
    const isLetIn = (port: number): boolean => accepts('udp port 53', ipv4(17, udp(1000, port)), LINK_TYPE.raw);
    expect([isLetIn(53), isLetIn(54)]).toEqual([true, false]);
  });

  describe.each(['little', 'big'] as const)('of a BSD loopback on a machine with the %s end first', (order) => {
    const packet = (family: number, rest: Buffer): Buffer => {
      const header = Buffer.alloc(4);
      if (order === 'little') header.writeUInt32LE(family);
      else header.writeUInt32BE(family);
      return Buffer.concat([header, rest]);
    };

    it('knows IPv4', () => {
      const sent = packet(2, ipv4(17, udp(1000, 53)));
      expect(['ip', 'udp port 53', 'ip6'].map((text) => accepts(text, sent, LINK_TYPE.null))).toEqual([true, true, false]);
    });

    it.each([24, 28, 30])('knows IPv6 by its number %i', (family) => {
      const sent = packet(family, ipv6(17, udp(1000, 53)));
      expect(['ip6', 'udp port 53', 'ip'].map((text) => accepts(text, sent, LINK_TYPE.null))).toEqual([true, true, false]);
    });
  });

  it('knows each number of IPv6 in a loopback of OpenBSD', () => {
    const isLetIn = (family: number): boolean =>
      accepts('ip6', Buffer.concat([Buffer.from([0, 0, 0, family]), ipv6(17, udp(1000, 53))]), LINK_TYPE.loop);
    expect([2, 24, 28, 30].map(isLetIn)).toEqual([false, true, true, true]);
  });

  it('says of each link type whether it makes sense there', () => {
    const filter = packetFilter('inbound')!;
    const frame = ethernet(0x0800, ipv4(17, udp(1, 2)));
    const cooked = (kind: number): Buffer => Buffer.concat([Buffer.from([0, kind]), Buffer.alloc(12), frame.subarray(12)]);
    expect([0, 4].map((kind) => filter(cooked(kind), 100, LINK_TYPE.sll))).toEqual([true, false]);
    for (let round = 0; round < 2; round++)
      expect(() => filter(frame, frame.length, LINK_TYPE.ethernet)).toThrow(
        /"inbound" is not good: inbound\/outbound not supported on Ethernet/,
      );
  });
});
