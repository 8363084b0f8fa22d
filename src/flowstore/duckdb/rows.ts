import type { FlowDetails } from '../../flow/flow.js';
import type { Flow, FlowMetric } from '../../flow/flow.js';
import type { NumberColumn, TextColumn } from './layout.js';

/** An id as the store keeps it; 0n is none. */
export const idOf = (hex: string | undefined): bigint => (hex === undefined || hex === '' ? 0n : BigInt(`0x${hex}`));
export const hexOf = (id: bigint): string => id.toString(16);

/** Parts of a flow that few have. */
const DETAILS = ['DHCPv4', 'DNS', 'VRRPv2', 'TCPMetric', 'IPMetric'] as const;

/** Parts that few flows have, as JSON; `null` for the others. */
export function detailsText(details: FlowDetails | undefined): string | null {
  if (details === undefined) return null;
  const parts = DETAILS.flatMap((part) => (details[part] === undefined ? [] : [[part, details[part]] as const]));
  return parts.length === 0 ? null : JSON.stringify(Object.fromEntries(parts));
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
