import type { Flow, FlowMetric, RawPacket } from '../../flow/flow.js';
import type { TimeSlice } from './traversal.js';

/** Which flows a step asks for. */
export interface FlowQuestion {
  /** `undefined`: as they stand now. */
  readonly slice: TimeSlice | undefined;
  /** Only of these capture nodes, by `TID`. */
  readonly nodeTids: readonly string[] | undefined;
}

/** Where a run finds flows. Everything is by the flow's `UUID`. */
export interface FlowSource {
  flows(question: FlowQuestion, spend: (flows: number) => void): Promise<readonly Flow[]>;
  /** What was counted in each update within the time, in order of its end. */
  samples(uuids: readonly string[], slice: TimeSlice): Promise<ReadonlyMap<string, readonly FlowMetric[]>>;
  /** Packets that were kept, in order; now: since the last update. */
  rawPackets(uuids: readonly string[], slice: TimeSlice | undefined): Promise<ReadonlyMap<string, readonly RawPacket[]>>;
  /** The packets that a filter of libpcap lets through. Throws `BAD_INPUT` with libpcap's words for a filter that it does not take. */
  filterPackets(packets: readonly RawPacket[], expression: string): readonly RawPacket[];
}
