import type { SendReason } from '../flow.js';
import type { FlowRow } from '../table/flowRow.js';
import type { FlowSink } from '../table/sink.js';

/** Largest batch in bytes; a single flow with many raw packets may exceed it. */
export const MAX_BATCH_BYTES = 256 * 1024;

export interface FlowBatchWriterOptions {
  /** Takes one packed batch of so many flows. The bytes are the receiver's to keep. */
  readonly emit: (batch: Uint8Array, flows: number, finished: number) => void;
  readonly maxBytes?: number;
}

/** Packs flow updates into columns: a sink for sweeps. `end()` emits what is left. */
export interface FlowBatchWriter extends FlowSink {
  flow(row: FlowRow, reason: SendReason): void;
  end(): void;
}

export declare function openFlowBatchWriter(options: FlowBatchWriterOptions): FlowBatchWriter;
