import protobuf from 'protobufjs';
import { ICMP_TYPES, type Flow, type FlowMetric, type RawPacket, type TcpMetric } from '../../../src/flow/flow.js';

/** Numbers that an agent gives the fields of each kind of message within a flow, in the order of their declaration. */
export interface Numbers {
  readonly layer: readonly number[];
  readonly transport: readonly number[];
  readonly icmp: readonly number[];
  readonly metric: readonly number[];
  readonly tcp: readonly number[];
  readonly ip: readonly number[];
  readonly raw: readonly number[];
  readonly stats: readonly number[];
}

/** One after the other from the first. */
export const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

/** As an agent may have them that begins with 1 everywhere. */
export const PLAIN: Numbers = {
  layer: from(1, 4),
  transport: from(1, 4),
  icmp: from(1, 3),
  metric: from(1, 7),
  tcp: from(1, 22),
  ip: from(1, 2),
  raw: from(1, 4),
  stats: from(1, 6),
};

type Value = number | string | Uint8Array | undefined;
const VARINT = 0;
const BYTES = 2;

/** Fields in ascending order; what is zero or empty is left out, as proto3 has it. */
export function encode(fields: readonly (readonly [number: number, value: Value])[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [number, value] of [...fields].sort(([a], [b]) => a - b)) {
    if (value === undefined || value === 0 || value === '') continue;
    if (typeof value === 'number') writer.uint32((number << 3) | VARINT).int64(value);
    else if (typeof value === 'string') writer.uint32((number << 3) | BYTES).string(value);
    else writer.uint32((number << 3) | BYTES).bytes(value);
  }
  return writer.finish();
}

const inOrder = (numbers: readonly number[], values: readonly Value[]): Uint8Array =>
  encode(values.map((value, index) => [numbers[index]!, value] as const));

const PROTOCOLS = ['ETHERNET', 'IPV4', 'TCP', 'UDP', 'SCTP', 'IPV6'];

const metricOf = (numbers: Numbers, metric: FlowMetric | undefined): Uint8Array | undefined =>
  metric &&
  inOrder(numbers.metric, [metric.ABPackets, metric.ABBytes, metric.BAPackets, metric.BABytes, metric.Start, metric.Last, metric.RTT ?? 0]);

/** Order of the declaration (flows.md §1.1): the streams' counters one direction after the other. */
export const TCP_FIELDS: readonly (keyof TcpMetric)[] = [
  ...(['ABSynStart', 'BASynStart', 'ABSynTTL', 'BASynTTL', 'ABFinStart', 'BAFinStart', 'ABRstStart', 'BARstStart'] as const),
  ...(['ABSegmentOutOfOrder', 'ABSegmentSkipped', 'ABSegmentSkippedBytes', 'ABPackets', 'ABBytes', 'ABSawStart', 'ABSawEnd'] as const),
  ...(['BASegmentOutOfOrder', 'BASegmentSkipped', 'BASegmentSkippedBytes', 'BAPackets', 'BABytes', 'BASawStart', 'BASawEnd'] as const),
];

/** A flow as an agent writes it. */
export function encodeFlow(flow: Flow, numbers: Numbers = PLAIN, packets: readonly RawPacket[] = [], tcpFields = TCP_FIELDS): Uint8Array {
  const { Link, Network, Transport, ICMP, TCPMetric, IPMetric } = flow;
  const layer = (of: typeof Link | typeof Network): Uint8Array | undefined =>
    of && inOrder(numbers.layer, [PROTOCOLS.indexOf(of.Protocol), of.A, of.B, of.ID]);
  return encode([
    [1, flow.UUID],
    [2, flow.LayersPath],
    [3, flow.Application],
    [6, flow.ParentUUID],
    [10, flow.Start],
    [11, flow.Last],
    [20, layer(Link)],
    [21, layer(Network)],
    [22, Transport && inOrder(numbers.transport, [PROTOCOLS.indexOf(Transport.Protocol), Transport.A, Transport.B, Transport.ID])],
    [23, ICMP && inOrder(numbers.icmp, [ICMP_TYPES.indexOf(ICMP.Type), ICMP.Code, ICMP.ID])],
    [31, metricOf(numbers, flow.LastUpdateMetric)],
    [32, metricOf(numbers, flow.Metric)],
    [33, flow.NodeTID],
    [34, flow.CaptureID],
    ...packets.map(
      ({ Timestamp, Index, Data, LinkType }) => [36, inOrder(numbers.raw, [Timestamp, Index, Data, LinkType])] as [number, Uint8Array],
    ),
    [37, flow.RawPacketsCaptured],
    [
      38,
      TCPMetric &&
        inOrder(
          numbers.tcp,
          tcpFields.map((name) => TCPMetric[name]),
        ),
    ],
    [39, IPMetric && inOrder(numbers.ip, [IPMetric.Fragments, IPMetric.FragmentErrors])],
    [50, flow.TrackingID],
    [51, flow.L3TrackingID],
    [60, flow.FinishType],
  ]);
}

export interface Stats {
  readonly CaptureID: string;
  readonly FlowCount?: number;
  readonly FlowDropped?: number;
  readonly KernelFlowDropped?: number;
  readonly PacketsDropped?: number;
  readonly PacketsReceived?: number;
}

/** A message: flows, then statistics. */
export const encodeMessage = (flows: readonly Uint8Array[], stats?: Stats, numbers: Numbers = PLAIN): Uint8Array =>
  encode([
    ...flows.map((flow) => [1, flow] as const),
    [
      2,
      stats &&
        inOrder(numbers.stats, [
          stats.CaptureID,
          stats.FlowCount,
          stats.FlowDropped,
          stats.KernelFlowDropped,
          stats.PacketsDropped,
          stats.PacketsReceived,
        ]),
    ],
  ]);

/** An answer about flows: a status, and a set of flows for each table. */
export const encodeReply = (status: number, tables: readonly (readonly Uint8Array[])[]): Uint8Array =>
  encode([
    [1, status],
    ...tables.map(
      (flows) => [2, encode([...flows.map((flow) => [1, flow] as const), [2, 1_700_000_000_000], [3, 1_700_000_001_000]])] as const,
    ),
  ]);
