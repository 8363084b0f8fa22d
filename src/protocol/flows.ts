import { readCounters } from './capture.js';
import { bytes, identifier, integer, oneOf } from './check.js';
import { MAX_FLOWS_PER_BATCH } from './limits.js';
import { MessageType } from './messageTypes.js';

/**
 * `UPDATE`: the window of each flow in the batch ended, or the flow did; a metric sample each. `REFRESH`: how the flows stand now, because somebody asks;
 * no window ended.
 */
export const FLOW_BATCH_KINDS = ['UPDATE', 'REFRESH'] as const;
export type FlowBatchKind = (typeof FLOW_BATCH_KINDS)[number];

/** Agent to analyzer: flows of one capture on one node, in columns. Times within are the agent's clock. */
export interface Flows {
  readonly kind: 'flows';
  /** 1, 2, 3, …; goes on over sessions as far as the analyzer knows how far it had come. */
  readonly number: number;
  readonly capture: string;
  /** Id of the capture's node in the agent's graph. */
  readonly node: string;
  readonly batchKind: FlowBatchKind;
  readonly count: number;
  /** The columns; their form is `src/flow/batch`. */
  readonly batch: Uint8Array;
  /** Flows that never left the agent, by reason, in total since it started: `queueFull`, `disconnected`, `tableFull`. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Analyzer to agent: batches up to the number were accepted, and up to `stored` are in the store; `credit` more bytes may be under way. */
export interface FlowsAcknowledge {
  readonly kind: 'flowsAcknowledge';
  readonly accepted: number;
  readonly stored: number;
  /** Bytes of FLOWS messages. */
  readonly credit: number;
}

/** Analyzer to agent: send what changed since it was last sent, of every table. */
export interface FlowsRefresh {
  readonly kind: 'flowsRefresh';
  readonly request: number;
}

/** Agent to analyzer, behind the last batch that the request brought about. */
export interface FlowsRefreshed {
  readonly kind: 'flowsRefreshed';
  readonly request: number;
}

export const packFlows = (message: Flows): unknown[] => [
  MessageType.FLOWS,
  message.number,
  message.capture,
  message.node,
  message.batchKind,
  message.count,
  message.batch,
  message.dropped,
];

export const readFlows = ([, number, capture, node, batchKind, count, batch, dropped]: readonly unknown[]): Flows => ({
  kind: 'flows',
  number: integer(number, 'number', 1),
  capture: identifier(capture, 'capture'),
  node: identifier(node, 'node'),
  batchKind: oneOf(batchKind, 'batchKind', FLOW_BATCH_KINDS),
  count: integer(count, 'count', 0, MAX_FLOWS_PER_BATCH),
  batch: bytes(batch, 'batch'),
  dropped: readCounters(dropped, 'dropped'),
});

export const packFlowsAcknowledge = (message: FlowsAcknowledge): unknown[] => [
  MessageType.FLOWS_ACKNOWLEDGE,
  message.accepted,
  message.stored,
  message.credit,
];

export const readFlowsAcknowledge = ([, accepted, stored, credit]: readonly unknown[]): FlowsAcknowledge => ({
  kind: 'flowsAcknowledge',
  accepted: integer(accepted, 'accepted'),
  stored: integer(stored, 'stored'),
  credit: integer(credit, 'credit'),
});

export const packFlowsRefresh = ({ request }: FlowsRefresh): unknown[] => [MessageType.FLOWS_REFRESH, request];

export const readFlowsRefresh = ([, request]: readonly unknown[]): FlowsRefresh => ({
  kind: 'flowsRefresh',
  request: integer(request, 'request'),
});

export const packFlowsRefreshed = ({ request }: FlowsRefreshed): unknown[] => [MessageType.FLOWS_REFRESHED, request];

export const readFlowsRefreshed = ([, request]: readonly unknown[]): FlowsRefreshed => ({
  kind: 'flowsRefreshed',
  request: integer(request, 'request'),
});
