import { LINK_TYPE } from '../../src/flow/decode/dissect.js';
import type { Flow, FlowUpdate } from '../../src/flow/flow.js';
import { openFlowTable, type FlowTable } from '../../src/flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS, type FlowTableOptions } from '../../src/flow/table/options.js';

/** A table for imports: flows come out once. */
export const table = (options: Partial<FlowTableOptions> = {}): FlowTable =>
  openFlowTable({ ...FLOW_TABLE_DEFAULTS, updateMs: 0, expireMs: 0, ...options });

/** A frame with its time and whatever else is not as usual. */
export interface Sent {
  readonly frame: Buffer;
  readonly ms?: number;
  readonly nanos?: number;
  readonly linkType?: number;
  readonly wireLength?: number;
  readonly vlanTag?: number;
  readonly segments?: number;
}

export function put(into: FlowTable, ...packets: readonly (Sent | Buffer)[]): FlowTable {
  for (const [index, packet] of packets.entries()) {
    const {
      frame,
      ms = 1000 + index,
      nanos = 0,
      linkType = LINK_TYPE.ethernet,
      wireLength,
      vlanTag,
      segments,
    }: Sent = Buffer.isBuffer(packet) ? { frame: packet } : packet;
    into.packet(frame, 0, frame.length, wireLength ?? frame.length, ms, nanos, linkType, vlanTag, segments);
  }
  return into;
}

/** What a sink takes. */
export function collect(
  run: (sink: { flow: (row: { toUpdate: (reason: FlowUpdate['reason']) => FlowUpdate }, reason: FlowUpdate['reason']) => void }) => void,
): FlowUpdate[] {
  const updates: FlowUpdate[] = [];
  run({ flow: (row, reason) => updates.push(row.toUpdate(reason)) });
  return updates;
}

export const flush = (from: FlowTable): Flow[] => collect((sink) => from.flush(sink)).map(({ flow }) => flow);

/** The flows that the packets make. */
export const flowsOf = (options: Partial<FlowTableOptions>, ...packets: readonly (Sent | Buffer)[]): Flow[] =>
  flush(put(table(options), ...packets));
