import type { ElementChange } from '../graph/change.js';
import { OP, type OpCode } from './block.js';

const CHANGE_OPS: Readonly<Record<number, ElementChange['op']>> = {
  [OP.added]: 'added',
  [OP.updated]: 'updated',
  [OP.removed]: 'removed',
  [OP.suspended]: 'suspended',
  [OP.removedWaiting]: 'removed',
  [OP.forgotten]: 'suspended',
};
/** The operation as everybody else knows it. */
export const changeOp = (op: OpCode): ElementChange['op'] => CHANGE_OPS[op]!;

/** The operation as headers and bodies keep it. An edge that lost an end goes out of sight and waits: one change says both. */
export function opOf(change: ElementChange): OpCode {
  if (change.op === 'removed' && change.reason === 'END_MISSING') return OP.removedWaiting;
  if (change.op === 'suspended' && change.element.deletedAt !== undefined && change.reason !== undefined) return OP.forgotten;
  return OP[change.op];
}
