import type { JsonObject } from '../../../common/json.js';
import { CAPTURE_TARGETS, CAPTURE_TYPES, LAYER_KEY_MODES } from '../../../protocol/capture.js';
import { INJECTION_MODES, INJECTION_TYPES } from '../../../protocol/injection.js';

/** One kind of thing under `/api/NAME`, as the document describes it. */
export interface Thing {
  /** `capture`, in the path. */
  readonly name: string;
  /** `Capture`, of its schema. */
  readonly title: string;
  readonly summary: string;
  readonly isPatchable: boolean;
  /** Fields of its JSON. */
  readonly fields: Readonly<Record<string, JsonObject>>;
  /** Those that a new one must have. */
  readonly required: readonly string[];
}

const text = (description: string): JsonObject => ({ type: 'string', description });
const number = (description: string): JsonObject => ({ type: 'integer', format: 'int64', description });
const flag = (description: string): JsonObject => ({ type: 'boolean', description });
const oneOf = (names: readonly string[], description: string): JsonObject => ({ type: 'string', enum: [...names], description });
const metadata = (description: string): JsonObject => ({ type: 'object', additionalProperties: true, description });

const UUID = { ...text('Given by the analyzer, never used again.'), readOnly: true };
const Name = text('For people.');
const Description = text('For people.');

const elementFields = {
  ID: text('Identity in the graph; a new one unless given.'),
  Host: text('Host that it belongs to.'),
  Origin: { ...text('Who gave it.'), readOnly: true },
  CreatedAt: number('When it came, milliseconds since 1970.'),
  UpdatedAt: number('When it last changed, milliseconds since 1970.'),
  DeletedAt: { type: ['integer', 'null'], readOnly: true, description: 'When it went.' },
  Revision: { ...number('Rises with each change.'), readOnly: true },
} satisfies Thing['fields'];

export const THINGS: readonly Thing[] = [
  {
    name: 'capture',
    title: 'Capture',
    summary: 'packets of nodes turned into flows',
    isPatchable: false,
    required: ['GremlinQuery'],
    fields: {
      UUID,
      GremlinQuery: text('Which nodes, now and as long as they match.'),
      Name,
      Description,
      BPFFilter: text('Only packets that this filter of libpcap lets through.'),
      Type: oneOf(CAPTURE_TYPES, "How; the default of each node's type unless given."),
      Count: { ...number('Nodes on which it runs.'), readOnly: true },
      Port: number('Where packets or samples are awaited.'),
      SamplingRate: number('One packet of so many (sFlow).'),
      PollingInterval: number('Seconds between samples of counters (sFlow).'),
      HeaderSize: number('Bytes of each packet that are looked at.'),
      RawPacketLimit: number('First packets of each flow that are kept, at most 10.'),
      ExtraTCPMetric: flag('Times and TTL of SYN, FIN and RST.'),
      IPDefrag: flag('Put IPv4 fragments together.'),
      ReassembleTCP: flag('Follow TCP streams.'),
      LayerKeyMode: oneOf(LAYER_KEY_MODES, 'What tells conversations apart.'),
      ExtraLayers: number('Layers that are kept: VRRP 1, DNS 2, DHCPv4 4, together by addition.'),
      Target: text('Where packets or flows are sent to as well: HOST:PORT, of erspanv1 HOST.'),
      TargetType: oneOf(CAPTURE_TARGETS, 'What is sent there.'),
    },
  },
  {
    name: 'injectpacket',
    title: 'Injection',
    summary: 'packets sent from a node',
    isPatchable: false,
    required: ['Src', 'Type'],
    fields: {
      UUID,
      Src: text('Gremlin string whose first node sends.'),
      Dst: text('Gremlin string whose first node is to get them.'),
      Type: oneOf(INJECTION_TYPES, 'What is sent.'),
      SrcIP: text("The node's first one unless given."),
      DstIP: text("The other node's first one unless given."),
      SrcMAC: text("The node's own unless given."),
      DstMAC: text('That of the next hop unless given.'),
      SrcPort: number('A free one unless given.'),
      DstPort: number('Destination port.'),
      ICMPID: number('Identifier of echo requests.'),
      Count: number('How many.'),
      Interval: number('Milliseconds between two.'),
      Mode: oneOf(INJECTION_MODES, 'Whether all packets are one flow.'),
      Payload: text('Content.'),
      IncrementPayload: number('Bytes by which the content grows with each packet.'),
      TTL: number('Time to live or hop limit.'),
      Pcap: { type: 'string', contentEncoding: 'base64', description: 'Capture file whose packets are sent as they are.' },
    },
  },
  {
    name: 'node',
    title: 'Node',
    summary: 'a node of the graph',
    isPatchable: true,
    required: ['Metadata'],
    fields: { ...elementFields, Metadata: metadata('Everything about it; `Name` and `Type` among it.') },
  },
  {
    name: 'edge',
    title: 'Edge',
    summary: 'an edge of the graph',
    isPatchable: true,
    required: ['Parent', 'Child', 'Metadata'],
    fields: {
      ...elementFields,
      Parent: text('ID of the node where it starts.'),
      Child: text('ID of the node where it ends.'),
      Metadata: metadata('Everything about it; `RelationType` among it.'),
    },
  },
  {
    name: 'noderule',
    title: 'NodeRule',
    summary: 'a node that is kept there, or values that lie over nodes',
    isPatchable: false,
    required: ['Action', 'Metadata'],
    fields: {
      UUID,
      Name,
      Description,
      Action: oneOf(['create', 'update'], 'What it does.'),
      Query: text('With update: Gremlin string that finds the nodes.'),
      Metadata: metadata('Of the node, or the values.'),
    },
  },
  {
    name: 'edgerule',
    title: 'EdgeRule',
    summary: 'edges between all nodes of two strings',
    isPatchable: false,
    required: ['Src', 'Dst', 'Metadata'],
    fields: {
      UUID,
      Name,
      Description,
      Src: text('Gremlin string that finds where edges start.'),
      Dst: text('Gremlin string that finds where they end.'),
      Metadata: metadata('Of the edges; `RelationType` among it.'),
    },
  },
  {
    name: 'alert',
    title: 'Alert',
    summary: 'an alert; kept and listed, not evaluated yet',
    isPatchable: true,
    required: ['Expression'],
    fields: {
      UUID,
      Name,
      Description,
      Expression: text('Gremlin string or script that makes it fire.'),
      Action: text('URL that is told: http://, https:// or file://.'),
      Trigger: text('graph, or duration:TIME.'),
      CreateTime: { ...text('When it was made.'), readOnly: true },
    },
  },
  {
    name: 'workflow',
    title: 'Workflow',
    summary: 'a workflow; kept and listed, not run yet',
    isPatchable: true,
    required: ['Name'],
    fields: {
      UUID,
      Name,
      Title: text('For people.'),
      Abstract: text('For people.'),
      Description,
      Parameters: { type: 'array', items: { type: 'object', additionalProperties: true }, description: 'What it asks for.' },
      Source: text('The script.'),
    },
  },
];
