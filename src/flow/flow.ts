import type { Dhcpv4Layer } from './layers/dhcpv4.js';
import type { DnsLayer } from './layers/dns.js';
import type { Vrrpv2Layer } from './layers/vrrpv2.js';

/** How a flow ended, as Skydive numbers it. */
export const FINISH_TYPE = { notFinished: 0, timeout: 1, tcpFin: 2, tcpRst: 3 } as const;
export type FinishType = (typeof FINISH_TYPE)[keyof typeof FINISH_TYPE];

export type LinkProtocol = 'ETHERNET';
export type NetworkProtocol = 'IPV4' | 'IPV6';
export type TransportProtocol = 'TCP' | 'UDP' | 'SCTP';

/** The two ends on one layer: the first packet's sender is A. */
export interface FlowLayer<Protocol extends string = string> {
  readonly Protocol: Protocol;
  /** MAC in lower case with colons, or the address as text. */
  readonly A: string;
  readonly B: string;
  /** Link: VLAN ids, the outermost in the low 12 bits. Network: the last VXLAN or Geneve VNI or GRE key of the packet's part, else 0. */
  readonly ID: number;
}

export interface TransportLayer {
  readonly Protocol: TransportProtocol;
  /** Ports. */
  readonly A: number;
  readonly B: number;
  readonly ID: number;
}

/** Names by number: the number is part of the flow's key. */
export const ICMP_TYPES = [
  'UNKNOWN',
  'DESTINATION_UNREACHABLE',
  'ECHO',
  'NEIGHBOR',
  'ADDRESS_MASK',
  'INFO',
  'PARAMETER_PROBLEM',
  'REDIRECT',
  'ROUTER',
  'SOURCE_QUENCH',
  'TIME_EXCEEDED',
  'TIMESTAMP',
  'PACKET_TOO_BIG',
] as const;
export type IcmpType = (typeof ICMP_TYPES)[number];

export interface IcmpLayer {
  readonly Type: IcmpType;
  /** Left out when 0, as is `ID`. */
  readonly Code?: number;
  readonly ID?: number;
}

/** Counters of a window of time, or of the whole flow. */
export interface FlowMetric {
  readonly ABPackets: number;
  readonly ABBytes: number;
  readonly BAPackets: number;
  readonly BABytes: number;
  /** Milliseconds since the epoch, both. */
  readonly Start: number;
  readonly Last: number;
  /** Nanoseconds of the latest completed exchange; left out when 0. */
  readonly RTT?: number;
}

/** Times are milliseconds since the epoch, 0 when not seen. The counters from `ABSegmentOutOfOrder` on come with TCP reassembly. */
export interface TcpMetric {
  readonly ABSynStart: number;
  readonly BASynStart: number;
  /** IPv4 TTL or IPv6 hop limit of the first SYN; left out when 0. */
  readonly ABSynTTL?: number;
  readonly BASynTTL?: number;
  readonly ABFinStart: number;
  readonly BAFinStart: number;
  readonly ABRstStart: number;
  readonly BARstStart: number;
  readonly ABSegmentOutOfOrder: number;
  readonly ABSegmentSkipped: number;
  readonly ABSegmentSkippedBytes: number;
  readonly ABPackets: number;
  readonly ABBytes: number;
  readonly ABSawStart: number;
  readonly ABSawEnd: number;
  readonly BASegmentOutOfOrder: number;
  readonly BASegmentSkipped: number;
  readonly BASegmentSkippedBytes: number;
  readonly BAPackets: number;
  readonly BABytes: number;
  readonly BASawStart: number;
  readonly BASawEnd: number;
}

/** Comes with IP defragmentation. */
export interface IpMetric {
  readonly Fragments: number;
  readonly FragmentErrors: number;
}

/** A packet kept as it was captured, from the part that its flow begins with. */
export interface RawPacket {
  /** Milliseconds since the epoch. */
  readonly Timestamp: number;
  /** Nanoseconds beside them, below 1,000,000; not in Skydive's JSON, as little as `WireLength`. */
  readonly Nanos: number;
  /** Counts from 1 within a flow. */
  readonly Index: number;
  readonly Data: Uint8Array;
  /** Bytes that it had; fewer are there of one that was cut. */
  readonly WireLength: number;
  /** pcap's number: 1 Ethernet, 228 IPv4, 229 IPv6. */
  readonly LinkType: number;
}

/**
 * A flow in Skydive's JSON form: what is optional here is left out when it is empty, everything else is always there. The order of
 * the keys is that of the JSON. Source: flow.proto as restated in docs/flows.md.
 */
export interface Flow {
  /** Hexadecimal 64-bit number without leading zeros, as are all ids of a flow: this flow at this capture. */
  readonly UUID: string;
  /** Decoded layers joined by "/". */
  readonly LayersPath?: string;
  readonly Application?: string;
  readonly Link?: FlowLayer<LinkProtocol>;
  readonly Network?: FlowLayer<NetworkProtocol>;
  readonly Transport?: TransportLayer;
  readonly ICMP?: IcmpLayer;
  readonly DHCPv4?: Dhcpv4Layer;
  readonly DNS?: DnsLayer;
  readonly VRRPv2?: Vrrpv2Layer;
  /** Since the update before. */
  readonly LastUpdateMetric?: FlowMetric;
  /** Since the flow's start. */
  readonly Metric?: FlowMetric;
  readonly TCPMetric?: TcpMetric;
  readonly IPMetric?: IpMetric;
  /** Milliseconds since the epoch of the first and the last packet. */
  readonly Start: number;
  readonly Last: number;
  /** The same conversation wherever it is captured. */
  readonly TrackingID?: string;
  /** The same without the link layer: survives routers. */
  readonly L3TrackingID?: string;
  /** The flow of the enclosing tunnel, or "". */
  readonly ParentUUID: string;
  readonly NodeTID?: string;
  readonly CaptureID?: string;
  /** How many raw packets were kept so far. */
  readonly RawPacketsCaptured: number;
  readonly FinishType?: Exclude<FinishType, 0>;
}

/** Layers and metrics that few flows have. */
export interface FlowDetails {
  readonly DHCPv4?: Dhcpv4Layer;
  readonly DNS?: DnsLayer;
  readonly VRRPv2?: Vrrpv2Layer;
  readonly TCPMetric?: TcpMetric;
  readonly IPMetric?: IpMetric;
}

/**
 * Why a flow was sent: `update` it goes on, `end` its time was up, `evicted` the table was full and it was idle for longest, `stop`
 * the capture ended, `moved` the capture went on in other threads: packets that follow make a new flow there. The number of a reason is its place here, in batches
 * too.
 */
export const SEND_REASONS = ['update', 'end', 'evicted', 'stop', 'moved'] as const;
export type SendReason = (typeof SEND_REASONS)[number];

/** What goes with a flow beside its JSON form. */
export interface FlowUpdate {
  readonly flow: Flow;
  readonly reason: SendReason;
  /** Raw packets kept since the last update. */
  readonly rawPackets: readonly RawPacket[];
  /** Wire segments of each direction: a frame that the network card split or joined counts as many; otherwise equal to the packets. */
  readonly abSegments: number;
  readonly baSegments: number;
}
