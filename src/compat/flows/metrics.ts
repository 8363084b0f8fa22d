import type { FlowMetric, IpMetric, RawPacket } from '../../flow/flow.js';
import { metric } from '../../flow/table/flowRow.js';
import { isTime, numberAt, type Shape, type Values } from './numbering.js';

/** When the flow began and when its last packet was, as the flow says itself: milliseconds, 0 where it does not. */
export interface FlowTimes {
  readonly start: number;
  readonly last: number;
}

/** What is known of a flow when its counters are read. */
export interface MetricContext extends FlowTimes {
  /** The whole flow, or a window of it. */
  readonly of: 'flow' | 'window';
  /** Both ends are the same, or none is known: then it cannot be told who sent the first packet. */
  readonly hasOneEnd: boolean;
}

/** A window ends when the table is looked at and not with the last packet, and clocks are set: so far a time may be from the flow's, ms. */
const SLACK_MS = 3_600_000;

/** A time of the flow, or any where the flow says none. No counter gets there. */
export const isTimeOf = (value: number, { start, last }: FlowTimes): boolean =>
  start === 0 || last === 0 ? isTime(value) : value >= start - SLACK_MS && value <= last + SLACK_MS;

const PLACE = { abPackets: 0, abBytes: 1, baPackets: 2, baBytes: 3, start: 4, last: 5, rtt: 6 } as const;

/** Bytes of one packet: of the shortest that makes a flow without its link layer, and of the longest that a network card hands over in one. */
const LEAST_PACKET_BYTES = 8;
const MOST_PACKET_BYTES = 1_048_576;

/** ABPackets, ABBytes, BAPackets, BABytes, Start, Last, RTT. Whoever sent a flow's first packet is A. */
export const METRIC: Shape<MetricContext> = {
  name: 'metric',
  fields: ['number', 'number', 'number', 'number', 'number', 'number', 'number'],
  inOrder: [
    [PLACE.abPackets, PLACE.baPackets],
    [PLACE.abBytes, PLACE.baBytes],
    [PLACE.start, PLACE.last],
  ],
  isPossible: (values, context) => {
    const [abPackets, abBytes, baPackets, baBytes, start, last, rtt] = values as readonly (number | undefined)[];
    for (const time of [start, last]) if (time !== undefined && !isTimeOf(time, context)) return false;
    for (const count of [abPackets, abBytes, baPackets, baBytes, rtt])
      if (count !== undefined && (count < 0 || isTimeOf(count, context))) return false;
    if (!areOfPackets(abPackets, abBytes, baPackets) || !areOfPackets(baPackets, baBytes, abPackets)) return false;
    if (context.of === 'window') return true;
    if (rtt !== undefined && baPackets === undefined) return context.hasOneEnd;
    return context.hasOneEnd || abPackets !== undefined || baPackets === undefined;
  },
};

/** Others split a count in two: of one packet a direction gets none, and half of its bytes. */
function areOfPackets(packets: number | undefined, bytes: number | undefined, otherPackets: number | undefined): boolean {
  if (packets === undefined) return bytes === undefined || otherPackets === 1;
  return bytes !== undefined && bytes >= packets * LEAST_PACKET_BYTES && bytes <= packets * MOST_PACKET_BYTES;
}

export const metricOf = (values: Values): FlowMetric =>
  metric(
    numberAt(values, PLACE.abPackets),
    numberAt(values, PLACE.abBytes),
    numberAt(values, PLACE.baPackets),
    numberAt(values, PLACE.baBytes),
    numberAt(values, PLACE.start),
    numberAt(values, PLACE.last),
    numberAt(values, PLACE.rtt),
  );

/** Fragments, FragmentErrors: without a fragment there is nothing to count. */
export const IP_METRIC: Shape<void> = {
  name: 'ip',
  fields: ['number', 'number'],
  inOrder: [],
  isPossible: (values) => numberAt(values, 1) >= 0 && numberAt(values, 0) >= Math.max(1, numberAt(values, 1)),
};

export const ipMetricOf = (values: Values): IpMetric => ({ Fragments: numberAt(values, 0), FragmentErrors: numberAt(values, 1) });

/** Kinds of links that agents capture on, as pcap numbers them: none, Ethernet, raw IP, cooked, IPv4, IPv6. */
const LINK_TYPES: ReadonlySet<number> = new Set([0, 1, 12, 101, 113, 228, 229, 276]);

/** Timestamp, Index, Data, LinkType of a kept packet; the index counts from 1. */
export const RAW_PACKET: Shape<FlowTimes> = {
  name: 'raw',
  fields: ['number', 'number', 'bytes', 'number'],
  inOrder: [],
  isPossible: (values, times) => {
    const [timestamp, index, linkType] = [numberAt(values, 0), numberAt(values, 1), numberAt(values, 3)];
    if (!isTimeOf(timestamp, times) || values[2] === undefined) return false;
    return index >= 1 && !isTimeOf(index, times) && LINK_TYPES.has(linkType);
  },
};

/** How long a packet was that was cut is not told. */
export function rawPacketOf(values: Values): RawPacket {
  const Data = Uint8Array.from(values[2] as Uint8Array);
  return {
    Timestamp: numberAt(values, 0),
    Nanos: 0,
    Index: numberAt(values, 1),
    Data,
    WireLength: Data.length,
    LinkType: numberAt(values, 3),
  };
}
