import type { Flow, FlowUpdate, RawPacket, SendReason } from '../flow.js';

/** A packed batch, read column by column or as objects. Numbers of a column that a flow does not have are 0, texts "". */
export interface FlowBatch {
  readonly length: number;
  update(row: number): FlowUpdate;
  flow(row: number): Flow;
  reason(row: number): SendReason;
  rawPackets(row: number): readonly RawPacket[];
  number(column: FlowNumberColumn): Float64Array;
  /** The texts of a dictionary column, and the position of each row's. */
  text(column: FlowTextColumn): { readonly values: readonly string[]; readonly index: Uint32Array };
  /** 16 bytes a row would be wasteful as text: hexadecimal ids. */
  id(column: FlowIdColumn, row: number): string;
}

export type FlowTextColumn = 'LayersPath' | 'Application' | 'Link.A' | 'Link.B' | 'Network.A' | 'Network.B' | 'NodeTID' | 'CaptureID';
export type FlowIdColumn = 'UUID' | 'TrackingID' | 'L3TrackingID' | 'ParentUUID';
export type FlowNumberColumn =
  | 'Start'
  | 'Last'
  | 'Link.ID'
  | 'Network.ID'
  | 'Transport.A'
  | 'Transport.B'
  | 'Transport.ID'
  | 'ICMP.Code'
  | 'ICMP.ID'
  | 'FinishType'
  | 'RawPacketsCaptured'
  | 'Segments.AB'
  | 'Segments.BA'
  | `${'Metric' | 'LastUpdateMetric'}.${'ABPackets' | 'ABBytes' | 'BAPackets' | 'BABytes' | 'Start' | 'Last' | 'RTT'}`;

/** Reads a batch; throws `PROTOCOL_VIOLATION` for bytes that are none. */
export declare function readFlowBatch(bytes: Uint8Array): FlowBatch;
