import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowTableOptions } from '../../src/flow/table/options.js';
import { ACK, dns, ethernet, FIN, geneve, gre, icmp, ipv4, ipv6, mpls, payload, RST, SYN, tcp, udp, vxlan } from './frames.js';
import { flowsOf, type Sent } from './tables.js';
import { xxh64 } from './xxh64.js';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const [A, B] = ['10.0.0.1', '10.0.0.2'];
const [MAC_A, MAC_B] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];

/** There and back again. */
const there = (inside: Buffer, type = IPV4): Buffer => ethernet(type, inside);
const back = (inside: Buffer, type = IPV4): Buffer => ethernet(type, inside, MAC_B, MAC_A);

describe('keys of a record', () => {
  const LINK = { Protocol: 'ETHERNET', A: MAC_A, B: MAC_B, ID: 0 };
  const NETWORK = { Protocol: 'IPV4', A, B, ID: 0 };
  const IDS = { UUID: expect.any(String) as string, TrackingID: expect.any(String) as string, L3TrackingID: expect.any(String) as string };
  const ONCE = { ...IDS, Start: 0, Last: 0, ParentUUID: '', RawPacketsCaptured: 0, FinishType: 1 };
  const metric = (ABPackets: number, ABBytes: number, BAPackets = 0, BABytes = 0, more = {}) => {
    const counted = { ABPackets, ABBytes, BAPackets, BABytes, Start: 0, Last: 0, ...more };
    return { Metric: counted, LastUpdateMetric: counted };
  };
  /** What a program reads of it: keys that are there without a value are not. */
  const records = (options: Partial<FlowTableOptions>, ...frames: readonly (Sent | Buffer)[]): unknown =>
    JSON.parse(
      JSON.stringify(flowsOf(options, ...frames.map((frame) => (Buffer.isBuffer(frame) ? { frame, ms: 0 } : { ms: 0, ...frame })))),
    );

  it('are those of the layers that there are, and what is always there', () => {
    const arp = ethernet(0x0806, Buffer.concat([Buffer.from('0001080006040001', 'hex'), payload(20)]));
    expect(records({}, arp)).toEqual([{ ...ONCE, LayersPath: 'Ethernet/ARP', Application: 'ARP', Link: LINK, ...metric(1, 42) }]);
    expect(records({}, { frame: ipv4(99, payload(4)), linkType: 228 })).toEqual([
      { ...ONCE, LayersPath: 'IPv4', Application: 'IPv4', Network: NETWORK, ...metric(1, 24) },
    ]);
  });

  it('name the capture and its node where they are known', () => {
    expect(records({ nodeTid: 'tid', captureId: 'capture' }, there(ipv4(99, payload(4))))).toMatchObject([
      { NodeTID: 'tid', CaptureID: 'capture' },
    ]);
  });

  it('of ICMP leave out code and id where they are 0, and the round trip where there was none', () => {
    const flow = { ...ONCE, LayersPath: 'Ethernet/IPv4/ICMPv4', Application: 'ICMPv4', Link: LINK, Network: NETWORK };
    expect(records({}, there(ipv4(1, icmp(3, 1))), there(ipv4(1, icmp(250))))).toEqual([
      { ...flow, ICMP: { Type: 'DESTINATION_UNREACHABLE', Code: 1 }, ...metric(1, 46) },
      { ...flow, ICMP: { Type: 'UNKNOWN' }, ...metric(1, 46) },
    ]);
    expect(records({}, there(ipv4(1, icmp(8, 0, 5))), { frame: back(ipv4(1, icmp(0, 0, 5), B, A)), ms: 2, nanos: 30 })).toEqual([
      { ...flow, Last: 2, ICMP: { Type: 'ECHO', ID: 5 }, ...metric(1, 46, 1, 46, { Last: 2, RTT: 2_000_030 }) },
    ]);
  });

  it('of TCP count everything, and leave out times to live that were not seen', () => {
    const NOTHING = {
      ...{ ABSynStart: 0, BASynStart: 0, ABFinStart: 0, BAFinStart: 0, ABRstStart: 0, BARstStart: 0 },
      ...{ ABSegmentOutOfOrder: 0, ABSegmentSkipped: 0, ABSegmentSkippedBytes: 0, ABPackets: 0, ABBytes: 0, ABSawStart: 0, ABSawEnd: 0 },
      ...{ BASegmentOutOfOrder: 0, BASegmentSkipped: 0, BASegmentSkippedBytes: 0, BAPackets: 0, BABytes: 0, BASawStart: 0, BASawEnd: 0 },
    };
    const flow = { ...ONCE, LayersPath: 'Ethernet/IPv4/TCP', Application: 'TCP', Link: LINK, Network: NETWORK };
    const frames = [
      { frame: there(ipv4(6, tcp(1234, 80, SYN, 9), A, B, { ttl: 33 })), ms: 1 },
      { frame: back(ipv4(6, tcp(80, 1234, RST | ACK), B, A)), ms: 3 },
    ] as const;
    const counted = { ...flow, Start: 1, Last: 3, FinishType: 3, Transport: { Protocol: 'TCP', A: 1234, B: 80, ID: 0 } };
    const counters = metric(1, 54, 1, 54, { Start: 1, Last: 3, RTT: 2_000_000 });
    expect(records({}, ...frames)).toEqual([{ ...counted, ...counters }]);
    expect(records({ extraTcpMetric: true }, ...frames)).toEqual([
      { ...counted, ...counters, TCPMetric: { ...NOTHING, ABSynStart: 1, ABSynTTL: 33, BARstStart: 3 } },
    ]);
    expect(records({ reassembleTcp: true }, there(ipv4(6, tcp(1234, 80, FIN | ACK, 1, payload(5)))))).toMatchObject([
      { TCPMetric: { ...NOTHING, ABPackets: 1, ABBytes: 5, ABSawEnd: 1 } },
    ]);
  });

  it('of fragments are there with defragmentation only', () => {
    const whole = udp(9, 9, payload(24));
    const first = there(ipv4(17, whole.subarray(0, 16), A, B, { id: 5, moreFragments: true }));
    const second = there(ipv4(17, whole.subarray(16), A, B, { id: 5, fragmentOffset: 2 }));
    const flow = { ...ONCE, Link: LINK, Network: NETWORK };
    expect(records({}, first, second)).toEqual([
      { ...flow, LayersPath: 'Ethernet/IPv4/Fragment', Application: 'Fragment', ...metric(2, 100) },
    ]);
    expect(records({ ipDefrag: true }, first, second)).toEqual([
      {
        ...flow,
        LayersPath: 'Ethernet/IPv4/Fragment/UDP',
        Application: 'UDP',
        Transport: { Protocol: 'UDP', A: 9, B: 9, ID: 0 },
        ...metric(2, 100),
        IPMetric: { Fragments: 2, FragmentErrors: 0 },
      },
    ]);
  });

  it('of raw packets are their number', () => {
    const frame = there(ipv4(17, udp(1, 2)));
    expect(records({ rawPacketLimit: 2 }, frame, frame, frame)).toMatchObject([{ RawPacketsCaptured: 2 }]);
    expect(JSON.stringify(records({ rawPacketLimit: 2 }, frame))).not.toMatch(/LastRawPackets|Data/);
  });

  it('of extra layers are in small letters, and left out where they are empty', () => {
    const request = Buffer.alloc(241);
    request.set([1, 1, 6, 3]);
    request.writeUInt16BE(7, 8);
    request.writeUInt16BE(0x8000, 10);
    request.write('server', 44);
    request.write('boot.img', 108);
    request.writeUInt32BE(0x63825363, 236);
    request[240] = 255;
    const dhcp = there(ipv4(17, udp(68, 67, request)));
    const vrrp = there(ipv4(112, Buffer.concat([Buffer.from([0x21, 5, 100, 1, 0, 1, 0, 0, 10, 0, 0, 99]), Buffer.alloc(8)])));
    expect(records({ extraLayers: 7 }, dhcp, vrrp)).toMatchObject([
      { DHCPv4: { file: 'boot.img', flags: 32_768, hardware_len: 6, hardware_opts: 3, server_name: 'server', secs: 7 } },
      { VRRPv2: { adver_int: 1, priority: 100, version: 2, virtual_rtrID: 5 } },
    ]);
    const none = records({ extraLayers: 2 }, dhcp, vrrp) as object[];
    for (const flow of none) expect(flow).not.toHaveProperty('DHCPv4');
    for (const flow of none) expect(flow).not.toHaveProperty('VRRPv2');
  });

  it('of DNS are those of the latest message, with every kind of record', () => {
    const name = Buffer.from([0xc0, 12]);
    const record = (type: number, data: Buffer): Buffer => {
      const head = Buffer.alloc(10);
      head.writeUInt16BE(type);
      head.writeUInt16BE(1, 2);
      head.writeUInt32BE(300, 4);
      head.writeUInt16BE(data.length, 8);
      return Buffer.concat([name, head, data]);
    };
    const label = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
    const target = Buffer.concat([label('ns'), name]);
    const numbers = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]));
    const answers = [
      record(1, Buffer.from([10, 9, 9, 9])),
      record(28, Buffer.from('fd00000000000000000000000000000a', 'hex')),
      record(2, target),
      record(5, target),
      record(12, target),
      record(16, Buffer.concat([label('one'), label('two')])),
      record(15, Buffer.concat([numbers(10), target])),
      record(33, Buffer.concat([numbers(1, 2, 443), target])),
      record(6, Buffer.concat([target, target, numbers(0, 5, 0, 6, 0, 7, 0, 8, 0, 9)])),
      // Of a kind that is not looked into.
      record(99, payload(3)),
    ];
    const question = dns(7, 'example.org');
    const answer = Buffer.concat([question, ...answers]);
    answer.writeUInt16BE(0x8583, 2);
    answer.writeUInt16BE(answers.length, 6);
    const frames = [
      there(ipv4(17, udp(5353, 53, question))),
      { frame: back(ipv4(17, udp(53, 5353, answer), B, A)), ms: 1_500, nanos: 20 },
    ] as const;
    const of = { name: 'example.org', class: 'IN', TTL: 300 };
    const ns = 'ns.example.org';
    const QUESTION = { questions: [{ name: 'example.org', type: 'A', class: 'IN' }], q_d_count: 1, op_code: 'Query', ID: 7, RD: true };
    const [asked] = records({ extraLayers: 2 }, frames[0]) as { DNS: object }[];
    expect(asked!.DNS).toEqual({ ...QUESTION, response_code: 'No Error', timestamp: {} });
    const [answered] = records({ extraLayers: 2 }, ...frames) as { DNS: object }[];
    expect(answered!.DNS).toEqual({
      ...QUESTION,
      QR: true,
      AA: true,
      RA: true,
      response_code: 'Non-Existent Domain',
      a_n_count: answers.length,
      timestamp: { seconds: 1, nanos: 500_000_020 },
      answers: [
        { ...of, type: 'A', data_length: 4, IP: '10.9.9.9' },
        { ...of, type: 'AAAA', data_length: 16, IP: 'fd00::a' },
        { ...of, type: 'NS', data_length: 5, NS: ns },
        { ...of, type: 'CNAME', data_length: 5, c_name: ns },
        { ...of, type: 'PTR', data_length: 5, PTR: ns },
        { ...of, type: 'TXT', data_length: 8, TXTs: ['one', 'two'] },
        { ...of, type: 'MX', data_length: 7, MX: { preference: 10, name: ns } },
        { ...of, type: 'SRV', data_length: 11, SRV: { priority: 1, weight: 2, port: 443, name: ns } },
        { ...of, type: 'SOA', data_length: 30, SOA: { m_name: ns, r_name: ns, serial: 5, refresh: 6, retry: 7, expire: 8, minimum: 9 } },
      ],
    });
  });
});

/** The ids by the specification's own words (docs/flows.md, "Keys"), over the bytes of what a packet says. */
interface Said {
  readonly macs?: readonly [source: string, target: string];
  readonly addresses?: readonly [source: Buffer, target: Buffer];
  readonly ports?: readonly [source: number, target: number];
  /** 4 TCP, 5 UDP, 6 SCTP. */
  readonly transport?: number;
  readonly tunnel?: { readonly vni: number; readonly port: number };
  readonly icmp?: number;
}
const be64 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(16, '0'), 'hex');
const be32 = (value: number): Buffer => Buffer.from((value >>> 0).toString(16).padStart(8, '0'), 'hex');
const be16 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(4, '0'), 'hex');
const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');

function idsOf(
  { macs, addresses, ports, transport, tunnel, icmp: message }: Said,
  mode: 'L2' | 'L3',
  parent: string,
  ms: number,
  tid: string,
) {
  const byNetwork = (): boolean => {
    if (addresses === undefined) return false;
    const order = addresses[0].compare(addresses[1]);
    return order > 0 || (order === 0 && ports !== undefined && ports[0] > ports[1]);
  };
  const withMac = macs !== undefined && (mode === 'L2' || addresses === undefined);
  const macOrder = macs === undefined ? 0 : macBytes(macs[0]).compare(macBytes(macs[1]));
  const swap = withMac && macOrder !== 0 ? macOrder > 0 : byNetwork();
  const pair = (one: Buffer, other: Buffer): Buffer => Buffer.concat(swap ? [other, one] : [one, other]);
  const parts: Buffer[] = [];
  if (addresses !== undefined) parts.push(pair(...addresses), be64(addresses[0].length === 4 ? 1 : 2));
  if (tunnel !== undefined) parts.push(be32(tunnel.vni), be16(tunnel.port), be64(0));
  else if (ports !== undefined) parts.push(pair(be16(ports[0]), be16(ports[1])), be64(transport!));
  if (message !== undefined) parts.push(be32(message), be64(0));
  const text = (sum: bigint): string => sum.toString(16);
  const l3 = xxh64(Buffer.concat(parts), 0n);
  if (withMac) parts.push(pair(macBytes(macs[0]), macBytes(macs[1])), be64(3));
  const l2 = xxh64(Buffer.concat(parts), 0n);
  const key = xxh64(Buffer.concat([...parts, Buffer.from(parent)]), 0n);
  return {
    TrackingID: text(l2),
    L3TrackingID: text(l3),
    UUID: text(xxh64(Buffer.concat([be64(ms), Buffer.from(tid)]), key)),
    ParentUUID: parent,
  };
}

describe('ids of a record', () => {
  const macs = fc.tuple(fc.constantFrom(MAC_A, MAC_B), fc.constantFrom(MAC_A, MAC_B));
  const four = fc.tuple(fc.constantFrom(A, B, '9.200.0.1'), fc.constantFrom(A, B));
  const six = fc.tuple(fc.constantFrom('fd00::1', 'fd00::2'), fc.constantFrom('fd00::1', 'fe80::1'));
  const port = fc.constantFrom(1, 80, 1234, 65_535);
  const mode = fc.constantFrom('L2' as const, 'L3' as const);
  const tid = fc.constantFrom('', 'a-node');
  const ms = fc.constantFrom(0, 1_700_000_000_123);
  const bytes4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number));
  const bytes6 = (address: string): Buffer => {
    const [head = '', tail = ''] = address.split('::');
    const all = Buffer.alloc(16);
    all.writeUInt16BE(parseInt(head, 16));
    all.writeUInt16BE(parseInt(tail, 16), 14);
    return all;
  };

  const KINDS = fc.constantFrom('tcp', 'udp', 'sctp', 'echo', 'unreachable', 'other', 'neighbor', 'arp', 'raw');

  it('are hashes of what the specification says, whatever the packet', () => {
    fc.assert(
      fc.property(KINDS, macs, four, six, fc.boolean(), port, port, mode, tid, ms, (kind, ends, v4, v6, wide, p, q, keyed, nodeTid, at) => {
        const isSix = (wide && kind !== 'unreachable') || kind === 'neighbor';
        const addresses = isSix ? ([bytes6(v6[0]), bytes6(v6[1])] as const) : ([bytes4(v4[0]), bytes4(v4[1])] as const);
        const around = (protocol: number, inside: Buffer): Buffer =>
          isSix ? ipv6(protocol, inside, ...v6) : ipv4(protocol, inside, ...v4);
        const built = ((): { packet: Buffer; said: Said } => {
          switch (kind) {
            case 'tcp':
              return { packet: around(6, tcp(p, q)), said: { addresses, ports: [p, q], transport: 4 } };
            case 'udp':
              return { packet: around(17, udp(p, q)), said: { addresses, ports: [p, q], transport: 5 } };
            case 'sctp':
              return {
                packet: around(132, Buffer.concat([be16(p), be16(q), Buffer.alloc(8)])),
                said: { addresses, ports: [p, q], transport: 6 },
              };
            case 'echo':
              return { packet: around(isSix ? 58 : 1, icmp(isSix ? 128 : 8, 0, p)), said: { addresses, icmp: (2 << 24) | p } };
            case 'unreachable':
              return { packet: around(1, icmp(3, 4, p)), said: { addresses, icmp: (1 << 24) | (4 << 16) | p } };
            case 'neighbor':
              return { packet: around(58, Buffer.concat([Buffer.from([135, 0]), Buffer.alloc(22)])), said: { addresses, icmp: 3 << 24 } };
            case 'other':
              return { packet: around(200, payload(4)), said: { addresses } };
            default:
              return { packet: Buffer.concat([Buffer.from('0001080006040001', 'hex'), payload(20)]), said: {} };
          }
        })();
        const isBare = kind === 'raw';
        const { packet, said } = isBare
          ? { packet: around(17, udp(p, q)), said: { addresses, ports: [p, q], transport: 5 } as Said }
          : built;
        const frame = isBare ? packet : ethernet(kind === 'arp' ? 0x0806 : isSix ? IPV6 : IPV4, packet, ...ends);
        const [flow] = flowsOf({ layerKeyMode: keyed, nodeTid }, { frame, ms: at, ...(isBare && { linkType: isSix ? 229 : 228 }) });
        expect(flow).toMatchObject(idsOf({ ...said, ...(isBare ? {} : { macs: ends }) }, keyed, '', at, nodeTid));
      }),
      { numRuns: 500 },
    );
  });

  const inner = ethernet(IPV4, ipv4(6, tcp(1234, 80), '192.168.0.9', '192.168.0.2'), MAC_B, MAC_A);
  const innerSaid: Said = {
    macs: [MAC_B, MAC_A],
    addresses: [bytes4('192.168.0.9'), bytes4('192.168.0.2')],
    ports: [1234, 80],
    transport: 4,
  };
  const outer = { macs: [MAC_A, MAC_B], addresses: [bytes4(A), bytes4(B)] } as const;

  it.each(['L2', 'L3'] as const)('of tunnels take network and port instead of both ports, and the parent, in mode %s', (layerKeyMode) => {
    const check = (frame: Buffer, said: Said, insideSaid: Said = innerSaid): void => {
      const [tunnel, inside] = flowsOf({ layerKeyMode, nodeTid: 'n' }, { frame, ms: 7 });
      const ids = idsOf(said, layerKeyMode, '', 7, 'n');
      expect(tunnel).toMatchObject(ids);
      expect(inside).toMatchObject(idsOf(insideSaid, layerKeyMode, ids.UUID, 7, 'n'));
    };
    const bare = { ...innerSaid, macs: undefined };
    const bareInner = inner.subarray(14);
    check(there(ipv4(17, udp(5000, 4789, vxlan(42, inner)))), { ...outer, tunnel: { vni: 42, port: 4789 } });
    check(there(ipv4(17, udp(5000, 6081, geneve(7, 0x6558, inner)))), { ...outer, tunnel: { vni: 7, port: 6081 } });
    check(there(ipv4(47, gre(0x6558, inner, 99))), outer);
    check(there(ipv4(47, gre(IPV4, bareInner))), outer, bare);
    check(ethernet(0x8847, mpls(5, true, bareInner)), { macs: outer.macs }, bare);
  });
});
