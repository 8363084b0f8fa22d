import { describe, expect, it } from 'vitest';
import { ACK, ethernet, FIN, ipv4, MAC_A, MAC_B, payload, RST, SYN, tcp, udp, vxlan } from './frames.js';
import { flowsOf } from './tables.js';

const there = (sequence: number, length: number, flags = ACK): Buffer =>
  ethernet(0x0800, ipv4(6, tcp(1234, 80, flags, sequence >>> 0, payload(length))));
const streamOf = (...frames: Buffer[]): unknown => flowsOf({ reassembleTcp: true }, ...frames)[0]!.TCPMetric;

describe('a TCP stream that is followed', () => {
  it('counts segments and bytes from start to end', () => {
    expect(streamOf(there(100, 0, SYN), there(101, 10), there(111, 20), there(131, 0, FIN))).toMatchObject({
      ABPackets: 4,
      ABBytes: 30,
      ABSawStart: 1,
      ABSawEnd: 1,
      ABSegmentOutOfOrder: 0,
      ABSegmentSkipped: 0,
      BAPackets: 0,
    });
  });

  it('counts what came late', () => {
    expect(streamOf(there(100, 0, SYN), there(111, 20), there(101, 10), there(131, 5))).toMatchObject({
      ABBytes: 35,
      ABSegmentOutOfOrder: 1,
      ABSegmentSkipped: 0,
    });
  });

  it('counts what came late by less than a millisecond', () => {
    const late = [there(100, 0, SYN), there(111, 20), there(101, 10)].map((frame, index) => ({ frame, ms: 1000, nanos: index * 1000 }));
    expect(flowsOf({ reassembleTcp: true }, ...late)[0]!.TCPMetric).toMatchObject({ ABBytes: 30, ABSegmentOutOfOrder: 1 });
  });

  it('counts no end of what never was', () => {
    const refused = ethernet(0x0800, ipv4(6, tcp(80, 1234, RST | ACK), '10.0.0.2', '10.0.0.1'), MAC_B, MAC_A);
    expect(streamOf(there(100, 0, SYN), refused)).toMatchObject({ ABPackets: 1, ABSawStart: 1, BAPackets: 0, BASawEnd: 0 });
  });

  it('begins anew with another start', () => {
    expect(streamOf(there(100, 0, SYN), there(101, 10), there(100, 0, SYN), there(70_000, 0, SYN), there(70_001, 5))).toMatchObject({
      ABPackets: 5,
      ABBytes: 15,
      ABSegmentSkipped: 0,
    });
  });

  it('counts what never came', () => {
    expect(streamOf(there(100, 0, SYN), there(101, 10), there(131, 5))).toMatchObject({
      ABBytes: 15,
      ABSegmentSkipped: 1,
      ABSegmentSkippedBytes: 20,
    });
  });

  it('counts repeated bytes once, also after the end', () => {
    expect(streamOf(there(100, 0, SYN), there(101, 10), there(101, 15), there(116, 0, FIN), there(116, 0, FIN))).toMatchObject({
      ABBytes: 15,
      ABPackets: 4,
      ABSawEnd: 1,
    });
  });

  it('needs no start, and skips nothing then', () => {
    expect(streamOf(there(500, 10), there(510, 10))).toMatchObject({
      ABBytes: 20,
      ABSawStart: 0,
      ABSegmentSkipped: 0,
      ABSegmentSkippedBytes: 0,
    });
  });

  it('goes on where numbers wrap', () => {
    expect(streamOf(there(0xffff_fff0, 0, SYN), there(0xffff_fff1, 30), there(15, 5))).toMatchObject({ ABBytes: 35, ABSegmentSkipped: 0 });
  });

  it('is followed in tunnels too', () => {
    const tunnelled = (inner: Buffer): Buffer => ethernet(0x0800, ipv4(17, udp(5000, 4789, vxlan(1, inner))));
    const flows = flowsOf({ reassembleTcp: true }, tunnelled(there(1, 0, SYN)), tunnelled(there(2, 7)));
    expect(flows.map(({ TCPMetric }) => TCPMetric?.ABBytes)).toEqual([undefined, 7]);
  });
});
