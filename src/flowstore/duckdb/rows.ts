import type { Flow, FlowMetric, FlowUpdate } from '../../flow/flow.js';
import { protocolOf } from '../condition.js';
import { NUMBER_COLUMNS, TEXT_COLUMNS, type NumberColumn, type TextColumn } from './layout.js';

/** An id as the store keeps it; 0n is none. */
export const idOf = (hex: string | undefined): bigint => (hex === undefined || hex === '' ? 0n : BigInt(`0x${hex}`));
export const hexOf = (id: bigint): string => id.toString(16);

/** Parts of a flow that few have. */
const DETAILS = ['DHCPv4', 'DNS', 'VRRPv2', 'TCPMetric', 'IPMetric'] as const;

/** The texts of an update in the order of `TEXT_COLUMNS`; empty for none. */
export function textsOf({ flow }: FlowUpdate, origin: string): string[] {
  const { LayersPath, Application, Link, Network, Transport, ICMP, NodeTID, CaptureID } = flow;
  const texts: Record<TextColumn, string | undefined> = {
    layers: LayersPath,
    application: Application,
    protocol: protocolOf(flow),
    link_a: Link?.A,
    link_b: Link?.B,
    network: Network?.Protocol,
    network_a: Network?.A,
    network_b: Network?.B,
    transport: Transport?.Protocol,
    icmp_type: ICMP?.Type,
    node_tid: NodeTID,
    capture: CaptureID,
    origin,
  };
  return TEXT_COLUMNS.map((column) => texts[column] ?? '');
}

/** Parts that few flows have, as JSON; `null` for the others. */
export function detailsOf({ flow }: FlowUpdate): string | null {
  const details = DETAILS.flatMap((part) => (flow[part] === undefined ? [] : [[part, flow[part]] as const]));
  return details.length === 0 ? null : JSON.stringify(Object.fromEntries(details));
}

/** The numbers of an update in the order of `NUMBER_COLUMNS`, times on our clock. */
export function numbersOf({ flow, abSegments, baSegments }: FlowUpdate, clockOffset: number): number[] {
  const { Link, Network, Transport, ICMP, Metric, LastUpdateMetric, FinishType } = flow;
  const time = (raw: number | undefined): number => (raw === undefined || raw === 0 ? 0 : raw - clockOffset);
  const numbers: Record<NumberColumn, number | undefined> = {
    start: time(flow.Start),
    last: time(flow.Last),
    link_id: Link?.ID,
    network_id: Network?.ID,
    transport_a: Transport?.A,
    transport_b: Transport?.B,
    transport_id: Transport?.ID,
    icmp_code: ICMP?.Code,
    icmp_id: ICMP?.ID,
    finish: FinishType,
    raw_captured: flow.RawPacketsCaptured,
    ab_segments: abSegments,
    ba_segments: baSegments,
    ab_packets: Metric?.ABPackets,
    ab_bytes: Metric?.ABBytes,
    ba_packets: Metric?.BAPackets,
    ba_bytes: Metric?.BABytes,
    rtt: Metric?.RTT,
    m_start: time(Metric?.Start),
    m_last: time(Metric?.Last),
    w_ab_packets: LastUpdateMetric?.ABPackets,
    w_ab_bytes: LastUpdateMetric?.ABBytes,
    w_ba_packets: LastUpdateMetric?.BAPackets,
    w_ba_bytes: LastUpdateMetric?.BABytes,
    w_rtt: LastUpdateMetric?.RTT,
    // A flow without a window counts from its first packet to its last.
    w_start: time(LastUpdateMetric?.Start ?? flow.Start),
    w_last: time(LastUpdateMetric?.Last ?? flow.Last),
    clock_offset: clockOffset,
  };
  return NUMBER_COLUMNS.map((column) => numbers[column] ?? 0);
}

/** A row as the store reads it: ids, texts and numbers by column. */
export type Row = Readonly<Record<string, unknown>>;

/** The flow that a row tells of, in Skydive's form. */
export function flowFrom(row: Row): Flow {
  const text = (column: TextColumn): string => (row[column] as string | null) ?? '';
  const number = (column: NumberColumn): number => row[column] as number;
  const id = (column: string): string => (row[column] === 0n ? '' : hexOf(row[column] as bigint));
  const has = (column: TextColumn): boolean => text(column) !== '';
  const finish = number('finish');
  const details = typeof row.details === 'string' ? (JSON.parse(row.details) as Partial<Flow>) : {};
  return {
    UUID: id('uuid'),
    ...(has('layers') && { LayersPath: text('layers') }),
    ...(has('application') && { Application: text('application') }),
    ...(has('link_a') && { Link: { Protocol: 'ETHERNET', A: text('link_a'), B: text('link_b'), ID: number('link_id') } }),
    ...(has('network') && {
      Network: { Protocol: text('network') as 'IPV4', A: text('network_a'), B: text('network_b'), ID: number('network_id') },
    }),
    ...(has('transport') && {
      Transport: {
        Protocol: text('transport') as 'TCP',
        A: number('transport_a'),
        B: number('transport_b'),
        ID: number('transport_id'),
      },
    }),
    ...(has('icmp_type') && {
      ICMP: {
        Type: text('icmp_type') as 'ECHO',
        ...(number('icmp_code') !== 0 && { Code: number('icmp_code') }),
        ...(number('icmp_id') !== 0 && { ID: number('icmp_id') }),
      },
    }),
    ...(details.DHCPv4 && { DHCPv4: details.DHCPv4 }),
    ...(details.DNS && { DNS: details.DNS }),
    ...(details.VRRPv2 && { VRRPv2: details.VRRPv2 }),
    LastUpdateMetric: windowFrom(row),
    Metric: {
      ABPackets: number('ab_packets'),
      ABBytes: number('ab_bytes'),
      BAPackets: number('ba_packets'),
      BABytes: number('ba_bytes'),
      Start: number('m_start'),
      Last: number('m_last'),
      ...(number('rtt') !== 0 && { RTT: number('rtt') }),
    },
    ...(details.TCPMetric && { TCPMetric: details.TCPMetric }),
    ...(details.IPMetric && { IPMetric: details.IPMetric }),
    Start: number('start'),
    Last: number('last'),
    TrackingID: id('tracking'),
    L3TrackingID: id('l3_tracking'),
    ParentUUID: id('parent'),
    ...(has('node_tid') && { NodeTID: text('node_tid') }),
    ...(has('capture') && { CaptureID: text('capture') }),
    RawPacketsCaptured: number('raw_captured'),
    ...(finish !== 0 && { FinishType: finish as 1 }),
  };
}

/** What the update of a row added. */
export function windowFrom(row: Row): FlowMetric {
  const number = (column: NumberColumn): number => row[column] as number;
  return {
    ABPackets: number('w_ab_packets'),
    ABBytes: number('w_ab_bytes'),
    BAPackets: number('w_ba_packets'),
    BABytes: number('w_ba_bytes'),
    Start: number('w_start'),
    Last: number('w_last'),
    ...(number('w_rtt') !== 0 && { RTT: number('w_rtt') }),
  };
}
