import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import { LAYER_NAMES } from '../../src/flow/decode/layers.js';
import { describeWith, program } from '../needs.js';
import { dns, dot1q, ethernet, geneve, gre, icmp, ipv4, ipv6, mpls, payload, pcapOf, SYN, tcp, udp, vxlan } from './frames.js';
import { flowsOf } from './tables.js';

/** Every name that may stand in `LayersPath` (flows.md §2.4), in messages as they are on the wire; tshark says that they are that. */

const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join('').replaceAll(/\s/g, ''), 'hex');
const zeros = (count: number): string => '00'.repeat(count);

const over4 = (protocol: number, inside: Buffer): Buffer => ethernet(0x0800, ipv4(protocol, inside));
const over6 = (next: number, inside: Buffer): Buffer => ethernet(0x86dd, ipv6(next, inside, 'fe80::1', 'ff02::1', 255));
const datagram4 = (port: number, inside: Buffer): Buffer => over4(17, udp(port === 5060 ? port : 40_000, port, inside));
const icmp6 = (text: string): Buffer => over6(58, hex(text));
/** Multicast listeners ask routers to look. */
const listener = (text: string): Buffer => over6(0, hex('3a00 0502 0000 0100', text));
const chunk = (text: string): Buffer => over4(132, hex('0b59 0b5a 00000001 00000000', text));
const text = (lines: readonly string[]): Buffer => Buffer.from([...lines, '', ''].join('\r\n'));
const length3 = (inside: Buffer, target = '01:80:c2:00:00:00'): Buffer => ethernet(inside.length, inside, '00:1c:0e:87:78:04', target);

const web = tcp(40_000, 80, SYN);
const ADDRESS = 'fe80 0000 0000 0000 0000 0000 0000 0001';
const GROUP = 'ff02 0000 0000 0000 0000 0000 0000 00fb';
const OWN_MAC = '0101 020000000001';
const MADE_OF_EAP = '0101 0005 01';
const PROBE = text(['OPTIONS sip:alice@example.org SIP/2.0', 'Via: SIP/2.0/UDP 10.0.0.1:5060', 'CSeq: 1 OPTIONS', 'Content-Length: 0']);
const FINE = text(['SIP/2.0 200 OK', 'Via: SIP/2.0/UDP 10.0.0.1:5060', 'CSeq: 1 OPTIONS', 'Content-Length: 0']);
const DISCOVER = hex('01010600 3903f326 0000 8000', zeros(16), '020000000001', zeros(10 + 64 + 128), '63825363 350101 ff');
const TIME = hex('2300 06e8', zeros(8), '4c4f434c', zeros(24), 'e5f0a1b2 00000000');
const ASK = hex('01 01 0014', zeros(16));

/** Path, a frame of it, and what tshark calls its last layer. */
const PATHS: readonly (readonly [path: string, frame: Buffer, tshark: string])[] = [
  ['Ethernet/ARP', ethernet(0x0806, hex('0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002')), 'arp'],
  ['Ethernet/IPv4/TCP', over4(6, web), 'tcp'],
  ['Ethernet/IPv6/TCP', ethernet(0x86dd, ipv6(6, web)), 'tcp'],
  ['Ethernet/IPv4/UDP', over4(17, udp(40_000, 40_001)), 'udp'],
  ['Ethernet/Dot1Q/IPv4/TCP', ethernet(0x8100, dot1q(5, 0x0800, ipv4(6, web))), 'vlan'],
  ['Ethernet/Dot1Q/Dot1Q/IPv4/TCP', ethernet(0x88a8, dot1q(5, 0x8100, dot1q(6, 0x0800, ipv4(6, web)))), 'vlan'],
  ['Ethernet/IPv4/IPv4/TCP', over4(4, ipv4(6, web)), 'ip:tcp'],
  ['Ethernet/IPv4/IPv6/TCP', over4(41, ipv6(6, web)), 'ipv6:tcp'],
  ['Ethernet/IPv4/Fragment', ethernet(0x0800, ipv4(17, payload(8), undefined, undefined, { id: 9, fragmentOffset: 2 })), 'ip'],
  ['Ethernet/IPv4/ICMPv4', over4(1, icmp(8, 0, 5)), 'icmp'],
  ['Ethernet/IPv4/UDPLite', over4(136, hex('9c40 9c41 0008 0000 61')), 'udplite'],
  ['Ethernet/IPv4/RUDP', over4(27, hex('c2 09 9c41 0000 00000001 00000000 00000000')), 'ip'],
  ['Ethernet/IPv4/IPSecESP', over4(50, hex('00000201 00000001', zeros(24))), 'esp'],
  ['Ethernet/IPv4/IPSecAH/TCP', over4(51, Buffer.concat([hex('06 04 0000 00000301 00000001', zeros(12)), web])), 'ah'],
  ['Ethernet/IPv4/EtherIP/Ethernet/IPv4/TCP', over4(97, Buffer.concat([hex('3000'), over4(6, web)])), 'etherip'],

  ['Ethernet/IPv4/IGMP', over4(2, hex('11 64 ee9b 00000000')), 'igmp'],
  ['Ethernet/IPv4/IGMP', over4(2, hex('22 00 f9fd 0000 0001 04 00 0000 e00000fb')), 'igmp'],
  [
    'Ethernet/IPv4/OSPF',
    over4(89, hex('02 01 002c 01010101 00000000 0000 0000', zeros(8), 'ffffff00 000a 02 01 00000028 0a000001 00000000')),
    'ospf',
  ],
  [
    'Ethernet/IPv6/OSPF',
    over6(89, hex('03 01 0024 01010101 00000000 0000 00 00', '00000005 01 000013 000a 0028 00000000 00000000')),
    'ospf',
  ],
  ['Ethernet/IPv4/VRRP', over4(112, hex('21 01 64 01 00 01 ba52 c0a80001', zeros(8))), 'vrrp'],

  ['Ethernet/IPv6/ICMPv6/ICMPv6Echo', icmp6('80 00 0000 0001 0001'), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6/ICMPv6RouterSolicitation', icmp6(`85 00 0000 00000000 ${OWN_MAC}`), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6/ICMPv6RouterAdvertisement', icmp6(`86 00 0000 40 00 0708 00000000 00000000 ${OWN_MAC}`), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6/ICMPv6NeighborSolicitation', icmp6(`87 00 0000 00000000 ${ADDRESS} ${OWN_MAC}`), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6/ICMPv6NeighborAdvertisement', icmp6(`88 00 0000 60000000 ${ADDRESS} 0201 020000000001`), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6/ICMPv6Redirect', icmp6(`89 00 0000 00000000 ${ADDRESS} ${ADDRESS}`), 'icmpv6'],
  ['Ethernet/IPv6/ICMPv6', icmp6('01 04 0000 00000000 61616161'), 'icmpv6'],
  ['Ethernet/IPv6/IPv6HopByHop/ICMPv6/MLDv1MulticastListenerQuery', listener(`82 00 0000 2710 0000 ${zeros(16)}`), 'icmpv6'],
  ['Ethernet/IPv6/IPv6HopByHop/ICMPv6/MLDv1MulticastListenerReport', listener(`83 00 0000 0000 0000 ${GROUP}`), 'icmpv6'],
  ['Ethernet/IPv6/IPv6HopByHop/ICMPv6/MLDv1MulticastListenerDone', listener(`84 00 0000 0000 0000 ${GROUP}`), 'icmpv6'],
  ['Ethernet/IPv6/IPv6HopByHop/ICMPv6/MLDv2MulticastListenerQuery', listener(`82 00 0000 2710 0000 ${zeros(16)} 02 7d 0000`), 'icmpv6'],
  ['Ethernet/IPv6/IPv6HopByHop/ICMPv6/MLDv2MulticastListenerReport', listener(`8f 00 0000 0000 0001 04 00 0000 ${GROUP}`), 'icmpv6'],
  ['Ethernet/IPv6/IPv6Destination/TCP', over6(60, Buffer.concat([hex('06 00 0104 00000000'), web])), 'ipv6.dstopts'],
  ['Ethernet/IPv6/IPv6Routing/TCP', over6(43, Buffer.concat([hex('06 02 00 00 00000000', ADDRESS), web])), 'ipv6.routing'],
  ['Ethernet/IPv6/IPv6Fragment/Fragment', over6(44, hex('11 00 0001 00000007 6161616161616161')), 'ipv6.fraghdr'],

  ['Ethernet/IPv4/SCTP/SCTPData', chunk('00 03 0014 00000001 0000 0000 00000000 61616161'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPInit', chunk('01 00 0014 00000001 00010000 000a 000a 00000001'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPInitAck', chunk('02 00 001c 00000001 00010000 000a 000a 00000001 0007 0008 61616161'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPSack', chunk('03 00 0010 00000001 00010000 0000 0000'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPHeartbeat', chunk('04 00 000c 0001 0008 61616161'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPHeartbeatAck', chunk('05 00 000c 0001 0008 61616161'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPAbort', chunk('06 00 0004'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPShutdown', chunk('07 00 0008 00000001'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPShutdownAck', chunk('08 00 0004'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPError', chunk('09 00 000c 0001 0008 00010000'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPCookieEcho', chunk('0a 00 0008 61616161'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPCookieAck', chunk('0b 00 0004'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPShutdownComplete', chunk('0e 00 0004'), 'sctp'],
  ['Ethernet/IPv4/SCTP', chunk('c0 00 0008 00000001'), 'sctp'],
  ['Ethernet/IPv4/SCTP/SCTPSack', chunk('03 00 0010 00000001 00010000 0000 0000 0c 00 0008 00000001'), 'sctp'],
  [
    'Ethernet/IPv4/SCTP/SCTPSack/SCTPData',
    chunk('03 00 0010 00000001 00010000 0000 0000 00 03 0014 00000001 0000 0000 00000000 61616161'),
    'sctp',
  ],

  ['Ethernet/IPv4/UDP/DNS', datagram4(53, dns(1, 'example.org')), 'dns'],
  ['Ethernet/IPv4/UDP/DHCPv4', datagram4(67, DISCOVER), 'dhcp'],
  ['Ethernet/IPv4/UDP/DHCPv4', over4(17, udp(67, 68, Buffer.concat([hex('02'), DISCOVER.subarray(1)]))), 'dhcp'],
  ['Ethernet/IPv4/UDP/NTP', datagram4(123, TIME), 'ntp'],
  ['Ethernet/IPv6/UDP/DHCPv6', over6(17, udp(546, 547, hex('01 100874 0001 000a 0003 0001 080027fe8f95 0008 0002 0000'))), 'dhcpv6'],
  [
    'Ethernet/IPv6/UDP/DHCPv6',
    over6(17, udp(547, 547, hex('0c 00', ADDRESS, ADDRESS, '0009 0012 01 100874 0001 000a 0003 0001 080027fe8f95'))),
    'dhcpv6',
  ],
  ['Ethernet/IPv4/UDP/RMCP', datagram4(623, hex('06 00 ff 07 00 00000000 00000000 09 20 18 c8 81 00 38 8e 04 b5')), 'rmcp'],
  ['Ethernet/IPv4/UDP/RMCP/ASF', datagram4(623, hex('06 00 ff 06 000011be 80 00 00 00')), 'asf'],
  [
    'Ethernet/IPv4/UDP/RMCP/ASF/ASFPresencePong',
    datagram4(623, hex('06 00 ff 06 000011be 40 00 00 10 000011be 00000000 81 00', zeros(6))),
    'asf',
  ],
  ['Ethernet/IPv4/UDP/RADIUS', datagram4(1812, hex('01 05 001b', zeros(16), '01 07 616c696365')), 'radius'],
  ['Ethernet/IPv4/UDP/RADIUS/EAP', datagram4(1812, hex('01 06 001b', zeros(16), '4f 07', MADE_OF_EAP)), 'eap'],
  ['Ethernet/IPv4/UDP/GTPv1U', datagram4(2152, hex('32 01 0004 00000000 0001 00 00')), 'gtp'],
  ['Ethernet/IPv4/UDP/GTPv1U/IPv4/TCP', datagram4(2152, Buffer.concat([hex('30 ff 0028 00000001'), ipv4(6, web)])), 'gtp'],
  [
    'Ethernet/IPv4/UDP/GTPv1U/IPv6/TCP',
    datagram4(2152, Buffer.concat([hex('34 ff 0044 00000001 0000 00 85 01 00 01 00'), ipv6(6, web)])),
    'gtp',
  ],
  ['Ethernet/IPv4/UDP/BFD', datagram4(3784, hex('20 40 05 18 00000001 00000000 000f4240 000f4240 00000000')), 'bfd'],
  ['Ethernet/IPv4/UDP/SIP', datagram4(5060, PROBE), 'sip'],
  ['Ethernet/IPv4/UDP/SIP', over4(17, udp(5060, 5060, FINE)), 'sip'],
  [
    'Ethernet/IPv4/UDP/SFlow',
    datagram4(6343, hex('00000005 00000001 0a000001 00000000 00000001 00000064 00000001 00000002 0000000c 00000001 00000001 00000000')),
    'sflow',
  ],
  ['Ethernet/IPv4/UDP/VXLAN', datagram4(4789, vxlan(5, over4(6, web))), 'vxlan'],
  ['Ethernet/IPv4/UDP/Geneve', datagram4(6081, geneve(5, 0x6558, over4(6, web))), 'geneve'],
  ['Ethernet/IPv4/GRE', over4(47, gre(0x0800, ipv4(6, web))), 'gre'],
  ['Ethernet/IPv4/GRE/MPLS', over4(47, gre(0x8847, mpls(5, true, ipv4(6, web)))), 'mpls'],
  ['Ethernet/MPLS', ethernet(0x8847, mpls(5, true, ipv4(6, web))), 'mpls'],
  ['Ethernet/MPLS', ethernet(0x8848, mpls(5, true, ipv4(6, web))), 'mpls'],

  ['Ethernet/PPPoE', ethernet(0x8863, hex('11 09 0000 0004 0101 0000')), 'pppoed'],
  ['Ethernet/PPPoE/PPP', ethernet(0x8864, hex('11 00 0001 0006 c021 09 01 0004')), 'lcp'],
  ['Ethernet/PPPoE/PPP/IPv4/TCP', ethernet(0x8864, Buffer.concat([hex('11 00 0001 002a 0021'), ipv4(6, web)])), 'pppoes:ppp:ip'],
  ['Ethernet/PPPoE/PPP/IPv6/TCP', ethernet(0x8864, Buffer.concat([hex('11 00 0001 003e 0057'), ipv6(6, web)])), 'pppoes:ppp:ipv6'],
  ['Ethernet/EAPOL', ethernet(0x888e, hex('01 01 0000')), 'eapol'],
  ['Ethernet/EAPOL/EAP', ethernet(0x888e, hex('01 00 0005', MADE_OF_EAP)), 'eapol'],
  [
    'Ethernet/EAPOL/EAPOLKey',
    ethernet(0x888e, hex('02 03 005f 02 008a 0010 0000000000000001', '11'.repeat(32), zeros(16 + 8 + 8 + 16), '0000')),
    'eapol',
  ],
  [
    'Ethernet/LinkLayerDiscovery/LinkLayerDiscoveryInfo',
    ethernet(0x88cc, hex('0207 04 020000000001 0405 05 65746830 0602 0078 0000'), undefined, '01:80:c2:00:00:0e'),
    'lldp',
  ],
  [
    'Ethernet/EthernetCTP/EthernetCTPForwardData/EthernetCTPReply',
    ethernet(0x9000, hex('0000 0200 020000000002 0100 0000', zeros(30))),
    'loop',
  ],
  ['Ethernet/LLC/STP', length3(hex('424203 0000 00 00 00 8000 001c0e877800 00000000 8000 001c0e877800 8004 0000 1400 0200 0f00')), 'stp'],
  ['Ethernet/LLC/SNAP/CiscoDiscovery', length3(hex('aaaa03 00000c 2000 02 b4 fd4b'), '01:00:0c:cc:cc:cc'), 'cdp'],
  [
    'Ethernet/LLC/SNAP/CiscoDiscovery/CiscoDiscoveryInfo',
    length3(hex('aaaa03 00000c 2000 02 b4 0000 0001 0006 5231 0003 0008 65746830'), '01:00:0c:cc:cc:cc'),
    'cdp',
  ],
  ['Ethernet/LLC/SNAP/IPv4/TCP', length3(Buffer.concat([hex('aaaa03 000000 0800'), ipv4(6, web)])), 'llc:ip:tcp'],
  ['Ethernet/LLC', length3(hex('fefe03 83 1b 0100 0f01')), 'llc'],
  ['Ethernet', ethernet(0x88b5, payload(46)), 'ethertype'],
];

describe('each kind of packet has its path', () => {
  it.each(PATHS)('%s', (path, frame) => {
    const [outermost] = flowsOf({}, frame);
    expect(outermost!.LayersPath).toBe(path);
    expect(outermost!.Application).toBe(path.split('/').at(-1));
  });

  it('and each name of a layer one of these paths, but for those that are never in one', () => {
    const named = new Set(PATHS.flatMap(([path]) => path.split('/')));
    const unnamed = LAYER_NAMES.filter((name) => name !== '' && !named.has(name));
    // The header of ERSPAN is skipped, that of a cooked capture is left out; a loopback is a link type; two tell the kind of what follows.
    expect(unnamed.sort()).toEqual(['ERSPAN Type II', 'Linux SLL', 'Loopback', 'MPLSPayload', 'SCTPChunk']);
  });

  it('also where the link type, the configuration or a tunnel says what it is', () => {
    const pathsOf = (frame: Buffer, options = {}): (string | undefined)[] => flowsOf(options, frame).map(({ LayersPath }) => LayersPath);
    expect(flowsOf({}, { frame: Buffer.concat([hex('02000000'), ipv4(6, web)]), linkType: LINK_TYPE.null })[0]!.LayersPath).toBe(
      'Loopback/IPv4/TCP',
    );
    expect(pathsOf(datagram4(6_635, mpls(5, true, ipv4(6, web))), { mplsUdpPort: 6_635 })).toEqual(['Ethernet/IPv4/UDP/MPLS', 'IPv4/TCP']);
    const mirrored = over4(47, Buffer.concat([hex('1000 88be 00000001 1001 0001 00000000'), over4(6, web)]));
    expect(pathsOf(mirrored)).toEqual(['Ethernet/IPv4/GRE', 'Ethernet/IPv4/TCP']);
    expect(pathsOf(datagram4(8_472, vxlan(5, over4(6, web))))).toEqual(['Ethernet/IPv4/UDP/VXLAN', 'Ethernet/IPv4/TCP']);
    expect(pathsOf(over4(94, ipv4(6, web)))).toEqual(['Ethernet/IPv4/IPv4/TCP']);
    expect(pathsOf(over4(137, mpls(5, true, ipv4(6, web))))).toEqual(['Ethernet/IPv4/MPLS', 'IPv4/TCP']);
  });

  it('by the port that is asked first, else by the one that asks', () => {
    expect(flowsOf({}, over4(17, udp(53, 123, TIME)))[0]!.LayersPath).toBe('Ethernet/IPv4/UDP/NTP');
    expect(flowsOf({}, over4(17, udp(123, 40_000, TIME)))[0]!.LayersPath).toBe('Ethernet/IPv4/UDP/NTP');
    expect(flowsOf({}, over4(17, udp(1812, 40_000, ASK)))[0]!.LayersPath).toBe('Ethernet/IPv4/UDP/RADIUS');
  });

  it('up to what is whole inside', () => {
    const UDP = 'Ethernet/IPv4/UDP';
    const SCTP = 'Ethernet/IPv4/SCTP';
    const noHardware = Buffer.from(DISCOVER);
    noHardware[2] = 228;
    for (const [path, frame] of [
      [UDP, datagram4(67, noHardware)],
      [SCTP, chunk('01 00 0018 00000001 00010000 000a 000a 00000001 0007 0002')],
      [SCTP, chunk('03 00 0010 00000001 00010000 ffff ffff')],
      [SCTP, chunk('04 00 000c 0001 0014 61616161')],
      [SCTP, chunk('06 00 0009 000c 0005 61 000000')],
    ] as const)
      expect(flowsOf({}, frame)[0]!.LayersPath).toBe(path);
  });

  it('up to what is cut', () => {
    // A query of version 2 is a longer one of version 1.
    for (const [path, frame] of PATHS.filter(([whole]) => !whole.endsWith('MLDv2MulticastListenerQuery'))) {
      for (let cut = 14; cut < frame.length; cut++) {
        const [outermost] = flowsOf({}, frame.subarray(0, cut));
        expect(`${path}/`).toContain(`${outermost!.LayersPath}/`);
        expect(path.startsWith(outermost!.LayersPath!)).toBe(true);
      }
    }
  });
});

describeWith([program('tshark')], 'what has a path here', () => {
  it('is the same to tshark', () => {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-paths-'));
    try {
      const file = join(folder, 'paths.pcap');
      writeFileSync(file, pcapOf(PATHS.map(([, frame], index) => [1_000 + index, frame])));
      const said = execFileSync('tshark', ['-n', '-r', file, '-T', 'fields', '-e', 'frame.protocols'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const protocols = said.trim().split('\n');
      expect(protocols).toHaveLength(PATHS.length);
      const others = PATHS.flatMap(([path, , tshark], index) =>
        `:${protocols[index]!}:`.includes(`:${tshark}:`) ? [] : [`${path}: ${protocols[index]!}, not ${tshark}`],
      );
      expect(others).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
