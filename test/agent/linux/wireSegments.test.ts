import { describe, expect, it } from 'vitest';
import { wireSegments } from '../../../agent/linux/wireSegments.js';
import { dot1q, ethernet, ipv4, ipv6, payload, tcp, udp, vxlan } from '../../flow/frames.js';

const TCP_V4 = 1;
const TCP_V6 = 4;
const DATAGRAMS = 5;

describe('wire segments of a joined frame', () => {
  const segments = (frame: Buffer, type: number, size: number, { captured = frame.length, inOnePiece = 0, linkType = 1 } = {}): number =>
    wireSegments(Buffer.concat([payload(3), frame]), 3, captured, frame.length, linkType, { type, size, inOnePiece });
  const stream = tcp(1, 2, 0x10, 1, payload(2_500));

  it.each([
    ['IPv4', ethernet(0x0800, ipv4(6, stream)), TCP_V4, 1],
    ['IPv6', ethernet(0x86dd, ipv6(6, stream)), TCP_V6, 1],
    ['a tag', ethernet(0x8100, dot1q(5, 0x0800, ipv4(6, stream))), TCP_V4, 1],
    ['no link layer', ipv4(6, stream), TCP_V4, 101],
    ['datagrams', ethernet(0x0800, ipv4(17, udp(1, 2, payload(2_500)))), DATAGRAMS, 1],
  ] as const)('are parts of the payload behind %s', (_, frame, type, linkType) => {
    expect(segments(frame, type, 1_000, { linkType })).toBe(3);
    expect(segments(frame, type, 1_250, { linkType })).toBe(2);
    expect(segments(frame, type, 1_249, { linkType })).toBe(3);
    expect(segments(frame, 0, 1_000, { linkType })).toBe(1);
    expect(segments(frame, type, 0, { linkType })).toBe(1);
  });

  it('are taken from what the kernel says in a tunnel, and where the headers are cut', () => {
    const tunnel = ethernet(0x0800, ipv4(17, udp(1, 4789, vxlan(1, ethernet(0x0800, ipv4(6, stream))))));
    const headers = tunnel.length - 2_500;
    expect(segments(tunnel, TCP_V4, 1_000, { inOnePiece: headers })).toBe(3);
    expect(segments(tunnel, TCP_V4, 1_000, { inOnePiece: headers + 1_000 })).toBe(3);
    expect(segments(ethernet(0x0800, ipv4(6, stream)), TCP_V4, 1_000, { captured: 14, inOnePiece: 54 })).toBe(3);
  });

  it('are one at least, whatever the bytes', () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const bytes = Buffer.from(Array.from({ length: seed % 70 }, (_, index) => (seed * 31 + index * 17 * seed) & 0xff));
      expect(segments(bytes, seed % 6, 1 + (seed % 1_500), { inOnePiece: seed })).toBeGreaterThanOrEqual(1);
    }
  });
});
