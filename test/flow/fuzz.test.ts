import { describe, expect, it, vi } from 'vitest';
import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import { readFlowBatch } from '../../src/flow/batch/flowBatch.js';
import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { PcapParser } from '../../src/flow/pcap/pcapParser.js';
import { writePcapng } from '../../src/flow/pcap/writePcap.js';
import { CanopyError } from '../../src/common/errors.js';
import { randomFrom, ROUNDS } from './damage.js';
import { dns, dot1q, ethernet, geneve, gre, icmp, ipv4, ipv6, mpls, payload, pcapOf, tcp, udp, vxlan } from './frames.js';
import { table, type flush } from './tables.js';

// Any number of rounds may be asked for: a million takes two minutes each on a machine that does nothing else.
vi.setConfig({ testTimeout: 60_000 + 10 * ROUNDS });

const UDP_PORTS = [53, 67, 123, 546, 623, 1812, 2152, 3784, 4789, 5060, 6081, 6343, 8472];
const PROTOCOLS = [0, 1, 2, 4, 6, 17, 27, 41, 43, 44, 47, 50, 51, 58, 60, 89, 97, 112, 132, 136, 137];
const ETHER_TYPES = [0, 20, 0x0800, 0x0806, 0x2000, 0x6558, 0x8100, 0x86dd, 0x880b, 0x8847, 0x8863, 0x8864, 0x888e, 0x88be, 0x88cc, 0x9000];
const LINK_TYPES = Object.values(LINK_TYPE);

/** One seed for each decoder, and tunnels in tunnels. */
const inner = ethernet(0x0800, ipv4(6, tcp(1, 2)));
const SEEDS: readonly Buffer[] = [
  ...UDP_PORTS.map((port) => ethernet(0x0800, ipv4(17, udp(1000, port, payload(120))))),
  ...PROTOCOLS.map((protocol) => ethernet(0x0800, ipv4(protocol, payload(80)))),
  ...PROTOCOLS.map((protocol) => ethernet(0x86dd, ipv6(protocol, payload(80)))),
  ...ETHER_TYPES.map((type) => ethernet(type, payload(80))),
  ethernet(0x0800, ipv4(17, udp(53, 1000, dns(1, 'a.example.org', '10.0.0.1', true)))),
  ethernet(0x8100, dot1q(1, 0x8100, dot1q(2, 0x86dd, ipv6(58, icmp(135, 0, 0, payload(28)))))),
  ethernet(0x0800, ipv4(17, udp(1, 4789, vxlan(1, ethernet(0x0800, ipv4(47, gre(0x6558, inner, 5))))))),
  ethernet(0x8847, mpls(1, false, mpls(2, true, ipv4(17, udp(1, 6081, geneve(3, 0x6558, inner)))))),
  ethernet(0x0800, ipv4(1, icmp(8), '10.0.0.1', '10.0.0.2', { id: 1, moreFragments: true })),
  ethernet(0x0800, ipv4(1, payload(16), '10.0.0.1', '10.0.0.2', { id: 1, fragmentOffset: 2 })),
];

function damaged(seed: Buffer, below: (n: number) => number): Buffer {
  const bytes = Buffer.from(seed);
  for (let changes = below(6); changes > 0; changes--) bytes[below(bytes.length)] = below(3) === 0 ? 255 : below(256);
  return below(3) === 0 ? bytes.subarray(0, below(bytes.length + 1)) : bytes;
}

describe(`${ROUNDS} damaged packets`, () => {
  it.each(['L2', 'L3'] as const)('make flows that add up in mode %s, and nothing worse', (layerKeyMode) => {
    const below = randomFrom(layerKeyMode === 'L2' ? 1 : 2);
    const tried = table({
      layerKeyMode,
      extraLayers: 255,
      extraTcpMetric: true,
      reassembleTcp: true,
      ipDefrag: true,
      rawPacketLimit: 2,
      maxFlows: 5000,
      nodeTid: 'x',
    });
    let top = 0;
    // No `expect` for each of millions: it takes longer than all that is tried.
    const wrong: unknown[] = [];
    const sink = {
      flow: (row: { toFlow: () => ReturnType<typeof flush>[number] }): void => {
        const flow = row.toFlow();
        const { Metric, LayersPath, Start, Last, ParentUUID } = flow;
        const packets = Metric!.ABPackets + Metric!.BAPackets;
        if (!(Last >= Start && LayersPath !== '' && packets > 0)) wrong.push(flow);
        if (ParentUUID === '') top += packets;
      },
    };
    for (let round = 0; round < ROUNDS; round++) {
      const packet = damaged(SEEDS[below(SEEDS.length)]!, below);
      const linkType = below(4) === 0 ? LINK_TYPES[below(LINK_TYPES.length)]! : LINK_TYPE.ethernet;
      tried.packet(
        packet,
        0,
        packet.length,
        packet.length + below(100),
        below(100_000),
        below(1_000_000),
        linkType,
        below(5) === 0 ? 0x8100_0000 | below(4096) : 0,
        1 + below(3),
      );
      if (round % 50 === 0) tried.sweep(below(100_000), 100, sink);
    }
    tried.flush(sink);
    const { packets, ignored, malformed, evictedUnsent } = tried.stats;
    expect(wrong).toEqual([]);
    expect(evictedUnsent).toBe(0);
    // Every packet is in an outermost flow, or counted as one that belongs to none.
    expect(packets).toBe(ROUNDS);
    expect(top + ignored).toBe(ROUNDS);
    expect(Object.keys(malformed).length).toBeGreaterThan(20);
  });

  it('in damaged files of both formats are read without end or crash, in pieces of any size', () => {
    const below = randomFrom(3);
    const frames = SEEDS.filter((_, index) => index % 12 === 0);
    const packets = frames.map((bytes, index) => ({
      bytes,
      timeMs: 1000 + index,
      nanos: index,
      wireLength: bytes.length,
      linkType: 1 + (index % 2) * 227,
    }));
    const files = [pcapOf(frames.map((frame, index) => [1000 + index, frame])), writePcapng(packets)];
    let read = 0;
    let refused = 0;
    let outside = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const broken = damaged(files[round % 2]!, below);
      const parser = new PcapParser({
        packet: (bytes, offset, captured) => {
          if (offset + captured > bytes.length) outside++;
          read++;
        },
      });
      try {
        for (let at = 0; at < broken.length;) {
          const size = 1 + below(600);
          parser.push(broken.subarray(at, at + size));
          at += size;
        }
        parser.end();
      } catch (error) {
        if (!(error instanceof CanopyError)) throw error;
        refused++;
      }
    }
    expect(outside).toBe(0);
    expect(read).toBeGreaterThan(ROUNDS);
    expect(refused).toBeGreaterThan(0);
  });
});

describe(`${ROUNDS} damaged batches of flows`, () => {
  it('are refused, or read as flows', () => {
    const below = randomFrom(4);
    const batches: Uint8Array[] = [];
    const writer = openFlowBatchWriter({ emit: (bytes) => batches.push(bytes) });
    const few = table({ captureId: 'capture', nodeTid: 'node', extraLayers: 255, extraTcpMetric: true, rawPacketLimit: 1 });
    for (const [index, frame] of SEEDS.filter((_, place) => place % 6 === 0).entries())
      few.packet(frame, 0, frame.length, frame.length, 1000 + index, 0, LINK_TYPE.ethernet);
    few.flush(writer);
    writer.end();
    const whole = Buffer.from(batches[0]!);
    let refused = 0;
    let nameless = 0;
    for (let round = 0; round < ROUNDS; round++) {
      try {
        const batch = readFlowBatch(damaged(whole, below));
        for (let row = 0; row < batch.length; row++) if (typeof batch.update(row).flow.UUID !== 'string') nameless++;
      } catch (error) {
        if (!(error instanceof CanopyError) || error.code !== 'PROTOCOL_VIOLATION') throw error;
        refused++;
      }
    }
    expect(nameless).toBe(0);
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(ROUNDS);
  });
});
