import { decodeArp } from './arp.js';
import { decodeCookedV1, decodeCookedV2, decodeLoopback } from './cooked.js';
import type { Cursor } from './cursor.js';
import { decodeDhcpv4, decodeDhcpv6 } from './dhcp.js';
import { decodeCdp, decodeEthernetCtp, decodeLldp } from './discovery.js';
import { decodeDns } from './dns.js';
import { decodeDot1q, takeOutOfBandTag } from './dot1q.js';
import { decodeEap, decodeEapol, decodeEapolKey } from './eap.js';
import { decodeEthernet } from './ethernet.js';
import { decodeGeneve } from './geneve.js';
import { decodeErspan, decodeGre } from './gre.js';
import { decodeGtp } from './gtp.js';
import { decodeIcmpv4 } from './icmpv4.js';
import { decodeIcmpv6, decodeIcmpv6Message, decodeListenerMessage } from './icmpv6.js';
import { decodeAh, decodeEsp, decodeEtherIp, decodeRudp } from './ipsec.js';
import { decodeFragment, decodeIpv4 } from './ipv4.js';
import { decodeIpv6, decodeIpv6Fragment, decodeIpv6Options, decodeIpv6Routing } from './ipv6.js';
import { LAYER, STOP } from './layers.js';
import { decodeLlc, decodeSnap } from './llc.js';
import { decodeMpls, guessMplsPayload } from './mpls.js';
import { decodePpp, decodePppoe } from './ppp.js';
import { decodeRadius } from './radius.js';
import { decodeBfd, decodeIgmp, decodeOspf, decodeVrrp } from './routing.js';
import { decodeSctp, decodeSctpChunk } from './sctp.js';
import { decodeAsf, decodeNtp, decodePresencePong, decodeRmcp, decodeSflow } from './services.js';
import { decodeSip } from './sip.js';
import { decodeTcp } from './tcp.js';
import { decodeUdp, decodeUdpLite } from './udp.js';
import { decodeVxlan } from './vxlan.js';

/** pcap's link types (https://www.tcpdump.org/linktypes.html) that are decoded. */
export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawBsd: 12,
  rawOpenBsd: 14,
  pppSerial: 50,
  raw: 101,
  loop: 108,
  sll: 113,
  ipv4: 228,
  ipv6: 229,
  sll2: 276,
} as const;

/** The first layer of a packet of a link type; 0 for one that is not decoded. */
function firstLayer(at: Cursor, linkType: number): number {
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return LAYER.Ethernet;
    case LINK_TYPE.sll:
      return decodeCookedV1(at);
    case LINK_TYPE.sll2:
      return decodeCookedV2(at);
    case LINK_TYPE.ipv4:
      return LAYER.IPv4;
    case LINK_TYPE.ipv6:
      return LAYER.IPv6;
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.rawOpenBsd: {
      const version = at.remaining > 0 ? at.u8(0) >> 4 : 0;
      return version === 4 ? LAYER.IPv4 : version === 6 ? LAYER.IPv6 : LAYER.ARP;
    }
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      return decodeLoopback(at);
    case LINK_TYPE.ppp:
    case LINK_TYPE.pppSerial:
      return LAYER.PPP;
    default:
      return STOP;
  }
}

/**
 * Decodes the packet on which the cursor was opened into its parts. `vlanTag` is one that the kernel took out of the frame, 0 for
 * none; `layerByUdpPort` tells what UDP carries.
 */
export function dissect(at: Cursor, linkType: number, vlanTag: number, layerByUdpPort: Uint8Array): void {
  let next = firstLayer(at, linkType);
  if (vlanTag !== 0 && next === LAYER.Ethernet) {
    next = decodeEthernet(at);
    if (at.slice.hasMac) takeOutOfBandTag(at, vlanTag);
  }
  while (next !== STOP && at.position < at.end) next = decodeNext(at, next, layerByUdpPort);
}

function decodeNext(at: Cursor, layer: number, layerByUdpPort: Uint8Array): number {
  // The commonest first: everything else is behind one more call.
  if (layer === LAYER.Ethernet) return decodeEthernet(at);
  if (layer === LAYER.IPv4) return decodeIpv4(at);
  if (layer === LAYER.TCP) return decodeTcp(at);
  if (layer === LAYER.UDP) return decodeUdp(at, layerByUdpPort);
  if (layer === LAYER.IPv6) return decodeIpv6(at);
  return (DECODERS[layer] ?? stop)(at, layer);
}

const stop = (): number => STOP;

type Decoder = (at: Cursor, layer: number) => number;

/** Decoders of the rarer layers by number. */
const DECODERS: Decoder[] = [];
const assign = (decoder: Decoder, ...layers: number[]): void => layers.forEach((layer) => (DECODERS[layer] = decoder));
assign(decodeDot1q, LAYER.Dot1Q);
assign(decodeArp, LAYER.ARP);
assign(decodeIcmpv4, LAYER.ICMPv4);
assign(decodeIcmpv6, LAYER.ICMPv6);
assign(
  decodeIcmpv6Message,
  LAYER.ICMPv6Echo,
  LAYER.ICMPv6RouterSolicitation,
  LAYER.ICMPv6RouterAdvertisement,
  LAYER.ICMPv6NeighborSolicitation,
  LAYER.ICMPv6NeighborAdvertisement,
  LAYER.ICMPv6Redirect,
);
assign(
  decodeListenerMessage,
  LAYER.MLDv1MulticastListenerQuery,
  LAYER.MLDv1MulticastListenerReport,
  LAYER.MLDv1MulticastListenerDone,
  LAYER.MLDv2MulticastListenerQuery,
  LAYER.MLDv2MulticastListenerReport,
);
assign(decodeSctp, LAYER.SCTP);
assign(decodeSctpChunk, LAYER.SCTPChunk);
assign(decodeGre, LAYER.GRE);
assign(decodeErspan, LAYER['ERSPAN Type II']);
assign(decodeMpls, LAYER.MPLS);
assign(guessMplsPayload, LAYER.MPLSPayload);
assign(decodeVxlan, LAYER.VXLAN);
assign(decodeGeneve, LAYER.Geneve);
assign(decodePpp, LAYER.PPP);
assign(decodePppoe, LAYER.PPPoE);
assign(decodeLlc, LAYER.LLC);
assign(decodeSnap, LAYER.SNAP);
assign((at, layer) => (at.layer(layer, at.remaining), STOP), LAYER.STP);
assign(decodeFragment, LAYER.Fragment);
assign(decodeIpv6Options, LAYER.IPv6HopByHop, LAYER.IPv6Destination);
assign(decodeIpv6Routing, LAYER.IPv6Routing);
assign(decodeIpv6Fragment, LAYER.IPv6Fragment);
assign(decodeAh, LAYER.IPSecAH);
assign(decodeEsp, LAYER.IPSecESP);
assign(decodeEtherIp, LAYER.EtherIP);
assign(decodeRudp, LAYER.RUDP);
assign(decodeUdpLite, LAYER.UDPLite);
assign(decodeIgmp, LAYER.IGMP);
assign(decodeOspf, LAYER.OSPF);
assign(decodeVrrp, LAYER.VRRP);
assign(decodeBfd, LAYER.BFD);
assign(decodeLldp, LAYER.LinkLayerDiscovery);
assign(decodeCdp, LAYER.CiscoDiscovery);
assign(decodeEthernetCtp, LAYER.EthernetCTP);
assign(decodeEapol, LAYER.EAPOL);
assign(decodeEapolKey, LAYER.EAPOLKey);
assign((at) => decodeEap(at, at.slice.lastLayer === LAYER.RADIUS), LAYER.EAP);
assign(decodeDns, LAYER.DNS);
assign(decodeDhcpv4, LAYER.DHCPv4);
assign(decodeDhcpv6, LAYER.DHCPv6);
assign(decodeNtp, LAYER.NTP);
assign(decodeRmcp, LAYER.RMCP);
assign(decodeAsf, LAYER.ASF);
assign(decodePresencePong, LAYER.ASFPresencePong);
assign(decodeRadius, LAYER.RADIUS);
assign(decodeGtp, LAYER.GTPv1U);
assign(decodeSip, LAYER.SIP);
assign(decodeSflow, LAYER.SFlow);
