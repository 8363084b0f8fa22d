import { LAYER } from './layers.js';

/** Layer behind each EtherType (IEEE 802); 0 for those that are not decoded. Types below 0x600 are lengths. */
export const BY_ETHER_TYPE = new Uint8Array(0x10000);
BY_ETHER_TYPE[0x0000] = LAYER.LLC;
BY_ETHER_TYPE[0x0800] = LAYER.IPv4;
BY_ETHER_TYPE[0x0806] = LAYER.ARP;
BY_ETHER_TYPE[0x2000] = LAYER.CiscoDiscovery;
BY_ETHER_TYPE[0x6558] = LAYER.Ethernet;
BY_ETHER_TYPE[0x8100] = LAYER.Dot1Q;
BY_ETHER_TYPE[0x86dd] = LAYER.IPv6;
BY_ETHER_TYPE[0x880b] = LAYER.PPP;
BY_ETHER_TYPE[0x8847] = LAYER.MPLS;
BY_ETHER_TYPE[0x8848] = LAYER.MPLS;
BY_ETHER_TYPE[0x8863] = LAYER.PPPoE;
BY_ETHER_TYPE[0x8864] = LAYER.PPPoE;
BY_ETHER_TYPE[0x888e] = LAYER.EAPOL;
BY_ETHER_TYPE[0x88a8] = LAYER.Dot1Q;
BY_ETHER_TYPE[0x88be] = LAYER['ERSPAN Type II'];
BY_ETHER_TYPE[0x88cc] = LAYER.LinkLayerDiscovery;
BY_ETHER_TYPE[0x9000] = LAYER.EthernetCTP;

/** Layer behind each IP protocol number (IANA); 0 for those that are not decoded. */
export const BY_IP_PROTOCOL = new Uint8Array(0x100);
BY_IP_PROTOCOL[0] = LAYER.IPv6HopByHop;
BY_IP_PROTOCOL[1] = LAYER.ICMPv4;
BY_IP_PROTOCOL[2] = LAYER.IGMP;
BY_IP_PROTOCOL[4] = LAYER.IPv4;
BY_IP_PROTOCOL[6] = LAYER.TCP;
BY_IP_PROTOCOL[17] = LAYER.UDP;
BY_IP_PROTOCOL[27] = LAYER.RUDP;
BY_IP_PROTOCOL[41] = LAYER.IPv6;
BY_IP_PROTOCOL[43] = LAYER.IPv6Routing;
BY_IP_PROTOCOL[44] = LAYER.IPv6Fragment;
BY_IP_PROTOCOL[47] = LAYER.GRE;
BY_IP_PROTOCOL[50] = LAYER.IPSecESP;
BY_IP_PROTOCOL[51] = LAYER.IPSecAH;
BY_IP_PROTOCOL[58] = LAYER.ICMPv6;
BY_IP_PROTOCOL[60] = LAYER.IPv6Destination;
BY_IP_PROTOCOL[89] = LAYER.OSPF;
BY_IP_PROTOCOL[94] = LAYER.IPv4;
BY_IP_PROTOCOL[97] = LAYER.EtherIP;
BY_IP_PROTOCOL[112] = LAYER.VRRP;
BY_IP_PROTOCOL[132] = LAYER.SCTP;
BY_IP_PROTOCOL[136] = LAYER.UDPLite;
BY_IP_PROTOCOL[137] = LAYER.MPLS;

/** Layer behind each UDP port that has one. */
const UDP_PORTS: readonly (readonly [port: number, layer: number])[] = [
  [53, LAYER.DNS],
  [67, LAYER.DHCPv4],
  [68, LAYER.DHCPv4],
  [123, LAYER.NTP],
  [546, LAYER.DHCPv6],
  [547, LAYER.DHCPv6],
  [623, LAYER.RMCP],
  [1812, LAYER.RADIUS],
  [2152, LAYER.GTPv1U],
  [3784, LAYER.BFD],
  [4789, LAYER.VXLAN],
  [5060, LAYER.SIP],
  [6081, LAYER.Geneve],
  [6343, LAYER.SFlow],
  [8472, LAYER.VXLAN],
];

/** The table of a capture; `mplsPort` carries MPLS there, 0 for none. */
export function layersByUdpPort(mplsPort: number): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const [port, layer] of UDP_PORTS) table[port] = layer;
  if (mplsPort !== 0) table[mplsPort] = LAYER.MPLS;
  return table;
}

/** Layer behind a PPP protocol number (IANA); 0 for those that are not decoded. */
export function byPppProtocol(protocol: number): number {
  switch (protocol) {
    case 0x21:
      return LAYER.IPv4;
    case 0x57:
      return LAYER.IPv6;
    case 0x281:
    case 0x283:
      return LAYER.MPLS;
    default:
      return 0;
  }
}
