import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { InjectionMode, InjectionState, InjectionType } from './enums.js';
import { Base64, Counter, DateTime, Duration, IPAddress, MAC } from './scalars/index.js';

@InputType({ description: 'Packets to send from a node. What is left out is found on the nodes, or has a default.' })
export class InjectPacketsInput {
  @Field(() => ID, { nullable: true, description: 'The node that sends; this or `src`.' })
  srcNode?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A Gremlin string; every node that it finds sends, at most 100. Ports and ids count up from node to node.',
  })
  src?: string;

  @Field(() => ID, { nullable: true, description: 'The node that is to get them.' })
  dstNode?: string;

  @Field(() => String, { nullable: true, description: 'A Gremlin string whose first node is to get them.' })
  dst?: string;

  @Field(() => InjectionType, { nullable: true, defaultValue: 'ICMP4', description: 'What is sent.' })
  type?: string;

  @Field(() => String, {
    nullable: true,
    description: "Source address; the node's first one unless given. A whole prefix (`10.0.0.0/24`): its addresses in turn, a flow each.",
  })
  srcIp?: string;

  @Field(() => String, { nullable: true, description: "Destination address; the other node's first one unless given." })
  dstIp?: string;

  @Field(() => MAC, { nullable: true, description: "Source MAC; the node's own unless given." })
  srcMac?: string;

  @Field(() => MAC, { nullable: true, description: "Destination MAC; that of the next hop, then the other node's, unless given." })
  dstMac?: string;

  @Field(() => Int, { nullable: true, description: 'Source port; a free one for TCP, 1 for UDP unless given.' })
  srcPort?: number;

  @Field(() => Int, { nullable: true, description: 'Destination port.' })
  dstPort?: number;

  @Field(() => Int, { nullable: true, description: 'Identifier of echo requests; 1 unless given.' })
  icmpId?: number;

  @Field(() => Int, { nullable: true, description: 'How many; 1 unless given, all of them for a file.' })
  count?: number;

  @Field(() => Duration, { nullable: true, description: 'Time between two packets; none unless given.' })
  interval?: number;

  @Field(() => InjectionMode, { nullable: true, defaultValue: 'UNIQUE', description: 'Whether all packets are one flow.' })
  mode?: string;

  @Field(() => String, { nullable: true, description: 'Content; 56 letters unless given.' })
  payload?: string;

  @Field(() => Int, { nullable: true, description: 'Bytes by which the payload grows with each packet.' })
  incrementPayload?: number;

  @Field(() => Int, { nullable: true, description: 'Time to live or hop limit; 64 unless given.' })
  ttl?: number;

  @Field(() => Base64, { nullable: true, description: 'A capture file whose packets are sent as they are, below 4 MiB.' })
  pcap?: Uint8Array;

  @Field(() => Duration, {
    nullable: true,
    description: 'Ends by itself after this time and is forgotten, whether everything was sent or not.',
  })
  lifetime?: number;
}

@ObjectType({ simpleResolvers: true, description: 'What one node sends.' })
export class InjectionSending {
  @Field(() => InjectionState, { description: 'How it stands.' })
  state!: string;

  @Field(() => Counter, { description: 'Packets handed to the kernel.' })
  sent!: number;

  @Field(() => String, { nullable: true, description: 'Why it does not go on.' })
  error?: string;

  @Field(() => ID, { nullable: true, description: '`trackingId` of the flow that they become, as of the whole injection.' })
  trackingId?: string;

  @Field(() => String, { description: 'Source address, or the prefix that they are taken from; empty for a file.' })
  srcIp!: string;

  @Field(() => IPAddress, { description: 'Destination address; empty for a file.' })
  dstIp!: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'Packets on their way. What is said once is of all nodes together, addresses are those of the first.',
})
export class Injection {
  @Field(() => ID, { description: 'Never used again.' })
  id!: string;

  @Field(() => InjectionType, { description: 'What is sent; says nothing of a file.' })
  type!: string;

  @Field(() => Int, { nullable: true, description: 'Packets of the capture file that is replayed; `null` where packets are made.' })
  filePackets?: number;

  @Field(() => InjectionState, { description: 'How it stands.' })
  state!: string;

  @Field(() => Counter, { description: 'Packets handed to the kernel.' })
  sent!: number;

  @Field(() => Counter, { description: 'How many each node is to send; 0: as many as the file has.' })
  count!: number;

  @Field(() => String, { nullable: true, description: 'Why it does not go on.' })
  error?: string;

  @Field(() => ID, {
    nullable: true,
    description: '`trackingId` of the flow that they become; `null` where each is a flow of its own, and for files.',
  })
  trackingId?: string;

  @Field(() => String, { description: 'Source address, or the prefix that they are taken from; empty for a file.' })
  srcIp!: string;

  @Field(() => IPAddress, { description: 'Destination address; empty for a file.' })
  dstIp!: string;

  @Field(() => [InjectionSending], { description: 'Each node that sends, at most 100.' })
  sendings!: InjectionSending[];

  @Field(() => DateTime, { description: 'When it was asked for.' })
  startedAt!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The injection that began.' })
export class InjectPacketsPayload {
  @Field(() => Injection, { description: 'As it stands.' })
  injection!: Injection;
}
