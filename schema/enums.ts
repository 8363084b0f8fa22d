import { registerEnumType } from 'type-graphql';

/** Values of an enumeration whose names inside and outside are the same. */
const namesOf = <const Names extends readonly string[]>(...names: Names): { readonly [Name in Names[number]]: Name } =>
  Object.fromEntries(names.map((name) => [name, name])) as { [Name in Names[number]]: Name };

type Descriptions<Enum> = { readonly [Name in keyof Enum]?: { readonly description: string } };

function named<Enum extends Record<string, string>>(
  name: string,
  description: string,
  values: Enum,
  valuesConfig: Descriptions<Enum> = {},
): Enum {
  registerEnumType(values, { name, description, valuesConfig: valuesConfig as never });
  return values;
}

export const NodeState = named(
  'NodeState',
  'Whether the thing works, as its source reports it.',
  namesOf('UP', 'DOWN', 'UNKNOWN', 'OTHER'),
  {
    UNKNOWN: { description: 'The source does not say; a loopback interface never does.' },
    OTHER: { description: 'Something else; `metadata(path: "State")` has the word.' },
  },
);

export const Direction = named(
  'Direction',
  'Which edges of a node: those it is the source of, the target of, or both.',
  namesOf('OUT', 'IN', 'BOTH'),
);

export const SortDirection = named('SortDirection', 'Smallest first, or largest first.', namesOf('ASC', 'DESC'));

export const NodeOrderField = named(
  'NodeOrderField',
  'What a list of nodes is ordered by. Equal nodes are ordered by id.',
  namesOf('ID', 'NAME', 'TYPE', 'HOST', 'STATE', 'CREATED_AT', 'UPDATED_AT'),
);

export const InterfaceKind = named(
  'InterfaceKind',
  "What an interface is, after the kernel's link kind.",
  namesOf(
    'DEVICE',
    'LOOPBACK',
    'VETH',
    'BRIDGE',
    'BOND',
    'VLAN',
    'VXLAN',
    'TUN',
    'TAP',
    'MACVLAN',
    'MACVTAP',
    'IPVLAN',
    'DUMMY',
    'GRE',
    'GENEVE',
    'WIREGUARD',
    'VRF',
    'OVS_INTERNAL',
    'OVS_PATCH',
    'OTHER',
  ),
  {
    DEVICE: { description: 'No link kind: a physical interface, or one that its driver presents as such.' },
    OTHER: { description: 'A kind without a name here; `type` has it.' },
  },
);

export const ChangeOp = named('ChangeOp', 'What happened to the element.', namesOf('ADDED', 'UPDATED', 'REMOVED'));

export const ChangeReason = named(
  'ChangeReason',
  'Why, where it is known.',
  namesOf('REMOVED', 'AGENT_LOST', 'LEASE_EXPIRED', 'END_MISSING', 'STARTED_MATCHING', 'STOPPED_MATCHING'),
  {
    REMOVED: { description: 'Its source said that it is gone.' },
    AGENT_LOST: { description: 'Its agent stayed away longer than the grace period; the thing itself may still be there.' },
    LEASE_EXPIRED: { description: 'Its publisher did not publish it again within the lease.' },
    END_MISSING: { description: 'An end of the edge went; the edge comes back with it.' },
    STARTED_MATCHING: { description: 'It was there before and matches the filter now.' },
    STOPPED_MATCHING: { description: 'It is still there and does not match the filter any more.' },
  },
);

export const GapReason = named(
  'GapReason',
  'Why something was not watched.',
  namesOf('ANALYZER_DOWN', 'AGENT_LOST', 'AGENT_DIRTY', 'PROBE_DOWN'),
  {
    ANALYZER_DOWN: { description: 'The analyzer did not run: nothing was watched.' },
    AGENT_LOST: { description: "The host's agent was away." },
    AGENT_DIRTY: { description: 'The agent had to drop changes; what it saw in between is known only as the difference.' },
    PROBE_DOWN: { description: 'One probe of the host failed.' },
  },
);

export const GroupBy = named('GroupBy', 'What makes a group of nodes in an overview.', namesOf('HOST', 'ORIGIN', 'TYPE', 'METADATA'), {
  METADATA: { description: 'The value at `metadataPath`: a site, a cluster, a tenant.' },
});

export const NodeMeasure = named('NodeMeasure', 'What is measured of nodes.', namesOf('RATE', 'DROPS', 'USE', 'NUMBER'), {
  RATE: { description: 'Bits a second in the busier direction of an interface, after its latest readings.' },
  DROPS: { description: 'Packets that an interface drops a second.' },
  USE: { description: 'The rate as a share of the speed of the interface, from 0 to 1.' },
  NUMBER: { description: 'The number of metadata at the path that stands beside it.' },
});

export const AgentState = named('AgentState', 'How the analyzer stands with an agent.', namesOf('CONNECTED', 'AWAY', 'LOST'), {
  AWAY: { description: 'Not connected, within the grace period: its elements are kept.' },
  LOST: { description: 'Not connected for longer: its elements were closed with `AGENT_LOST`.' },
});

export const ProbeState = named(
  'ProbeState',
  'How a probe of an agent is doing.',
  namesOf('STARTING', 'RUNNING', 'DEGRADED', 'FAILED', 'STOPPED'),
  {
    STARTING: { description: 'It looks for the first time at what is there.' },
    RUNNING: { description: 'All is well.' },
    DEGRADED: { description: 'It watches, but not all that it should; `reason` says what is missing.' },
    FAILED: { description: 'It does not watch, and is started again by itself; `reason` says why.' },
    STOPPED: { description: 'The agent stops.' },
  },
);

export const ProjectionState = named(
  'ProjectionState',
  'How a database follows the log of changes.',
  namesOf('CONNECTING', 'FOLLOWING', 'REBUILDING', 'AWAY', 'STOPPED'),
  {
    CONNECTING: { description: 'It has not been reached yet.' },
    FOLLOWING: { description: 'Changes are written to it as they come.' },
    REBUILDING: { description: 'It is being written anew.' },
    AWAY: { description: 'It does not answer, and is tried again. Nothing is lost: it catches up.' },
    STOPPED: { description: 'Trying again does not help; `error` says what does.' },
  },
);

export const AuditOutcome = named('AuditOutcome', 'What became of what somebody did.', namesOf('DONE', 'REFUSED', 'FAILED'), {
  REFUSED: { description: 'They lacked the right, or were not known.' },
});

export const GremlinKind = named(
  'GremlinKind',
  'What a Gremlin string answers with.',
  namesOf('GRAPH', 'NODES', 'EDGES', 'PATHS', 'VALUES', 'VALUE', 'METRICS', 'SOCKETS', 'NEXT_HOPS', 'FLOWS', 'GROUPS', 'PACKETS'),
  {
    GRAPH: { description: 'Nodes and the edges between them.' },
    VALUES: { description: 'A list of values.' },
    VALUE: { description: 'A single number or object: of `Count`, of `Sum`.' },
    METRICS: { description: 'Metrics by element; in `json`.' },
    SOCKETS: { description: 'Open sockets by element; in `json`.' },
    NEXT_HOPS: { description: 'Next hops by node; in `json`.' },
  },
);

export const CaptureType = named(
  'CaptureType',
  'How packets or flows are had from a node.',
  namesOf('AFPACKET', 'PCAP', 'PCAPSOCKET', 'EBPF', 'SFLOW', 'NETFLOW', 'OVSSFLOW', 'OVSNETFLOW', 'OVSMIRROR', 'DPDK'),
  {
    AFPACKET: { description: "The kernel's packet ring: the default of interfaces." },
    PCAP: { description: 'libpcap.' },
    PCAPSOCKET: { description: 'A port that takes a stream of packets in the format of capture files.' },
    EBPF: { description: 'Counted in the kernel; no packets come out.' },
    SFLOW: { description: 'A collector of sFlow.' },
    NETFLOW: { description: 'Collects NetFlow v5 and v9 and IPFIX on a port.' },
    OVSSFLOW: { description: 'sFlow of an Open vSwitch bridge: its default.' },
    OVSNETFLOW: { description: 'NetFlow of an Open vSwitch bridge.' },
    OVSMIRROR: { description: 'A mirror port of Open vSwitch: the default of its ports.' },
    DPDK: { description: 'A port of DPDK.' },
  },
);

export const LayerKeyMode = named('LayerKeyMode', 'What tells conversations apart.', namesOf('L2', 'L3'), {
  L2: { description: 'MAC addresses and above.' },
  L3: { description: 'IP addresses and above; MAC addresses only where there are none.' },
});

export const ExtraLayer = named('ExtraLayer', 'A layer whose content is shown on flows.', namesOf('VRRP', 'DNS', 'DHCPV4'));

export const CaptureTarget = named('CaptureTarget', 'What is sent to the target of a capture.', namesOf('LOCAL', 'NETFLOWV5', 'ERSPANV1'), {
  LOCAL: { description: 'Nothing.' },
  NETFLOWV5: { description: 'NetFlow v5 records over UDP.' },
  ERSPANV1: { description: 'The packets, in GRE.' },
});

export const CaptureState = named('CaptureState', 'Whether a capture runs on a node.', namesOf('STARTING', 'ACTIVE', 'ERROR', 'STOPPED'), {
  STARTING: { description: 'The agent was told, or is not connected.' },
  ERROR: { description: 'Does not run; tried again as long as it is wanted.' },
});

export const CaptureOp = named('CaptureOp', 'What happened to a capture.', namesOf('CREATED', 'DELETED', 'CHANGED', 'RESET'), {
  CHANGED: { description: 'It fares differently on a node, begins or ends there.' },
  RESET: { description: 'The cursor led on no more: forget all captures; those that there are follow.' },
});

export const FlowFinish = named('FlowFinish', 'How a flow ended.', namesOf('NOT_FINISHED', 'TIMEOUT', 'TCP_FIN', 'TCP_RST'), {
  TIMEOUT: { description: 'Nothing came for long, or the capture ended.' },
});

export const FlowSource = named('FlowSource', 'Where flows were read.', namesOf('LIVE', 'STORE'), {
  LIVE: { description: "The agents' tables, asked for this answer." },
  STORE: { description: 'The store of the past: what agents sent in their updates, and imports.' },
});

export const FlowOrderField = named('FlowOrderField', 'What flows are ordered by.', namesOf('START', 'LAST', 'BYTES', 'PACKETS'));

export const FlowDimension = named(
  'FlowDimension',
  'What flows are put together by.',
  namesOf(
    'A_ADDRESS',
    'B_ADDRESS',
    'A_END',
    'B_END',
    'A_PORT',
    'B_PORT',
    'APPLICATION',
    'PROTOCOL',
    'CAPTURE_NODE',
    'A_NODE',
    'B_NODE',
    'TIME',
  ),
  {
    A_END: { description: 'The address that sent the first packet; the MAC address of a flow without IP.' },
    A_NODE: { description: 'The node that sent the first packet, at the end of the range.' },
    TIME: { description: 'Steps of time; what was counted over several of them is shared out by time.' },
  },
);

export const FlowMeasure = named('FlowMeasure', 'What groups are ranked by.', namesOf('BYTES', 'PACKETS', 'FLOWS'));

export const InjectionType = named('InjectionType', 'What is sent.', namesOf('ICMP4', 'ICMP6', 'TCP4', 'TCP6', 'UDP4', 'UDP6'), {
  ICMP4: { description: 'Echo requests.' },
  TCP4: { description: 'SYN segments.' },
});

export const InjectionMode = named('InjectionMode', 'Whether all packets of an injection are one flow.', namesOf('UNIQUE', 'RANDOM'), {
  RANDOM: { description: 'Another port or identifier for each packet.' },
});

export const InjectionState = named('InjectionState', 'How an injection stands.', namesOf('ACTIVE', 'DONE', 'CANCELLED', 'ERROR'));

export const NodeRuleAction = named('NodeRuleAction', 'What a node rule does.', namesOf('CREATE', 'UPDATE'), {
  CREATE: { description: 'Keeps a node there.' },
  UPDATE: { description: 'Lays values over every node that its string finds, as long as it does.' },
});
