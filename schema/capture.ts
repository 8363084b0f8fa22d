import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Json } from '../src/common/json.js';
import type { NamedRequest } from '../src/services/captures/names.js';
import { DropCount } from './dropCount.js';
import { CaptureOp, CaptureState, CaptureTarget, CaptureType, ExtraLayer, LayerKeyMode } from './enums.js';
import { NodeFilter } from './inputs.js';
import { Node } from './node.js';
import { connectionOf } from './page.js';
import { Counter, Cursor, DateTime, Duration, JSONValue } from './scalars/index.js';

@InputType({
  description: 'Which nodes: a typed filter or a Gremlin string, re-evaluated as the graph changes; and what to do with their packets.',
})
export class CreateCaptureInput implements NamedRequest {
  @Field(() => String, { nullable: true, description: 'A name for people.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => NodeFilter, { nullable: true, description: 'Nodes that match; either this or `gremlin`.' })
  nodes?: NodeFilter;

  @Field(() => String, { nullable: true, description: "A string that finds nodes or paths: `G.V().Has('Name', 'eth0')`." })
  gremlin?: string;

  @Field(() => String, { nullable: true, description: 'Only packets that this filter of libpcap lets through: `tcp port 80`.' })
  bpf?: string;

  @Field(() => CaptureType, { nullable: true, description: "How; the default of the node's type unless given: `AFPACKET` on interfaces." })
  type?: NamedRequest['type'];

  @Field(() => Int, { nullable: true, description: 'Bytes of each packet that are looked at: 14 to 4096, 256 unless given.' })
  headerSize?: number;

  @Field(() => Int, { nullable: true, description: 'Packets of each flow that are kept as they are, 0 to 10.' })
  rawPacketLimit?: number;

  @Field(() => Boolean, { nullable: true, description: 'Times and TTL of SYN, FIN and RST.' })
  extraTcpMetric?: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Puts IPv4 fragments together.' })
  ipDefrag?: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Follows TCP streams: lost, late and doubled segments.' })
  reassembleTcp?: boolean;

  @Field(() => LayerKeyMode, { nullable: true, description: 'What tells conversations apart; `L2` unless given.' })
  layerKeyMode?: NamedRequest['layerKeyMode'];

  @Field(() => [ExtraLayer], { nullable: true, description: 'Layers whose content is shown on flows.' })
  extraLayers?: NonNullable<NamedRequest['extraLayers']>;

  @Field(() => Int, { nullable: true, description: 'One packet of so many is sampled (sFlow); 1 unless given, 0 for none.' })
  samplingRate?: number;

  @Field(() => Duration, { nullable: true, description: 'Time between samples of counters (sFlow); 10s unless given, 0 for none.' })
  pollingInterval?: number;

  @Field(() => Int, { nullable: true, description: 'Where to listen, for sFlow and streams of packets; a free one unless given.' })
  port?: number;

  @Field(() => String, {
    nullable: true,
    description: 'To which packets or flows are sent as well: `HOST:PORT`; with `ERSPANV1` an address alone, as ERSPAN has no ports.',
  })
  target?: string;

  @Field(() => CaptureTarget, { nullable: true, description: 'What is sent to the target, from the network namespace of the agent.' })
  targetType?: NamedRequest['targetType'];

  @Field(() => Duration, { nullable: true, description: 'Ends by itself after this time, at least 1s.' })
  ttl?: number;
}

@ObjectType({ simpleResolvers: true, description: 'Packets of some nodes become flows.' })
export class Capture {
  @Field(() => ID, { description: 'Never used again.' })
  id!: string;

  @Field(() => String, { description: 'A name for people; may be empty.' })
  name!: string;

  @Field(() => String, { description: 'What it is for; may be empty.' })
  description!: string;

  @Field(() => JSONValue, { nullable: true, description: 'The filter by which it finds nodes, as given.' })
  nodes?: Json;

  @Field(() => String, { nullable: true, description: 'The Gremlin string by which it finds nodes.' })
  gremlin?: string;

  @Field(() => String, { description: 'Only packets that this filter lets through; empty for all.' })
  bpf!: string;

  @Field(() => CaptureType, { nullable: true, description: "What was asked for; `null` for the default of each node's type." })
  type?: string;

  @Field(() => Int, { description: 'Bytes of each packet that are looked at.' })
  headerSize!: number;

  @Field(() => Int, {
    description:
      'Packets of each flow that are kept. All of them as one file: `GET /captures/ID/packets.pcapng`, with `from` and `to` as instants.',
  })
  rawPacketLimit!: number;

  @Field(() => Boolean, { description: 'Times and TTL of SYN, FIN and RST.' })
  extraTcpMetric!: boolean;

  @Field(() => Boolean, { description: 'Puts IPv4 fragments together.' })
  ipDefrag!: boolean;

  @Field(() => Boolean, { description: 'Follows TCP streams.' })
  reassembleTcp!: boolean;

  @Field(() => LayerKeyMode, { description: 'What tells conversations apart.' })
  layerKeyMode!: string;

  @Field(() => [ExtraLayer], { description: 'Layers whose content is shown on flows.' })
  extraLayers!: string[];

  @Field(() => Int, { description: 'One packet of so many is sampled; 0: none.' })
  samplingRate!: number;

  @Field(() => Duration, { description: 'Time between samples of counters; 0: none.' })
  pollingInterval!: number;

  @Field(() => Int, { description: 'Where to listen; 0: a free one.' })
  port!: number;

  @Field(() => String, { description: 'To which packets or flows are sent as well; may be empty.' })
  target!: string;

  @Field(() => CaptureTarget, { description: 'What is sent to the target.' })
  targetType!: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it ends by itself; `null`: it does not.' })
  expiresAt?: number;
}

@ObjectType({ simpleResolvers: true, description: 'How one capture fares on one node. Counters are totals since it began there.' })
export class CaptureActivity {
  @Field(() => ID, { description: 'Id of the capture, also where that is gone by now.' })
  captureId!: string;

  @Field(() => CaptureState, { description: 'Whether it runs.' })
  state!: string;

  @Field(() => String, { nullable: true, description: 'Why it does not run, and what to do.' })
  error?: string;

  @Field(() => CaptureType, { nullable: true, description: 'What it came to.' })
  type?: string;

  @Field(() => Counter, { description: 'Packets that the kernel gave us.' })
  packetsReceived!: number;

  @Field(() => Counter, { description: 'Packets that the kernel lost because nobody fetched them in time.' })
  packetsDropped!: number;

  @Field(() => Counter, { description: 'Packets lost at the interface, before the kernel could hand them over.' })
  packetsIfDropped!: number;

  @Field(() => Counter, { description: 'Flows in its table now.' })
  flows!: number;

  @Field(() => [DropCount], { description: 'What we dropped ourselves, by reason.' })
  drops!: DropCount[];

  @Field(() => String, { nullable: true, description: 'Where a stream of packets is awaited.' })
  pcapSocket?: string;

  @Field(() => String, { nullable: true, description: 'Where sFlow is collected.' })
  sflowSocket?: string;

  @Field(() => JSONValue, { description: 'What else is known: `{"promiscuous": false, "ringBytes": 2097152}`.' })
  facts!: Json;
}

@ObjectType({ simpleResolvers: true, description: 'Whether one kind of capture can be had on a host.' })
export class CaptureAbility {
  @Field(() => CaptureType, { description: 'The kind.' })
  type!: string;

  @Field(() => String, { nullable: true, description: 'Why it cannot, and what to do; `null` where it can.' })
  impossible?: string;
}

@ObjectType({ simpleResolvers: true, description: 'What may and can be captured and sent on a host, as its agent says.' })
export class HostAbilities {
  @Field(() => Boolean, { description: "Whether the agent's configuration allows captures (`agent.allow.capture`)." })
  allowsCapture!: boolean;

  @Field(() => Boolean, { description: "Whether the agent's configuration allows packets to be sent (`agent.allow.inject`)." })
  allowsInjection!: boolean;

  @Field(() => [CaptureAbility], { description: 'Every kind of capture.' })
  captures!: CaptureAbility[];

  @Field(() => Counter, { description: 'Bytes of packet rings that all captures of the host share.' })
  ringBytes!: number;

  @Field(() => Counter, { description: 'Bytes that are taken of them.' })
  ringBytesUsed!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Most bytes of a packet that a capture may look at (`agent.capture.headerSize`); `null` where the agent does not say.',
  })
  mostHeaderSize?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Most packets of a flow that a capture may keep (`agent.capture.rawPackets`); `null` where the agent does not say.',
  })
  mostRawPackets?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Most captures that may run at once (`agent.capture.most`); `null` where the agent does not say.',
  })
  mostCaptures?: number;
}

@ObjectType({ simpleResolvers: true, description: 'What a capture would come to on one node.' })
export class CapturePreviewNode {
  @Field(() => Node, { description: 'The node.' })
  node!: Node;

  @Field(() => CaptureType, { nullable: true, description: 'How it would be captured there; `null` where nothing can be.' })
  type?: string;

  @Field(() => String, { nullable: true, description: 'Why it cannot run there, with what can; `null` where it can.' })
  impossible?: string;

  @Field(() => Boolean, { description: 'Whether its agent is there. Where not, the capture begins when it comes back.' })
  isConnected!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'What a capture would come to if it were made now.' })
export class CapturePreview {
  @Field(() => Int, { description: 'Nodes that match. More may come: a capture follows the graph.' })
  total!: number;

  @Field(() => [CapturePreviewNode], { description: 'The first 1,000 of them.' })
  nodes!: CapturePreviewNode[];

  @Field(() => Capture, { nullable: true, description: 'A capture that leaves no place for it: making it is refused.' })
  duplicateOf?: Capture;
}

export const CaptureConnection = connectionOf('Capture', () => Capture);

@ObjectType({ simpleResolvers: true, description: 'The capture that was made. It is kept; agents start it within a second.' })
export class CreateCapturePayload {
  @Field(() => Capture, { description: 'As it is kept.' })
  capture!: Capture;
}

@ObjectType({ simpleResolvers: true, description: 'The capture that was ended.' })
export class DeleteCapturePayload {
  @Field(() => Capture, { description: 'As it was.' })
  capture!: Capture;
}

@ObjectType({ simpleResolvers: true, description: 'Something happened to a capture.' })
export class CaptureEvent {
  @Field(() => CaptureOp, { description: 'What happened.' })
  op!: string;

  @Field(() => Capture, { nullable: true, description: 'The capture; `null` with `RESET` only.' })
  capture?: Capture;

  @Field(() => CaptureActivity, { nullable: true, description: 'With `CHANGED`: how it fares on the node.' })
  activity?: CaptureActivity;

  @Field(() => Node, { nullable: true, description: 'With `CHANGED`: the node, as it is now; `null` when it is gone.' })
  node?: Node;

  @Field(() => Cursor, { description: 'Reconnect with `after:` this: nothing is missed, nothing is repeated.' })
  cursor!: unknown;
}
