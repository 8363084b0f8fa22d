import { describe, expect, it } from 'vitest';
import { ethernet, icmp, ipv4, MAC_A, MAC_B, payload, udp } from './frames.js';
import { collect, flowsOf, put, table } from './tables.js';

const whole = icmp(8, 0, 7, payload(2992));
const fragment = (from: number, to: number, id = 9, data = whole): Buffer =>
  ethernet(
    0x0800,
    ipv4(1, data.subarray(from, to), undefined, undefined, { id, fragmentOffset: from / 8, moreFragments: to < data.length }),
  );
const [first, second, third] = [fragment(0, 1000), fragment(1000, 2000), fragment(2000, 3000)] as const;

describe('fragments', () => {
  it('are a flow of fragments when they are not put together', () => {
    expect(flowsOf({}, first, second, third)).toMatchObject([
      { LayersPath: 'Ethernet/IPv4/Fragment', Application: 'Fragment', Metric: { ABPackets: 3 } },
    ]);
  });

  it.each([
    ['in order', [first, second, third]],
    ['in any order', [third, first, second]],
    ['with one twice', [first, second, second, third]],
  ])('make one datagram %s, every frame counted', (_, frames) => {
    const flows = flowsOf({ ipDefrag: true }, ...frames);
    expect(flows).toMatchObject([
      {
        LayersPath: 'Ethernet/IPv4/Fragment/ICMPv4',
        ICMP: { Type: 'ECHO', ID: 7 },
        Metric: { ABPackets: frames.length, ABBytes: frames.reduce((sum, frame) => sum + frame.length, 0) },
        IPMetric: { Fragments: frames.length, FragmentErrors: 0 },
        Start: 1000,
      },
    ]);
  });

  it('have the round trip from the last of a question to the last of its answer, to the nanosecond', () => {
    const reply = icmp(0, 0, 7, payload(2992));
    const back = (from: number, to: number): Buffer =>
      ethernet(
        0x0800,
        ipv4(1, reply.subarray(from, to), '10.0.0.2', '10.0.0.1', { id: 9, fragmentOffset: from / 8, moreFragments: to < reply.length }),
        MAC_B,
        MAC_A,
      );
    const frames = [first, second, third, back(0, 2000), back(2000, 3000)];
    const sent = frames.map((frame, index) => ({ frame, ms: 1000, nanos: index * 1001 }));
    expect(flowsOf({ ipDefrag: true }, ...sent)).toMatchObject([{ Metric: { ABPackets: 3, BAPackets: 2, RTT: 2002 } }]);
  });

  it('of later datagrams go on counting', () => {
    const again = [0, 1000, 2000].map((from) => fragment(from, from + 1000, 10));
    expect(flowsOf({ ipDefrag: true }, first, second, third, ...again)).toMatchObject([
      { Metric: { ABPackets: 6 }, IPMetric: { Fragments: 6 } },
    ]);
  });

  it('that stay incomplete or overlap are counted with an error', () => {
    const incomplete = flowsOf({ ipDefrag: true }, first, third);
    expect(incomplete).toMatchObject([
      { LayersPath: 'Ethernet/IPv4/Fragment', Metric: { ABPackets: 2 }, IPMetric: { Fragments: 2, FragmentErrors: 1 } },
    ]);
    const overlapping = flowsOf({ ipDefrag: true }, first, fragment(800, 1800));
    expect(overlapping).toMatchObject([{ Metric: { ABPackets: 2 }, IPMetric: { Fragments: 2, FragmentErrors: 1 } }]);
  });

  it('are given up after half a minute', () => {
    const waiting = put(table({ ipDefrag: true }), { frame: first, ms: 1000 });
    const sweep = (ms: number): number => collect((sink) => waiting.sweep(ms, 0, sink)).length + waiting.stats.flows;
    expect([sweep(30_999), sweep(31_000)]).toEqual([0, 1]);
    expect(waiting.stats.fragmentsDropped).toBe(1);
  });

  it('do not pile up', () => {
    const waiting = table({ ipDefrag: true });
    for (let id = 0; id < 20_000; id++) put(waiting, { frame: fragment(0, 1000, id & 0xffff, whole), ms: 1000 });
    expect(waiting.stats.fragmentsDropped).toBeGreaterThan(10_000);
  });

  it.each(['all of them at the end', 'those that are late'] as const)('that are given up push no flow out unsent: %s', (when) => {
    const waiting = table({ ipDefrag: true, maxFlows: 64 });
    for (let id = 0; id < 3_000; id++) {
      const from = `10.1.${id >> 8}.${id & 0xff}`;
      put(waiting, { frame: ethernet(0x0800, ipv4(1, whole.subarray(0, 8), from, '10.0.0.2', { id, moreFragments: true })), ms: 1000 });
    }
    const sent = collect((sink) => {
      if (when === 'those that are late') waiting.sweep(1000 + 60_000, 10, sink);
      waiting.flush(sink);
    });
    expect(sent).toHaveLength(3_000);
    expect(waiting.stats.evictedUnsent).toBe(0);
  });

  it('of other protocols are decoded as far as they go', () => {
    const datagram = udp(5, 6, payload(1992));
    const part = (from: number, to: number): Buffer =>
      ethernet(
        0x0800,
        ipv4(17, datagram.subarray(from, to), undefined, undefined, {
          id: 1,
          fragmentOffset: from / 8,
          moreFragments: to < datagram.length,
        }),
      );
    expect(flowsOf({ ipDefrag: true }, part(0, 1000), part(1000, 2000))).toMatchObject([
      { LayersPath: 'Ethernet/IPv4/Fragment/UDP', Transport: { A: 5, B: 6 } },
    ]);
  });
});
