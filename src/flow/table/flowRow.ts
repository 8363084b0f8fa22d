import type { Flow, FlowUpdate, SendReason } from '../flow.js';

/** One row of a table, read in place: a cursor that is moved from row to row. Fields have the meaning of `Flow`'s. */
export interface FlowRow {
  /** The row as an object of its own. */
  toFlow(): Flow;
  toUpdate(reason: SendReason): FlowUpdate;
}
