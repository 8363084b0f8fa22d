import type { Flow, FlowMetric, RawPacket } from '../flow/flow.js';
import type { FlowCondition } from './condition.js';

/** Milliseconds since the epoch: no flow that is kept is of this time or later. */
export const LATEST = Date.parse('2100-01-01T00:00:00Z');

/** A packed batch of flows as an agent or an import gives it. */
export interface FlowArrival {
  /** `src/flow/batch`. */
  readonly batch: Uint8Array;
  /** Who sent it. */
  readonly origin: string;
  /** How far the sender's clock was ahead of ours, ms: times are kept corrected, with this beside them. */
  readonly clockOffset: number;
}

/** Milliseconds since the epoch, both included. */
export interface FlowSpan {
  readonly from: number;
  readonly to: number;
}

/** By what flows are put in order; equal ones by id. */
export type FlowOrderField = 'START' | 'LAST' | 'BYTES' | 'PACKETS';

export interface FlowsQuery {
  readonly span: FlowSpan;
  readonly condition: FlowCondition;
  readonly order: { readonly field: FlowOrderField; readonly isDescending: boolean };
  readonly offset: number;
  readonly limit: number;
}

/** Some of the flows that were asked for, and how many there are. */
export interface FlowsAnswer {
  readonly flows: readonly Flow[];
  readonly total: number;
}

/** What flows are put together by. `A_END`, `B_END`: the address, or the MAC address of a flow without. `TIME`: by steps of the length given. */
export type SummaryKey =
  | 'A_ADDRESS'
  | 'B_ADDRESS'
  | 'A_MAC'
  | 'B_MAC'
  | 'A_END'
  | 'B_END'
  | 'A_PORT'
  | 'B_PORT'
  | 'APPLICATION'
  | 'PROTOCOL'
  | 'CAPTURE_NODE'
  | 'TIME';
export type SummaryMeasure = 'BYTES' | 'PACKETS' | 'FLOWS';

export interface SummaryQuery {
  readonly keys: readonly SummaryKey[];
  readonly span: FlowSpan;
  readonly condition: FlowCondition;
  /** Milliseconds; only with `TIME`. */
  readonly stepMs: number;
  readonly orderBy: SummaryMeasure;
  /** Groups at most; with `TIME` each of them has all its steps. */
  readonly limit: number;
}

/** One group: its keys in the order of the query, `undefined` where the flows have none, and its sums. */
export interface SummaryGroup {
  readonly keys: readonly (string | number | undefined)[];
  readonly abBytes: number;
  readonly baBytes: number;
  readonly abPackets: number;
  readonly baPackets: number;
  /** Different flows. */
  readonly flows: number;
}

/** Packets that were kept, page by page in the order of their times. */
export interface PacketsQuery {
  /** Of flows that match. */
  readonly condition: FlowCondition;
  readonly span: FlowSpan;
  /** Those behind this one; from the first on unless given. */
  readonly after?: KeptPacket;
  readonly limit: number;
}

/** A packet with the flow that it is of. */
export interface KeptPacket {
  readonly uuid: string;
  /** Where it was captured; `''` for an import. */
  readonly nodeTid: string;
  readonly packet: RawPacket;
}

export interface FlowStoreStatus {
  /** Updates of flows on disk since the start. */
  readonly stored: number;
  /** Flows that could not be kept. */
  readonly dropped: number;
  readonly bytes: number;
  /** When the oldest hour begins of which something is kept, milliseconds since the epoch; `undefined` where nothing is. */
  readonly since: number | undefined;
  /** Why it does not keep anything at present. */
  readonly error: string | undefined;
}

/** Flows over time: every update of every flow, what was counted in each, and raw packets. A later home (ClickHouse) passes the same suite. */
export interface FlowStore {
  /** Resolves when it is on disk. Rejects with `STORE_UNAVAILABLE` when it is not kept. */
  append(arrival: FlowArrival): Promise<void>;
  /** Flows that were there within the span, each as it stood at its end. */
  flows(query: FlowsQuery): Promise<FlowsAnswer>;
  /** What each update counted, by `UUID`, in order of its end; only those that lie within the span. */
  samples(uuids: readonly string[], span: FlowSpan): Promise<ReadonlyMap<string, readonly FlowMetric[]>>;
  /** Packets captured within the span, by `UUID`, in order. */
  rawPackets(uuids: readonly string[], span: FlowSpan): Promise<ReadonlyMap<string, readonly RawPacket[]>>;
  /** Packets captured within the span, of all flows that match. */
  packets(query: PacketsQuery): Promise<readonly KeptPacket[]>;
  /** Sums over what was counted within the span, the largest first. */
  summary(query: SummaryQuery): Promise<readonly SummaryGroup[]>;
  /** Drops what is older than `before`, then the oldest until at most `maxBytes` are left. */
  prune(before: number, maxBytes: number): Promise<void>;
  status(): FlowStoreStatus;
  close(): Promise<void>;
}
