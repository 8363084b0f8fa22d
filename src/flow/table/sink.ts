import type { SendReason } from '../flow.js';
import type { FlowRow } from './flowRow.js';

/** Takes flows out of a table. The row is the table's own cursor: it moves on after the call, and may be removed then. */
export interface FlowSink {
  flow(row: FlowRow, reason: SendReason): void;
}
