/** Numbers of the kinds of endpoints: they are hashed into the keys of flows, so they are Skydive's. */
export const ENDPOINT = { ipv4: 1, ipv6: 2, mac: 3, tcp: 4, udp: 5, sctp: 6 } as const;

/** Bits of a TCP header's flags. */
export const TCP_FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/** An ICMP echo's direction. */
export const ECHO = { none: 0, request: 1, reply: 2 } as const;

/**
 * One part of a packet: everything up to and including a tunnel's header, or the rest. Each part belongs to a flow of its own. The
 * object is filled again for every packet. Addresses are 32-bit words in the order of the bytes, signed; an IPv4 address is word 0.
 */
export class Slice {
  /** Position of the first byte in the memory of the packet. */
  start = 0;
  /** Number of the path in the table of paths, and of the last layer in it. */
  path = 0;
  lastLayer = 0;
  startsWithEthernet = false;

  hasMac = false;
  sourceMacHigh = 0;
  sourceMacLow = 0;
  targetMacHigh = 0;
  targetMacLow = 0;
  /** VLAN ids, outermost in the low 12 bits, and how many were folded in. */
  linkId = 0;
  tags = 0;

  /** `ENDPOINT.ipv4`, `ENDPOINT.ipv6` or 0. */
  network = 0;
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  target0 = 0;
  target1 = 0;
  target2 = 0;
  target3 = 0;
  /** Bytes of the whole datagram as its header says; 0 when it does not. */
  datagramLength = 0;
  /** IPv4 TTL or IPv6 hop limit. */
  hopLimit = 0;
  /** VNI or GRE key of the tunnel in this part, signed. */
  networkId = 0;
  /** Position of the first IPv4 header, where it is a fragment; -1 otherwise. */
  fragmentAt = -1;

  /** `ENDPOINT.tcp`, `udp`, `sctp` or 0. */
  transport = 0;
  sourcePort = 0;
  targetPort = 0;
  /** Whether the key takes the tunnel's VNI and target port instead of both ports. */
  keyedByTunnel = false;

  tcpFlags = 0;
  tcpSequence = 0;
  /** First byte of TCP's data and the number of data bytes as the datagram says; the capture may hold fewer. */
  tcpDataAt = 0;
  tcpDataLength = 0;

  hasIcmp = false;
  /** Skydive's number of the type, the code and the id as in the key: `type << 24 | code << 16 | id`. */
  icmp = 0;
  echo = 0;

  /** Where DNS, DHCPv4 or VRRP begin, 0 when there is none, and the end of the bytes that they may have. */
  dnsAt = 0;
  dhcpAt = 0;
  vrrpAt = 0;
  extraEnd = 0;

  begin(start: number): void {
    this.start = start;
    this.path = 0;
    this.lastLayer = 0;
    this.startsWithEthernet = false;
    this.hasMac = false;
    this.linkId = 0;
    this.tags = 0;
    this.network = 0;
    this.datagramLength = 0;
    this.networkId = 0;
    this.fragmentAt = -1;
    this.transport = 0;
    this.keyedByTunnel = false;
    this.tcpFlags = 0;
    this.hasIcmp = false;
    this.icmp = 0;
    this.echo = 0;
    this.dnsAt = 0;
    this.dhcpAt = 0;
    this.vrrpAt = 0;
  }
}
