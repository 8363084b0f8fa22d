import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowMessages, readTableReply, type MessageCounters } from '../../../src/compat/flows/messages.js';
import { readWire } from '../../../src/compat/flows/wire.js';
import { ICMP_TYPES, type Flow, type FlowMetric, type RawPacket, type TcpMetric } from '../../../src/flow/flow.js';
import { encode, encodeFlow, encodeMessage, encodeReply, from, PLAIN, TCP_FIELDS, type Numbers } from './encode.js';

const counted = (): MessageCounters => ({ flows: 0, refused: 0, unread: new Map() });

// ── any flow, however its agent numbers its parts ──

/** Numbers in order, one after the other, with a gap before them. */
const numbered = (count: number): fc.Arbitrary<number[]> => fc.integer({ min: 1, max: 12 }).map((first) => from(first, count));
const anyNumbers: fc.Arbitrary<Numbers> = fc.record({
  layer: fc.constantFrom(from(1, 4), [1, 3, 4, 5], [2, 5, 9, 12]),
  transport: fc.constantFrom(from(1, 4), [1, 3, 4, 5], from(3, 4)),
  icmp: numbered(3),
  metric: numbered(7),
  tcp: fc.constant(from(1, 22)),
  ip: fc.constant(from(1, 2)),
  raw: fc.constantFrom(from(1, 4), [1, 2, 5, 7]),
  stats: numbered(6),
});

const time = fc.integer({ min: 1_400_000_000_000, max: 1_900_000_000_000 });
const count = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 - 1 }));
const countOrNone = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: count });
const port = fc.integer({ min: 1, max: 65_535 });
const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':'));

const anyMetric: fc.Arbitrary<FlowMetric> = fc
  .tuple(count, count, countOrNone, countOrNone, time, fc.nat(100_000), fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 10 ** 9 })))
  .map(([ABPackets, ABBytes, BAPackets, BABytes, Start, more, RTT]) => ({
    ...{ ABPackets, ABBytes, BAPackets, BABytes, Start, Last: Start + more },
    ...(RTT !== 0 && { RTT }),
  }));

const anyTcp: fc.Arbitrary<TcpMetric> = fc
  .tuple(time, time, fc.constantFrom(64, 128, 255), fc.constantFrom(64, 63), fc.boolean(), fc.nat(50), fc.nat(1_000))
  .map(([ABSynStart, BASynStart, ABSynTTL, BASynTTL, hasEnded, skipped, packets]) => ({
    ...{ ABSynStart, BASynStart, ABSynTTL, BASynTTL },
    ...{ ABFinStart: hasEnded ? ABSynStart + 5 : 0, BAFinStart: hasEnded ? BASynStart + 5 : 0, ABRstStart: 0, BARstStart: 0 },
    ...{
      ABSegmentOutOfOrder: 0,
      ABSegmentSkipped: skipped,
      ABSegmentSkippedBytes: skipped * 10,
      ABPackets: packets + 2,
      ABBytes: packets * 90,
    },
    ...{ ABSawStart: 1, ABSawEnd: hasEnded ? 1 : 0 },
    ...{ BASegmentOutOfOrder: 0, BASegmentSkipped: 0, BASegmentSkippedBytes: 0, BAPackets: packets + 3, BABytes: packets * 900 + 2 },
    ...{ BASawStart: 1, BASawEnd: hasEnded ? 1 : 0 },
  }));

const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    UUID: id,
    kind: fc.constantFrom('TCP', 'UDP', 'SCTP', 'ICMP', 'ARP'),
    macs: fc.tuple(mac, mac),
    vlan: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xff_ffff })),
    network: fc.constantFrom('IPV4', 'IPV6'),
    addresses: fc.tuple(fc.ipV4(), fc.ipV4()),
    tunnel: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xff_ffff })),
    ports: fc.tuple(port, port),
    type: fc.constantFrom(...ICMP_TYPES.slice(1)),
    code: fc.nat(15),
    echoId: fc.integer({ min: 1, max: 0xffff }),
    window: fc.option(anyMetric, { nil: undefined }),
    metric: anyMetric,
    tcp: fc.option(anyTcp, { nil: undefined }),
    fragments: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
    finish: fc.constantFrom(0, 1, 2, 3),
    tracking: fc.tuple(id, id, fc.oneof(fc.constant(''), id)),
  })
  .map((made): Flow => {
    const isIp = made.kind !== 'ARP';
    const isEcho = made.type === 'ECHO';
    const ends = { A: made.addresses[0], B: made.addresses[1] };
    const finish = made.finish as 0 | 1 | 2 | 3;
    return {
      UUID: made.UUID,
      LayersPath: isIp ? `Ethernet/${made.network}/${made.kind}` : 'Ethernet/ARP',
      Application: made.kind,
      Link: { Protocol: 'ETHERNET', A: made.macs[0], B: made.macs[1], ID: made.vlan },
      ...(isIp && { Network: { Protocol: made.network as 'IPV4' | 'IPV6', ...ends, ID: made.tunnel } }),
      ...((made.kind === 'TCP' || made.kind === 'UDP' || made.kind === 'SCTP') && {
        Transport: { Protocol: made.kind, A: made.ports[0], B: made.ports[1], ID: 0 },
      }),
      ...(made.kind === 'ICMP' && {
        ICMP: { Type: made.type, ...(!isEcho && made.code !== 0 && { Code: made.code }), ...(isEcho && { ID: made.echoId }) },
      }),
      ...(made.window && { LastUpdateMetric: made.window }),
      Metric: made.metric,
      ...(made.kind === 'TCP' && made.tcp && { TCPMetric: made.tcp }),
      ...(made.fragments && { IPMetric: { Fragments: made.fragments, FragmentErrors: 0 } }),
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

const flowsOf = (messages: FlowMessages, bytes: Uint8Array): Flow[] => messages.message(bytes).flows.map(({ flow }) => flow);

describe('flows of an old agent', () => {
  it('are read whatever numbers it gives to the fields of their parts', () => {
    fc.assert(
      fc.property(anyNumbers, fc.array(anyFlow, { minLength: 1, maxLength: 12 }), (numbers, flows) => {
        const counters = counted();
        const messages = new FlowMessages(counters);
        for (const flow of flows) expect(flowsOf(messages, encodeMessage([encodeFlow(flow, numbers)]))).toEqual([flow]);
        expect(counters).toEqual({ flows: flows.length, refused: 0, unread: new Map() });
      }),
      { numRuns: 300 },
    );
  });

  it('are there without a part that cannot be told yet, which is counted, and with it once it can', () => {
    const counters = counted();
    const messages = new FlowMessages(counters);
    const flow = { ...plainFlow, Transport: { Protocol: 'UDP', A: 0, B: 53, ID: 0 } } as const;
    const numbers = { ...PLAIN, transport: [1, 3, 4, 5] };
    const { Transport: _left, ...without } = flow;
    expect(flowsOf(messages, encodeMessage([encodeFlow(flow, numbers)]))).toEqual([without]);
    expect([...counters.unread]).toEqual([['Transport', 1]]);
    const fuller = { ...flow, Transport: { ...flow.Transport, A: 1_024 } };
    expect(flowsOf(messages, encodeMessage([encodeFlow(fuller, numbers)]))).toEqual([fuller]);
    expect(flowsOf(messages, encodeMessage([encodeFlow(flow, numbers)]))).toEqual([flow]);
  });

  it('tell from their streams in which order directions are counted', () => {
    const sides = TCP_FIELDS.slice(8, 15).map((name) => name.slice(2));
    const sideBySide = [...TCP_FIELDS.slice(0, 8), ...sides.flatMap((name) => [`AB${name}`, `BA${name}`] as (keyof TcpMetric)[])];
    fc.assert(
      fc.property(fc.boolean(), anyTcp, (isSideBySide, TCPMetric) => {
        const flow: Flow = { ...plainFlow, TCPMetric };
        const bytes = encodeFlow(flow, PLAIN, [], isSideBySide ? sideBySide : TCP_FIELDS);
        expect(flowsOf(new FlowMessages(counted()), encodeMessage([bytes]))).toEqual([flow]);
      }),
    );
  });

  it('say that extra layers are there which cannot be read', () => {
    const counters = counted();
    const dns = encode([[1_001, encode([[1, 77]])]]);
    expect(flowsOf(new FlowMessages(counters), encodeMessage([Buffer.concat([encodeFlow(plainFlow), dns])]))).toEqual([plainFlow]);
    expect([...counters.unread]).toEqual([['DNS', 1]]);
  });

  it('bring the packets that were kept, and statistics of their captures', () => {
    const packets: RawPacket[] = [
      { Timestamp: 1_700_000_000_123, Nanos: 0, Index: 1, Data: Uint8Array.of(1, 2, 3), WireLength: 3, LinkType: 1 },
      { Timestamp: 1_700_000_000_124, Nanos: 0, Index: 2, Data: Uint8Array.of(4), WireLength: 1, LinkType: 1 },
    ];
    const stats = { CaptureID: '6a1b8f2e-0000-4000-8000-000000000000', FlowCount: 3, PacketsReceived: 1_000 };
    for (const numbers of [PLAIN, { ...PLAIN, raw: [2, 3, 5, 9], stats: from(4, 6) }]) {
      const read = new FlowMessages(counted()).message(encodeMessage([encodeFlow(plainFlow, numbers, packets)], stats, numbers));
      expect(read.flows).toEqual([{ flow: plainFlow, rawPackets: packets }]);
      expect(read.stats).toEqual([
        { captureId: stats.CaptureID, flowCount: 3, flowDropped: 0, kernelFlowDropped: 0, packetsDropped: 0, packetsReceived: 1_000 },
      ]);
    }
  });

  it('are read from the tables of an answer', () => {
    const second = { ...plainFlow, UUID: '2' };
    const { status, sets } = readTableReply(encodeReply(200, [[encodeFlow(plainFlow)], [], [encodeFlow(second)]]));
    expect(new FlowMessages(counted()).tables(status, sets).map(({ flow }) => flow)).toEqual([plainFlow, second]);
    expect(() => new FlowMessages(counted()).tables(500, [])).toThrow('status 500');
  });

  it('take no harm from damaged bytes', () => {
    const whole = encodeMessage([encodeFlow(plainFlow)], { CaptureID: 'c', FlowCount: 1 });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(whole.length), (noise, at) => {
        const bytes = Uint8Array.from(whole);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        const counters = counted();
        try {
          new FlowMessages(counters).message(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_INPUT' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the wire', () => {
  it('keeps the sign of numbers below zero', () => {
    expect(readWire(encode([[1, -5]]))).toEqual([{ number: 1, value: -5 }]);
    expect(readWire(encode([[1, Number.MAX_SAFE_INTEGER]]))).toEqual([{ number: 1, value: Number.MAX_SAFE_INTEGER }]);
  });
});

const plainFlow: Flow = {
  UUID: 'abc123',
  LayersPath: 'Ethernet/IPv4/UDP',
  Application: 'UDP',
  Link: { Protocol: 'ETHERNET', A: '02:00:00:00:00:01', B: '02:00:00:00:00:02', ID: 0 },
  Network: { Protocol: 'IPV4', A: '10.0.0.1', B: '10.0.0.2', ID: 0 },
  Transport: { Protocol: 'UDP', A: 1_024, B: 53, ID: 0 },
  Metric: { ABPackets: 1, ABBytes: 98, BAPackets: 0, BABytes: 0, Start: 1_700_000_000_000, Last: 1_700_000_000_001 },
  Start: 1_700_000_000_000,
  Last: 1_700_000_000_001,
  TrackingID: 'f00',
  L3TrackingID: 'f01',
  ParentUUID: '',
  RawPacketsCaptured: 0,
};
