import { createUnionType, Field, ID, Int, ObjectType } from 'type-graphql';
import type { Json } from '../src/common/json.js';
import { FlowDimension, FlowFinish, FlowSource } from './enums.js';
import { ResyncRequired } from './events.js';
import { Node } from './node.js';
import { PageInfo } from './page.js';
import { Base64, Counter, Cursor, DateTime, IPAddress, JSONValue, MAC } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'The link layer of a flow.' })
export class LinkLayer {
  @Field(() => String, { description: '`ETHERNET`.' })
  protocol!: string;

  @Field(() => MAC, { description: 'Who sent the first packet.' })
  a!: string;

  @Field(() => MAC, { description: 'The other.' })
  b!: string;

  @Field(() => Counter, { description: 'VLAN ids, the outermost in the low 12 bits; 0 for none.' })
  id!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The network layer of a flow.' })
export class NetworkLayer {
  @Field(() => String, { description: '`IPV4` or `IPV6`.' })
  protocol!: string;

  @Field(() => IPAddress, { description: 'Who sent the first packet.' })
  a!: string;

  @Field(() => IPAddress, { description: 'The other.' })
  b!: string;

  @Field(() => Counter, { description: 'VXLAN or Geneve network, or GRE key; 0 for none.' })
  id!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The transport layer of a flow.' })
export class TransportLayer {
  @Field(() => String, { description: '`TCP`, `UDP` or `SCTP`.' })
  protocol!: string;

  @Field(() => Int, { description: 'Port of who sent the first packet.' })
  a!: number;

  @Field(() => Int, { description: 'Port of the other.' })
  b!: number;
}

@ObjectType({ simpleResolvers: true, description: 'ICMP of a flow. Requests and replies share one.' })
export class IcmpLayer {
  @Field(() => String, { description: '`ECHO`, `NEIGHBOR`, `DESTINATION_UNREACHABLE`…' })
  type!: string;

  @Field(() => Int, { description: 'Code.' })
  code!: number;

  @Field(() => Int, { description: 'Identifier of echos.' })
  id!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What was counted in a stretch of time. A sent the first packet.' })
export class FlowMetric {
  @Field(() => Counter, { description: 'Packets from A to B.' })
  abPackets!: number;

  @Field(() => Counter, { description: 'Bytes from A to B.' })
  abBytes!: number;

  @Field(() => Counter, { description: 'Packets from B to A.' })
  baPackets!: number;

  @Field(() => Counter, { description: 'Bytes from B to A.' })
  baBytes!: number;

  @Field(() => Counter, {
    nullable: true,
    description: 'Nanoseconds of the latest exchange that completed: SYN and its answer, echo and reply.',
  })
  rttNanos?: number;

  @Field(() => DateTime, { description: 'When it began.' })
  start!: number;

  @Field(() => DateTime, { description: 'When it ended.' })
  last!: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A TCP connection, where the capture asks for it (`extraTcpMetric`, `reassembleTcp`) or the kernel counts.',
})
export class TcpMetric {
  @Field(() => DateTime, { nullable: true, description: 'First SYN of A; `null` where none was seen.' })
  abSynStart?: number;

  @Field(() => Int, { nullable: true, description: 'Time to live, or hop limit, of the first SYN of A.' })
  abSynTtl?: number;

  @Field(() => DateTime, { nullable: true, description: 'First FIN of A; `null` where none was seen.' })
  abFinStart?: number;

  @Field(() => DateTime, { nullable: true, description: 'First RST of A; `null` where none was seen.' })
  abRstStart?: number;

  @Field(() => DateTime, { nullable: true, description: 'First SYN of B; `null` where none was seen.' })
  baSynStart?: number;

  @Field(() => Int, { nullable: true, description: 'Time to live, or hop limit, of the first SYN of B.' })
  baSynTtl?: number;

  @Field(() => DateTime, { nullable: true, description: 'First FIN of B; `null` where none was seen.' })
  baFinStart?: number;

  @Field(() => DateTime, { nullable: true, description: 'First RST of B; `null` where none was seen.' })
  baRstStart?: number;

  @Field(() => Counter, { description: 'With reassembly, or counted in the kernel: segments of A with content.' })
  abPackets!: number;

  @Field(() => Counter, { description: 'With reassembly, or counted in the kernel: bytes of A.' })
  abBytes!: number;

  @Field(() => Counter, { description: 'With reassembly: segments of A that came late.' })
  abSegmentsOutOfOrder!: number;

  @Field(() => Counter, { description: 'With reassembly: gaps in the stream of A.' })
  abSegmentsSkipped!: number;

  @Field(() => Counter, { description: 'With reassembly: bytes missing in them.' })
  abSegmentsSkippedBytes!: number;

  @Field(() => Boolean, { description: 'With reassembly: whether the stream of A was seen from its beginning.' })
  abSawStart!: boolean;

  @Field(() => Boolean, { description: 'With reassembly: whether it was seen to its end.' })
  abSawEnd!: boolean;

  @Field(() => Counter, { description: 'With reassembly, or counted in the kernel: segments of B with content.' })
  baPackets!: number;

  @Field(() => Counter, { description: 'With reassembly, or counted in the kernel: bytes of B.' })
  baBytes!: number;

  @Field(() => Counter, { description: 'With reassembly: segments of B that came late.' })
  baSegmentsOutOfOrder!: number;

  @Field(() => Counter, { description: 'With reassembly: gaps in the stream of B.' })
  baSegmentsSkipped!: number;

  @Field(() => Counter, { description: 'With reassembly: bytes missing in them.' })
  baSegmentsSkippedBytes!: number;

  @Field(() => Boolean, { description: 'With reassembly: whether the stream of B was seen from its beginning.' })
  baSawStart!: boolean;

  @Field(() => Boolean, { description: 'With reassembly: whether it was seen to its end.' })
  baSawEnd!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'Fragments of IPv4, where the capture puts them together (`ipDefrag`).' })
export class IpMetric {
  @Field(() => Counter, { description: 'Fragments.' })
  fragments!: number;

  @Field(() => Counter, { description: 'Fragments that fit no whole: overlapping, too long, or without the rest.' })
  fragmentErrors!: number;
}

@ObjectType({ simpleResolvers: true, description: 'One side of a flow, and where it is in the topology.' })
export class FlowEnd {
  @Field(() => IPAddress, { nullable: true, description: 'Its IP address.' })
  address?: string;

  @Field(() => MAC, {
    nullable: true,
    description: 'MAC address of its packets at the place of the capture: its own, or that of a router on the way.',
  })
  mac?: string;

  @Field(() => Int, { nullable: true, description: 'Its port.' })
  port?: number;
}

@ObjectType({ simpleResolvers: true, description: 'A packet that was kept as it was captured.' })
export class RawPacket {
  @Field(() => DateTime, { description: 'When it was captured.' })
  timestamp!: number;

  @Field(() => Int, { description: 'Counts from 1 within the flow.' })
  index!: number;

  @Field(() => Int, { description: 'Nanoseconds beside the milliseconds of `timestamp`, below 1,000,000.' })
  nanos!: number;

  @Field(() => Int, { description: "libpcap's link type: 1 is Ethernet." })
  linkType!: number;

  @Field(() => Int, { description: 'Bytes that it had on the wire; `data` has fewer when the capture cut it.' })
  wireLength!: number;

  @Field(() => Base64, { description: 'Its bytes, from the layer that the flow begins with.' })
  data!: Uint8Array;
}

@ObjectType({ simpleResolvers: true, description: 'Who talks to whom through one node: packets of one conversation, seen by one capture.' })
export class Flow {
  @Field(() => ID, { description: 'This flow at this capture.' })
  id!: string;

  @Field(() => ID, { description: 'The same conversation wherever it is captured.' })
  trackingId!: string;

  @Field(() => ID, { nullable: true, description: 'The same without the link layer: survives routers.' })
  l3TrackingId?: string;

  @Field(() => String, { description: 'Last layer that was recognised, or the name that is configured for its port.' })
  application!: string;

  @Field(() => [String], { description: 'Layers from the outside in: `Ethernet`, `IPv4`, `UDP`, `DNS`. At most thirty.' })
  layers!: string[];

  @Field(() => LinkLayer, { nullable: true, description: 'Link layer.' })
  link?: LinkLayer;

  @Field(() => NetworkLayer, { nullable: true, description: 'Network layer.' })
  network?: NetworkLayer;

  @Field(() => TransportLayer, { nullable: true, description: 'Transport layer.' })
  transport?: TransportLayer;

  @Field(() => IcmpLayer, { nullable: true, description: 'ICMP.' })
  icmp?: IcmpLayer;

  @Field(() => JSONValue, { nullable: true, description: 'The latest DNS message, where the capture asks for DNS.' })
  dns?: Json;

  @Field(() => JSONValue, { nullable: true, description: 'DHCP, where the capture asks for it.' })
  dhcpv4?: Json;

  @Field(() => JSONValue, { nullable: true, description: 'VRRP, where the capture asks for it.' })
  vrrp?: Json;

  @Field(() => DateTime, { description: 'First packet.' })
  start!: number;

  @Field(() => DateTime, { description: 'Last packet.' })
  last!: number;

  @Field(() => FlowFinish, { description: 'How it ended.' })
  finish!: string;

  @Field(() => FlowMetric, { description: 'Since its start.' })
  total!: FlowMetric;

  @Field(() => FlowMetric, { nullable: true, description: 'In the latest update: a minute, unless the agent is configured otherwise.' })
  recent?: FlowMetric;

  @Field(() => TcpMetric, { nullable: true, description: 'Times and TTL of SYN, FIN and RST, and what reassembly found.' })
  tcp?: TcpMetric;

  @Field(() => IpMetric, { nullable: true, description: 'Fragments.' })
  ip?: IpMetric;

  @Field(() => Int, { description: 'Packets that were kept so far.' })
  rawPacketsCaptured!: number;
}

@ObjectType({ simpleResolvers: true, description: 'A flow and its place in the list.' })
export class FlowEdge {
  @Field(() => Flow, { description: 'The flow.' })
  node!: Flow;

  @Field(() => String, { description: 'Its place.' })
  cursor!: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A page of flows. Flows of the present move between two pages, those of the past do not.',
})
export class FlowConnection {
  @Field(() => [FlowEdge], { description: 'Flows with their cursors.' })
  edges!: FlowEdge[];

  @Field(() => [Flow], { description: 'The flows alone.' })
  nodes!: Flow[];

  @Field(() => PageInfo, { description: 'Where this page lies.' })
  pageInfo!: PageInfo;

  @Field(() => Int, { description: 'Flows in the whole list.' })
  totalCount!: number;

  @Field(() => FlowSource, { description: 'Who answered.' })
  source!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What the flows of a group have in common.' })
export class FlowGroupKey {
  @Field(() => FlowDimension, { description: 'In which respect.' })
  dimension!: string;

  @Field(() => String, { nullable: true, description: 'As a text; `null` for flows without.' })
  value?: string;

  @Field(() => Node, { nullable: true, description: 'The node, for dimensions that are nodes, at the end of the range.' })
  node?: Node;
}

@ObjectType({ simpleResolvers: true, description: 'Flows with something in common, and what was counted within the range.' })
export class FlowGroup {
  @Field(() => [FlowGroupKey], { description: 'In the order of `groupBy`.' })
  keys!: FlowGroupKey[];

  @Field(() => DateTime, { nullable: true, description: 'With `TIME`: when the step begins.' })
  start?: number;

  @Field(() => Counter, { description: 'Bytes from A to B.' })
  abBytes!: number;

  @Field(() => Counter, { description: 'Bytes from B to A.' })
  baBytes!: number;

  @Field(() => Counter, { description: 'Bytes of both directions.' })
  bytes!: number;

  @Field(() => Counter, { description: 'Packets from A to B.' })
  abPackets!: number;

  @Field(() => Counter, { description: 'Packets from B to A.' })
  baPackets!: number;

  @Field(() => Counter, { description: 'Packets of both directions.' })
  packets!: number;

  @Field(() => Counter, { description: 'Different flows.' })
  flows!: number;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Flows that are new or have changed since the event before. Empty at the start, and every ten seconds when nothing matches, to carry a newer cursor.',
})
export class FlowChanges {
  @Field(() => [Flow], { description: 'Each once, as it stands now or ended.' })
  flows!: Flow[];

  @Field(() => Cursor, { description: 'Reconnect with `after:` this: no flow that changed is missed, none is told twice.' })
  cursor!: unknown;
}

@ObjectType({ simpleResolvers: true, description: 'The client was too slow: so many changes of flows were skipped.' })
export class FlowEventsLost {
  @Field(() => Int, { description: 'How many.' })
  count!: number;

  @Field(() => Cursor, { description: 'After which place. Subscribing with `after:` this brings those of them that are still known.' })
  after!: unknown;
}

export const FlowEvent = createUnionType({
  name: 'FlowEvent',
  description: 'What comes in `flowChanges`.',
  types: () => [FlowChanges, FlowEventsLost, ResyncRequired] as const,
});
