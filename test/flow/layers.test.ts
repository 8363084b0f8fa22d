import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import { ACK, dot1q, ethernet, FIN, geneve, gre, icmp, ipv4, ipv6, mpls, payload, RST, SYN, tcp, udp, vxlan } from './frames.js';
import { collect, flowsOf, flush, put, table, type Sent } from './tables.js';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const http = tcp(1234, 80);
const one = (frame: Buffer, linkType?: number): ReturnType<typeof flowsOf>[number] => {
  const flows = flowsOf({}, linkType === undefined ? frame : { frame, linkType });
  expect(flows).toHaveLength(1);
  return flows[0]!;
};
const pathOf = (frame: Buffer, linkType?: number): string => one(frame, linkType).LayersPath!;
const inIpv4 = (protocol: number, inside: Buffer): Buffer => ethernet(IPV4, ipv4(protocol, inside));

describe('paths of layers', () => {
  // Those of whole packets are in paths.test.ts.
  it.each([
    ['Ethernet/IPv4/UDP', inIpv4(17, udp(123, 123, payload(47)))],
    ['Ethernet/IPv6/IPv6HopByHop/ICMPv6', ethernet(IPV6, ipv6(0, Buffer.concat([Buffer.from([58, 0, 5, 2, 0, 0, 1, 0]), icmp(200)])))],
    ['Ethernet/IPv4/Fragment', ethernet(IPV4, ipv4(17, udp(1, 2), undefined, undefined, { moreFragments: true }))],
    ['Ethernet', ethernet(0x9100, payload(40))],
  ])('end where nobody knows what follows: %s', (path, frame) => {
    expect(pathOf(frame)).toBe(path);
    expect(one(frame).Application).toBe(path.split('/').at(-1));
  });

  it('leave out the header of cooked captures', () => {
    const cooked = Buffer.concat([Buffer.from('00000001000602000000000100000800', 'hex'), ipv4(6, http)]);
    const cooked2 = Buffer.concat([Buffer.from('0800000000000001000100060200000000010000', 'hex'), ipv4(6, http)]);
    expect([pathOf(cooked, LINK_TYPE.sll), pathOf(cooked2, LINK_TYPE.sll2)]).toEqual(['IPv4/TCP', 'IPv4/TCP']);
    expect(one(cooked, LINK_TYPE.sll).Link).toBeUndefined();
    const bytesOf = (layerKeyMode: 'L2' | 'L3'): unknown =>
      flowsOf({ layerKeyMode }, { frame: cooked, linkType: LINK_TYPE.sll })[0]!.Metric;
    expect([bytesOf('L2'), bytesOf('L3')]).toMatchObject([{ ABBytes: cooked.length - 16 }, { ABBytes: cooked.length }]);
    expect([pathOf(ipv4(6, http), LINK_TYPE.raw), pathOf(ipv6(6, http), LINK_TYPE.ipv6)]).toEqual(['IPv4/TCP', 'IPv6/TCP']);
  });
});

describe('VLAN ids', () => {
  const stack = (...ids: number[]): Buffer =>
    ethernet(
      0x8100,
      ids.reduceRight((inside, id, index) => dot1q(id, index === ids.length - 1 ? IPV4 : 0x8100, inside), ipv4(6, http)),
    );

  it('are folded with the outermost in the low bits', () => {
    expect([[8], [8, 10], [8, 10, 20], [8, 10, 20, 30]].map((ids) => one(stack(...ids)).Link!.ID)).toEqual([
      8, 40968, 335585288, 2061919887368,
    ]);
  });

  it('stay exact with more tags than fit', () => {
    expect(one(stack(8, 10, 20, 30, 40, 50)).Link!.ID).toBe(2061919887368);
  });

  it('come back when the kernel took the tag out', () => {
    const flows = flowsOf({ rawPacketLimit: 1 }, { frame: inIpv4(6, http), vlanTag: 0x8100_0005 });
    expect(flows).toMatchObject([{ LayersPath: 'Ethernet/Dot1Q/IPv4/TCP', Link: { ID: 5 }, Metric: { ABBytes: 58 } }]);
  });
});

describe('raw packets', () => {
  it('know their time to the nanosecond, and how long they were before they were cut', () => {
    const inner = ethernet(IPV4, ipv4(6, http, '192.168.0.1', '192.168.0.2'));
    const whole = inIpv4(17, udp(5000, 4789, vxlan(42, inner)));
    const cut = { frame: whole.subarray(0, -10), wireLength: whole.length, ms: 1_234, nanos: 567_891, vlanTag: 0x8100_0005 };
    const [outer, child] = collect((sink) => put(table({ rawPacketLimit: 1 }), cut).flush(sink)).map(({ rawPackets }) => rawPackets);
    // The tag that the kernel took out is back.
    expect(outer).toMatchObject([{ Timestamp: 1_234, Nanos: 567_891, WireLength: whole.length + 4 }]);
    expect(outer![0]!.Data).toHaveLength(whole.length + 4 - 10);
    expect(child).toMatchObject([{ Timestamp: 1_234, Nanos: 567_891, WireLength: inner.length }]);
    expect(child![0]!.Data).toHaveLength(inner.length - 10);
  });
});

describe('tunnels', () => {
  const inner = ethernet(IPV4, ipv4(6, http, '192.168.0.1', '192.168.0.2'));

  it.each([
    ['VXLAN', inIpv4(17, udp(5000, 4789, vxlan(42, inner))), 'Ethernet/IPv4/UDP/VXLAN', 'Ethernet/IPv4/TCP', 42],
    ['VXLAN of old Linux', inIpv4(17, udp(5000, 8472, vxlan(42, inner))), 'Ethernet/IPv4/UDP/VXLAN', 'Ethernet/IPv4/TCP', 42],
    ['Geneve', inIpv4(17, udp(5000, 6081, geneve(7, 0x6558, inner))), 'Ethernet/IPv4/UDP/Geneve', 'Ethernet/IPv4/TCP', 7],
    ['GRE', inIpv4(47, gre(IPV4, ipv4(6, http), 0xfedcba98)), 'Ethernet/IPv4/GRE', 'IPv4/TCP', 0xfedcba98],
    ['GRE with MPLS', inIpv4(47, gre(0x8847, mpls(5, true, ipv4(6, http)))), 'Ethernet/IPv4/GRE/MPLS', 'IPv4/TCP', 0],
    ['MPLS', ethernet(0x8847, mpls(5, true, ipv4(6, http))), 'Ethernet/MPLS', 'IPv4/TCP', undefined],
    ['two labels of MPLS', ethernet(0x8847, mpls(5, false, mpls(6, true, ipv4(6, http)))), 'Ethernet/MPLS', 'IPv4/TCP', undefined],
    ['Ethernet over MPLS', ethernet(0x8847, mpls(5, true, inner)), 'Ethernet/MPLS', 'Ethernet/IPv4/TCP', undefined],
  ])('%s: parent and child', (_, frame, outerPath, innerPath, id) => {
    const [outer, child, ...more] = flowsOf({}, frame);
    expect(more).toEqual([]);
    expect(outer).toMatchObject({ LayersPath: outerPath, ParentUUID: '', Metric: { ABBytes: frame.length } });
    expect(child).toMatchObject({ LayersPath: innerPath, ParentUUID: outer!.UUID });
    expect(outer!.Network?.ID).toBe(id);
  });

  it('are one outer flow whatever goes through them', () => {
    const through = (port: number, sourcePort: number): Buffer => inIpv4(17, udp(sourcePort, 4789, vxlan(42, inIpv4(6, tcp(port, 80)))));
    const labelled = (port: number): Buffer => ethernet(0x8847, mpls(5, true, ipv4(6, tcp(port, 80))));
    expect(flowsOf({}, through(1, 5001), through(2, 5002), through(3, 5003)).map(({ ParentUUID }) => ParentUUID === '')).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(flowsOf({}, labelled(1), labelled(2)).filter(({ ParentUUID }) => ParentUUID === '')).toHaveLength(1);
  });

  it('count inner bytes from the inner header on', () => {
    const flows = flowsOf({}, inIpv4(17, udp(5000, 4789, vxlan(42, inner))), inIpv4(47, gre(IPV4, ipv4(6, http))));
    expect(flows.map(({ Metric }) => Metric!.ABBytes)).toEqual([14 + 20 + 8 + 8 + inner.length, inner.length, 14 + 20 + 4 + 40, 40]);
  });

  it.each([
    ['an empty VXLAN', inIpv4(17, udp(5000, 4789, vxlan(42, Buffer.alloc(0))))],
    ['a cut inner frame', inIpv4(17, udp(5000, 4789, vxlan(42, inner.subarray(0, 9))))],
    ['a GRE keepalive', inIpv4(47, gre(0, Buffer.alloc(0)))],
    ['an unknown protocol in GRE', inIpv4(47, gre(0x1234, payload(20)))],
    ['a label without anything', ethernet(0x8847, mpls(5, true, Buffer.alloc(0)))],
  ])('%s leaves the outer flow', (_, frame) => {
    expect(flowsOf({}, frame)).toHaveLength(1);
  });
});

describe('damaged packets', () => {
  it('keep their whole layers, and are counted by the layer that is not', () => {
    const cut = put(table(), inIpv4(6, http.subarray(0, 12)), inIpv4(17, udp(1, 53, payload(5))), ethernet(IPV4, payload(8)), payload(4));
    const { malformed, ignored } = cut.stats;
    expect(malformed).toEqual({ TCP: 1, DNS: 1, IPv4: 1, Ethernet: 1 });
    expect(ignored).toBe(1);
    expect(flush(cut).map(({ LayersPath, Transport }) => [LayersPath, Transport?.A])).toEqual([
      ['Ethernet/IPv4', undefined],
      ['Ethernet/IPv4/UDP', 1],
      ['Ethernet', undefined],
    ]);
  });

  it('do not stop at bytes that the capture left out', () => {
    const frame = inIpv4(6, tcp(1, 2, ACK, 0, payload(1000)));
    expect(flowsOf({}, { frame: frame.subarray(0, 54), wireLength: frame.length })).toMatchObject([
      { LayersPath: 'Ethernet/IPv4/TCP', Metric: { ABBytes: 1054 } },
    ]);
  });
});

describe('lengths', () => {
  const small = inIpv4(6, tcp(1, 2, ACK, 0, payload(1)));
  const padded = Buffer.concat([small, Buffer.alloc(60 - small.length)]);

  it('count padding on Ethernet, datagrams elsewhere', () => {
    expect(one(padded).Metric!.ABBytes).toBe(60);
    expect(one(Buffer.concat([ipv4(6, http), Buffer.alloc(7)]), LINK_TYPE.raw).Metric!.ABBytes).toBe(40);
    expect(one(ipv6(6, http), LINK_TYPE.raw).Metric!.ABBytes).toBe(60);
    expect(
      flowsOf({ layerKeyMode: 'L3' }, { frame: Buffer.concat([ipv4(6, http), Buffer.alloc(7)]), linkType: LINK_TYPE.raw })[0]!.Metric!
        .ABBytes,
    ).toBe(47);
  });

  it('take all that there is where the header says 0', () => {
    expect(one(ipv4(6, http, undefined, undefined, { length: 0 }), LINK_TYPE.raw)).toMatchObject({
      LayersPath: 'IPv4/TCP',
      Metric: { ABBytes: 40 },
    });
  });

  it('count flows without an address in both modes', () => {
    const arp = ethernet(0x0806, Buffer.concat([Buffer.from('0001080006040001', 'hex'), payload(20)]));
    expect(flowsOf({ layerKeyMode: 'L3' }, arp, arp)[0]!.Metric).toMatchObject({ ABPackets: 2, ABBytes: 84 });
  });
});

describe('keys', () => {
  it('join what Skydive joins, and part what it parts', () => {
    const tagged = (vlan: number): Buffer => ethernet(0x8100, dot1q(vlan, IPV4, ipv4(6, http)));
    expect(flowsOf({}, tagged(1), tagged(2))).toHaveLength(1);
    expect(flowsOf({}, inIpv4(200, payload(9)), inIpv4(201, payload(9)))).toHaveLength(1);
    expect(flowsOf({}, ethernet(0x9100, payload(9)), ethernet(0x88b5, payload(9)))).toHaveLength(1);
    expect(flowsOf({}, inIpv4(1, icmp(8, 0, 1)), inIpv4(1, icmp(8, 0, 2)), inIpv4(1, icmp(0, 0, 1)))).toHaveLength(2);
    expect(flowsOf({}, inIpv4(6, http), inIpv4(17, udp(1234, 80)))).toHaveLength(2);
    expect(flowsOf({}, inIpv4(6, http), ethernet(IPV4, ipv4(6, http), '02:00:00:00:00:09'))).toHaveLength(2);
    expect(flowsOf({ layerKeyMode: 'L3' }, inIpv4(6, http), ethernet(IPV4, ipv4(6, http), '02:00:00:00:00:09'))).toHaveLength(1);
  });

  it('tell the ends apart by port where the addresses are the same', () => {
    const loop = (there: boolean, flags: number): Buffer => {
      const inside = there ? tcp(40000, 5201, flags) : tcp(5201, 40000, flags);
      return ethernet(IPV4, ipv4(6, inside, '127.0.0.1', '127.0.0.1'), '00:00:00:00:00:00', '00:00:00:00:00:00');
    };
    expect(flowsOf({}, loop(true, SYN), loop(false, SYN | ACK), loop(true, ACK))).toMatchObject([
      { Transport: { A: 40000, B: 5201 }, Metric: { ABPackets: 2, BAPackets: 1 } },
    ]);
  });
});

describe('round trips and ends', () => {
  const there = (flags: number): Buffer => inIpv4(6, tcp(1234, 80, flags));
  const back = (flags: number): Buffer =>
    ethernet(IPV4, ipv4(6, tcp(80, 1234, flags), '10.0.0.2', '10.0.0.1'), '02:00:00:00:00:02', '02:00:00:00:00:01');

  it('are measured from the first question to the answer of the other side', () => {
    const flows = (...packets: (Sent | Buffer)[]): number | undefined => flowsOf({}, ...packets)[0]!.Metric!.RTT;
    expect(flows({ frame: there(SYN), ms: 5 }, { frame: back(SYN | ACK), ms: 7, nanos: 1 })).toBe(2_000_001);
    expect(flows({ frame: there(SYN), ms: 5 }, { frame: there(SYN), ms: 6 }, { frame: back(RST), ms: 9 })).toBe(4_000_000);
    expect(flows({ frame: there(SYN), ms: 5 }, { frame: there(RST), ms: 9 })).toBeUndefined();
    expect(flows({ frame: there(SYN), ms: 5 }, { frame: back(SYN | ACK), ms: 4 })).toBeUndefined();
    // The clock went back behind the flow's start.
    expect(flows({ frame: there(ACK), ms: 9 }, { frame: there(SYN), ms: 5 }, { frame: back(SYN | ACK), ms: 7 })).toBe(2_000_000);
    expect(flows({ frame: there(ACK), ms: 9 }, { frame: there(SYN), ms: 5 }, { frame: back(SYN | ACK), ms: 12 })).toBe(7_000_000);
    expect(flows({ frame: there(ACK), ms: 1 }, { frame: back(SYN), ms: 5 }, { frame: there(SYN | ACK), ms: 6 })).toBe(1_000_000);
  });

  it('are seen on any packet, a reset above all', () => {
    const finish = (...flags: number[]): number | undefined => flowsOf({}, ...flags.map(there))[0]!.FinishType;
    expect([finish(SYN), finish(SYN, FIN), finish(FIN, ACK), finish(RST), finish(FIN, RST), finish(RST, FIN)]).toEqual([1, 2, 2, 3, 3, 3]);
  });

  it('give times of SYN, FIN and RST by side', () => {
    const [flow] = flowsOf(
      { extraTcpMetric: true },
      { frame: there(SYN), ms: 1 },
      { frame: there(SYN), ms: 2 },
      { frame: back(SYN | ACK), ms: 3 },
      { frame: back(FIN | ACK), ms: 8 },
      { frame: there(RST), ms: 9 },
    );
    expect(flow!.TCPMetric).toMatchObject({
      ABSynStart: 1,
      ABSynTTL: 64,
      BASynStart: 3,
      BASynTTL: 64,
      ABFinStart: 0,
      BAFinStart: 8,
      ABRstStart: 9,
      BARstStart: 0,
    });
  });
});

describe('applications', () => {
  it('are named by port where the configuration says so', () => {
    const applicationPorts = { tcp: new Map([[80, 'http']]), udp: new Map<number, string>() };
    expect(flowsOf({ applicationPorts }, inIpv4(6, http), inIpv4(17, udp(80, 80))).map(({ Application }) => Application)).toEqual([
      'HTTP',
      'UDP',
    ]);
  });
});
