import { Field, Float, Int, ObjectType } from 'type-graphql';
import { InterfaceKind } from './enums.js';
import { Node } from './node.js';
import { connectionOf } from './page.js';
import { CIDR, Counter, DateTime, IPAddress, JSONValue, MAC } from './scalars/index.js';

@ObjectType({ implements: Node, simpleResolvers: true, description: 'A network interface: physical, virtual or of a switch.' })
export class NetworkInterface extends Node {
  @Field(() => InterfaceKind, { description: 'What it is; `type` has the word of its source.' })
  kind!: string;

  @Field(() => Int, { nullable: true, description: 'Index in its namespace: unique there only.' })
  ifIndex?: number;

  @Field(() => MAC, { nullable: true, description: 'Hardware address, where it has one.' })
  mac?: string;

  @Field(() => Int, { nullable: true, description: 'Largest packet, bytes.' })
  mtu?: number;

  @Field(() => Counter, { nullable: true, description: 'Speed of the link, bit/s, where the driver knows it.' })
  speed?: number;

  @Field(() => String, { nullable: true, description: 'Kernel driver.' })
  driver?: string;

  @Field(() => String, { nullable: true, description: 'Link layer: `ether`, `loopback`, `none`, `gre`, ….' })
  encapsulation?: string;

  @Field(() => [String], {
    description:
      'Of UP, BROADCAST, LOOPBACK, POINTTOPOINT, MULTICAST. UP here means that it was switched on; `state` says whether it works.',
  })
  flags!: string[];

  @Field(() => [CIDR], { description: 'Its addresses with prefix length, IPv4 first.' })
  addresses!: string[];

  @Field(() => Int, { nullable: true, description: 'VLAN identifier of a VLAN interface.' })
  vlan?: number;

  @Field(() => JSONValue, { nullable: true, description: 'Features that the driver can offload, by name of ethtool, on or off.' })
  features?: unknown;
}

@ObjectType({ simpleResolvers: true, description: 'Totals since the interface came up.' })
export class InterfaceCounters {
  @Field(() => DateTime, { description: 'When they were read.' })
  at!: number;

  @Field(() => Counter, { description: 'Bytes received.' })
  rxBytes!: number;

  @Field(() => Counter, { description: 'Bytes sent.' })
  txBytes!: number;

  @Field(() => Counter, { description: 'Packets received.' })
  rxPackets!: number;

  @Field(() => Counter, { description: 'Packets sent.' })
  txPackets!: number;

  @Field(() => Counter, { description: 'Damaged packets received.' })
  rxErrors!: number;

  @Field(() => Counter, { description: 'Packets that could not be sent.' })
  txErrors!: number;

  @Field(() => Counter, { description: 'Packets received and thrown away.' })
  rxDropped!: number;

  @Field(() => Counter, { description: 'Packets thrown away instead of being sent.' })
  txDropped!: number;

  @Field(() => Counter, { description: 'Multicast packets received.' })
  multicast!: number;

  @Field(() => Counter, { description: 'Collisions on the wire.' })
  collisions!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Traffic in one step of time.' })
export class InterfaceRate {
  @Field(() => DateTime, { description: 'Start of the step.' })
  start!: number;

  @Field(() => DateTime, { description: 'End of the step.' })
  end!: number;

  @Field(() => Float, { description: 'Received, bit/s.' })
  rxBitsPerSecond!: number;

  @Field(() => Float, { description: 'Sent, bit/s.' })
  txBitsPerSecond!: number;

  @Field(() => Float, { description: 'Packets received a second.' })
  rxPacketsPerSecond!: number;

  @Field(() => Float, { description: 'Packets sent a second.' })
  txPacketsPerSecond!: number;

  @Field(() => Float, { description: 'Damaged packets and packets that could not be sent, a second.' })
  errorsPerSecond!: number;

  @Field(() => Float, { description: 'Packets thrown away, in both directions, a second.' })
  dropsPerSecond!: number;
}

@ObjectType({ simpleResolvers: true, description: 'One way on to a destination.' })
export class NextHop {
  @Field(() => IPAddress, { nullable: true, description: 'Gateway; `null` for a destination on the link itself.' })
  address?: string;

  @Field(() => Counter, { nullable: true, description: 'Metric: the lowest wins.' })
  priority?: number;

  @Field(() => Int, { nullable: true, description: 'Index of the interface it leaves through.' })
  ifIndex?: number;
}

@ObjectType({ simpleResolvers: true, description: 'A route that leaves through the interface.' })
export class Route {
  @Field(() => Int, { description: 'Routing table: 254 is main, 255 local.' })
  table!: number;

  @Field(() => CIDR, { description: 'Destination; `0.0.0.0/0` and `::/0` are the default routes.' })
  prefix!: string;

  @Field(() => Int, { nullable: true, description: 'Who made it, as the kernel numbers it: 2 kernel, 3 boot, 4 static, ….' })
  protocol?: number;

  @Field(() => IPAddress, { nullable: true, description: 'Source address that it prefers.' })
  source?: string;

  @Field(() => [NextHop], { description: 'Ways on; several for a multipath route.' })
  nextHops!: NextHop[];
}

@ObjectType({
  simpleResolvers: true,
  description: 'What the interface knows of another on its link: a neighbour (ARP, NDP), or an entry of a forwarding table.',
})
export class NeighborEntry {
  @Field(() => MAC, { nullable: true, description: 'Hardware address, where it is resolved.' })
  mac?: string;

  @Field(() => IPAddress, { nullable: true, description: 'Address of the neighbour; for forwarding tables the tunnel end.' })
  address?: string;

  @Field(() => [String], { description: 'Of INCOMPLETE, REACHABLE, STALE, DELAY, PROBE, FAILED, NOARP, PERMANENT, with the prefix NUD_.' })
  state!: string[];

  @Field(() => [String], { description: 'Of USE, SELF, MASTER, PROXY, EXT_LEARNED, OFFLOADED, ROUTER, with the prefix NTF_.' })
  flags!: string[];

  @Field(() => Int, { nullable: true, description: 'VLAN it was learned in.' })
  vlan?: number;

  @Field(() => Int, { nullable: true, description: 'Network identifier of the tunnel.' })
  vni?: number;
}

export const RouteConnection = connectionOf('Route', () => Route);
export const NeighborEntryConnection = connectionOf('NeighborEntry', () => NeighborEntry);
