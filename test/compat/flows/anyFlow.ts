import fc from 'fast-check';
import { ICMP_TYPES, type Flow, type FlowMetric, type RawPacket, type TcpMetric } from '../../../src/flow/flow.js';
import type { ReadFlow } from '../../../src/compat/flows/readFlow.js';
import { from, PLAIN, TCP_FIELDS, type Numbers } from './encode.js';

/** Field numbers of each kind of message, and the order of what TCP counts. */
export interface Numbered {
  readonly numbers: Numbers;
  readonly tcpFields: readonly (keyof TcpMetric)[];
}

const distinct = (count: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: count, maxLength: count });

/** Any numbers for so many fields; of each pair the first gets the lower one, since nothing that is sent tells A from B. */
const permuted = (count: number, ...inOrder: readonly (readonly [number, number])[]): fc.Arbitrary<number[]> =>
  distinct(count).map((numbers) => {
    for (const [first, second] of inOrder)
      if (numbers[first]! > numbers[second]!) [numbers[first], numbers[second]] = [numbers[second]!, numbers[first]!];
    return numbers;
  });

const ascending = (count: number): fc.Arbitrary<number[]> => distinct(count).map((numbers) => numbers.sort((a, b) => a - b));

const sides = ['SegmentOutOfOrder', 'SegmentSkipped', 'SegmentSkippedBytes', 'Packets', 'Bytes', 'SawStart', 'SawEnd'];
const SIDE_BY_SIDE: readonly (keyof TcpMetric)[] = [
  ...TCP_FIELDS.slice(0, 8),
  ...sides.flatMap((name) => [`AB${name}`, `BA${name}`] as (keyof TcpMetric)[]),
];

const anyTcpNumbers = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 0, max: 8 }))
  .map(([first, gap]) => [...from(first, 8), ...from(first + 8 + gap, 14)]);

/** However an agent may number its fields. */
export const anyNumbers: fc.Arbitrary<Numbered> = fc.record({
  numbers: fc.record({
    layer: permuted(4, [1, 2]),
    transport: permuted(4, [1, 2]),
    icmp: permuted(3),
    metric: permuted(7, [0, 2], [1, 3], [4, 5]),
    tcp: anyTcpNumbers,
    ip: permuted(2),
    raw: permuted(4),
    stats: fc.constant(PLAIN.stats),
  }),
  tcpFields: fc.constantFrom(TCP_FIELDS, SIDE_BY_SIDE),
});

/** In the order of the declaration, with gaps. */
export const ascendingNumbers: fc.Arbitrary<Numbered> = fc.record({
  numbers: fc.record({
    layer: ascending(4),
    transport: ascending(4),
    icmp: ascending(3),
    metric: ascending(7),
    tcp: fc.integer({ min: 1, max: 16 }).map((first) => from(first, 22)),
    ip: ascending(2),
    raw: ascending(4),
    stats: fc.constant(PLAIN.stats),
  }),
  tcpFields: fc.constant(TCP_FIELDS),
});

const START = 1_700_000_000_000;
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
const port = fc.oneof(fc.constantFrom(2, 3, 4, 53, 80), fc.integer({ min: 1, max: 65_535 }));

/** Packets of one direction and their bytes. */
const counters = fc
  .tuple(fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 2 ** 30 })), fc.integer({ min: 42, max: 1_514 }))
  .map(([packets, size]) => [packets, packets * size] as const);
const none = fc.constant([0, 0] as const);

const metricWith = (back: fc.Arbitrary<readonly [number, number]>, rtt: fc.Arbitrary<number>): fc.Arbitrary<FlowMetric> =>
  fc.tuple(counters, back, fc.nat(100_000), fc.nat(600_000), rtt).map(([[ABPackets, ABBytes], [BAPackets, BABytes], from, more, RTT]) => ({
    ...{ ABPackets, ABBytes, BAPackets, BABytes, Start: START + from, Last: START + from + more },
    ...(RTT !== 0 && BAPackets !== 0 && { RTT }),
  }));
const anyMetric = metricWith(
  fc.oneof(none, counters),
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1_000, max: 10 ** 9 })),
);

/** A handshake, and how it ended; with what reassembly counted, or without. */
const anyTcp: fc.Arbitrary<TcpMetric> = fc
  .record({
    sawAnswer: fc.boolean(),
    ttls: fc.tuple(fc.constantFrom(64, 128, 255), fc.constantFrom(64, 63, 1)),
    end: fc.constantFrom('none', 'fin', 'rst'),
    isReassembled: fc.boolean(),
    skipped: fc.nat(50),
    packets: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ sawAnswer, ttls, end, isReassembled, skipped, packets }) => ({
    ...{ ABSynStart: START + 1, BASynStart: sawAnswer ? START + 2 : 0, ABSynTTL: ttls[0], ...(sawAnswer && { BASynTTL: ttls[1] }) },
    ...{ ABFinStart: end === 'fin' ? START + 500 : 0, BAFinStart: end === 'fin' ? START + 501 : 0 },
    ...{ ABRstStart: 0, BARstStart: end === 'rst' ? START + 600 : 0 },
    ...{ ABSegmentOutOfOrder: 0, ABSegmentSkipped: isReassembled ? skipped : 0, ABSegmentSkippedBytes: isReassembled ? skipped * 10 : 0 },
    ...{ ABPackets: isReassembled ? packets + 2 : 0, ABBytes: isReassembled ? packets * 90 : 0 },
    ...{ ABSawStart: isReassembled ? 1 : 0, ABSawEnd: isReassembled && end !== 'none' ? 1 : 0 },
    ...{ BASegmentOutOfOrder: 0, BASegmentSkipped: 0, BASegmentSkippedBytes: 0 },
    ...{ BAPackets: isReassembled ? packets + 3 : 0, BABytes: isReassembled ? packets * 900 + 2 : 0 },
    ...{ BASawStart: isReassembled ? 1 : 0, BASawEnd: isReassembled && end !== 'none' ? 1 : 0 },
  }));

const KINDS = ['TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6', 'ARP'] as const;
type Kind = (typeof KINDS)[number];

const flowOf = (kind: Kind): fc.Arbitrary<Flow> =>
  fc
    .record({
      UUID: id,
      macs: fc.tuple(mac, mac).filter(([a, b]) => a !== b),
      vlan: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xff_ffff })),
      network:
        kind === 'ICMPv4'
          ? fc.constant('IPV4' as const)
          : kind === 'ICMPv6'
            ? fc.constant('IPV6' as const)
            : fc.constantFrom('IPV4', 'IPV6'),
      v4: fc.tuple(fc.ipV4(), fc.ipV4()),
      v6: fc.tuple(fc.ipV6(), fc.ipV6()),
      tunnel: fc.oneof(fc.constant(0), fc.constantFrom(1, 5), fc.integer({ min: 1, max: 0xff_ffff })),
      ports: fc.tuple(port, port),
      type: fc.constantFrom(...ICMP_TYPES.slice(1)),
      code: fc.nat(15),
      echoId: fc.integer({ min: 1, max: 0xffff }),
      metric: kind === 'TCP' || kind.startsWith('ICMP') ? anyMetric : metricWith(fc.oneof(none, counters), fc.constant(0)),
      window: fc.option(anyMetric, { nil: undefined }),
      tcp: fc.option(anyTcp, { nil: undefined }),
      fragments: fc.option(fc.tuple(fc.integer({ min: 2, max: 99 }), fc.constantFrom(0, 0, 1)), { nil: undefined }),
      finish: fc.constantFrom(0, 1, 2, 3),
      tracking: fc.tuple(id, id, fc.oneof(fc.constant(''), id)),
    })
    .map((made): Flow => {
      const isIp = kind !== 'ARP';
      const isEcho = made.type === 'ECHO';
      const [A, B] = made.network === 'IPV4' ? made.v4 : made.v6;
      const finish = made.finish as 0 | 1 | 2 | 3;
      const path = made.network === 'IPV4' ? 'IPv4' : 'IPv6';
      return {
        UUID: made.UUID,
        LayersPath: isIp ? `Ethernet/${path}/${kind}` : 'Ethernet/ARP',
        Application: kind,
        Link: { Protocol: 'ETHERNET', A: made.macs[0], B: made.macs[1], ID: made.vlan },
        ...(isIp && { Network: { Protocol: made.network as 'IPV4' | 'IPV6', A, B, ID: made.tunnel } }),
        ...((kind === 'TCP' || kind === 'UDP' || kind === 'SCTP') && {
          Transport: { Protocol: kind, A: made.ports[0], B: made.ports[1], ID: 0 },
        }),
        ...(kind.startsWith('ICMP') && {
          ICMP: { Type: made.type, ...(!isEcho && made.code !== 0 && { Code: made.code }), ...(isEcho && { ID: made.echoId }) },
        }),
        ...(made.window && { LastUpdateMetric: made.window }),
        Metric: made.metric,
        ...(kind === 'TCP' && made.tcp && { TCPMetric: made.tcp }),
        ...(isIp && made.fragments && { IPMetric: { Fragments: made.fragments[0], FragmentErrors: made.fragments[1] } }),
        Start: made.metric.Start,
        Last: made.metric.Last,
        TrackingID: made.tracking[0],
        L3TrackingID: made.tracking[1],
        ParentUUID: made.tracking[2],
        NodeTID: 'node-tid',
        CaptureID: 'capture-id',
        RawPacketsCaptured: 0,
        ...(finish !== 0 && { FinishType: finish }),
      };
    });

/** A flow of one of these kinds. */
const anyFlow = (kinds: readonly Kind[] = KINDS): fc.Arbitrary<Flow> => fc.oneof(...kinds.map(flowOf));

/** With packets that were kept of it. */
export const anySent = (kinds?: readonly Kind[]): fc.Arbitrary<ReadFlow> =>
  fc.tuple(anyFlow(kinds), fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 3 })).map(([flow, data]) => ({
    flow: { ...flow, RawPacketsCaptured: data.length },
    rawPackets: data.map((Data, index): RawPacket => {
      return { Timestamp: flow.Start + index, Nanos: 0, Index: index + 1, Data, WireLength: Data.length, LinkType: 1 };
    }),
  }));

/** What a host says in its first minute, more or less: enough to tell every field but of TCP's streams. */
export const MIXTURES: readonly (readonly Kind[])[] = [['ARP'], ['UDP'], ['ICMPv4'], ['ICMPv6'], ['TCP'], ['ARP', 'ICMPv4'], KINDS];
