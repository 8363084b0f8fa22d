import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import { PacketBatch } from '../../src/flow/packetBatch.js';
import type { FlowTable } from '../../src/flow/table/flowTable.js';
import type { FlowTableOptions } from '../../src/flow/table/options.js';
import { ACK, dot1q, ethernet, FIN, ipv4, ipv6, MAC_A, MAC_B, payload, RST, SYN, tcp, udp } from './frames.js';
import { collect, table } from './tables.js';

/** A packet, and what the capture says of it. */
interface Captured {
  readonly frame: Buffer;
  readonly captured: number;
  readonly wireLength: number;
  readonly ms: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly vlanTag: number;
  readonly segments: number;
}

/** Few ends, so that most packets are of flows that are there already, equal ends among them. */
const macs = fc.constantFrom(MAC_A, MAC_B, '02:00:00:00:01:01');
const ports = fc.constantFrom(443, 4500, 4501, 53, 6081, 0);
const pairs = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(of, of);

const withOptions = (segment: Buffer, options: Buffer): Buffer => {
  const longer = Buffer.concat([segment.subarray(0, 20), options, segment.subarray(20)]);
  longer[12] = ((20 + options.length) / 4) << 4;
  return longer;
};
const stamp = Buffer.from('0101080a0000000100000002', 'hex');
const options = fc.constantFrom(Buffer.alloc(0), stamp, Buffer.from('020405b4', 'hex'), Buffer.from('0101080b0000000100000002', 'hex'));
const flags = fc.constantFrom(ACK, ACK, ACK, SYN, SYN | ACK, FIN | ACK, RST);

const upper: fc.Arbitrary<[protocol: number, bytes: Buffer]> = fc.oneof(
  fc
    .record({ ends: pairs(ports), flags, options, length: fc.nat(40) })
    .map(({ ends, flags, options, length }) => [6, withOptions(tcp(...ends, flags, 1, payload(length)), options)] as [number, Buffer]),
  fc.record({ ends: pairs(ports), length: fc.nat(40) }).map(({ ends, length }) => [17, udp(...ends, payload(length))] as [number, Buffer]),
);
const network: fc.Arbitrary<[type: number, bytes: Buffer]> = fc.oneof(
  fc
    .record({
      upper,
      ends: pairs(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')),
      moreFragments: fc.constantFrom(false, false, false, true),
    })
    .map(({ upper, ends, moreFragments }) => [0x0800, ipv4(...upper, ...ends, { moreFragments })] as [number, Buffer]),
  fc
    .record({ upper, ends: pairs(fc.constantFrom('fd00::1', 'fd00::2', 'fd00:0:0:1::1')) })
    .map(({ upper, ends }) => [0x86dd, ipv6(...upper, ...ends)] as [number, Buffer]),
);

const packet: fc.Arbitrary<Captured> = fc
  .record({
    network,
    ends: pairs(macs),
    padding: fc.constantFrom(0, 0, 6),
    vlans: fc.constantFrom<readonly number[]>([], [], [], [5], [5, 6]),
    /** Bytes of the frame that are changed. */
    damage: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }) },
    ),
    cut: fc.oneof({ weight: 6, arbitrary: fc.constant(Infinity) }, { weight: 1, arbitrary: fc.nat(90) }),
    wire: fc.constantFrom(0, 1, 1, 1, 1.5),
    ms: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_050 }),
    nanos: fc.nat(999_999),
    linkType: fc.constantFrom(LINK_TYPE.ethernet, LINK_TYPE.ethernet, LINK_TYPE.ethernet, LINK_TYPE.raw),
    vlanTag: fc.constantFrom(0, 0, 0, 0x8100_0007),
    segments: fc.constantFrom(1, 1, 1, 3),
  })
  .map(({ network: [type, inside], ends, padding, vlans, damage, cut, wire, ...rest }) => {
    const carried = Buffer.concat([inside, Buffer.alloc(padding)]);
    const [lastType, tagged] = vlans.reduce<[number, Buffer]>(
      ([behind, bytes], vlan) => [0x8100, dot1q(vlan, behind, bytes)],
      [type, carried],
    );
    const frame = ethernet(lastType, tagged, ...ends);
    for (const [at, value] of damage) if (at < frame.length) frame[at] = value;
    return { frame, captured: Math.min(cut, frame.length), wireLength: Math.floor(frame.length * wire), ...rest };
  });

function putTogether(into: FlowTable, packets: readonly Captured[]): FlowTable {
  const memory = Buffer.concat(packets.map(({ frame }) => frame));
  const batch = new PacketBatch(into);
  batch.begin(memory);
  let offset = 0;
  for (const { frame, captured, wireLength, ms, nanos, linkType, vlanTag, segments } of packets) {
    batch.add(offset, captured, wireLength, ms, nanos, linkType, vlanTag, segments);
    offset += frame.length;
  }
  batch.deliver();
  return into;
}

function putSingly(into: FlowTable, packets: readonly Captured[]): FlowTable {
  for (const { frame, captured, wireLength, ms, nanos, linkType, vlanTag, segments } of packets)
    into.packet(frame, 0, captured, wireLength, ms, nanos, linkType, vlanTag, segments);
  return into;
}

describe('packets that come together', () => {
  it.each<Partial<FlowTableOptions>>([
    { layerKeyMode: 'L2' },
    { layerKeyMode: 'L3' },
    { extraTcpMetric: true },
    { rawPacketLimit: 2 },
    { maxFlows: 3 },
    { applicationPorts: { tcp: new Map([[443, 'https']]), udp: new Map([[4501, 'tunnel']]) }, nodeTid: 'node' },
    { extraTcpMetric: true, rawPacketLimit: 1, layerKeyMode: 'L3' },
  ])('make the same flows as one by one, with %j', (options) => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 200 }), (packets) => {
        const together = putTogether(table(options), packets);
        const singly = putSingly(table(options), packets);
        expect(together.stats).toEqual({ ...singly.stats, decoded: together.stats.decoded });
        expect(collect((sink) => together.flush(sink))).toEqual(collect((sink) => singly.flush(sink)));
      }),
      { numRuns: 200 },
    );
  });

  it('are counted without being decoded when their flow is known', () => {
    const frame = ethernet(0x0800, ipv4(6, tcp(40_000, 443)));
    const plain = { frame, captured: frame.length, wireLength: 0, nanos: 0, linkType: LINK_TYPE.ethernet, vlanTag: 0, segments: 1 };
    const packets = Array.from({ length: 100 }, (_, ms) => ({ ...plain, ms }));
    const made = putTogether(table(), packets);
    expect(made.stats).toMatchObject({ packets: 100, decoded: 0, flows: 1 });
  });

  it.each([
    ['one tag', 0x8100, {}, 1],
    ['two tags', 0x88a8, {}, 1],
    ['TCP looked at more closely', 0x0800, { extraTcpMetric: true }, 1],
    ['raw packets that are kept', 0x0800, { rawPacketLimit: 3 }, 3],
  ] as const)('are counted without being decoded with %s', (_, type, options, decoded) => {
    const inside = ipv4(6, tcp(40_000, 443));
    const one = dot1q(10, 0x0800, inside);
    const frame = ethernet(type, type === 0x0800 ? inside : type === 0x8100 ? one : dot1q(20, 0x8100, one));
    const plain = { frame, captured: frame.length, wireLength: 0, nanos: 0, linkType: LINK_TYPE.ethernet, vlanTag: 0, segments: 1 };
    const made = putTogether(
      table(options),
      Array.from({ length: 100 }, (_packet, ms) => ({ ...plain, ms })),
    );
    expect(made.stats).toMatchObject({ packets: 100, decoded, flows: 1 });
  });
});
