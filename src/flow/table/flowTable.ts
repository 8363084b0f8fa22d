import type { Flow } from '../flow.js';
import type { ExternalFlow } from './external.js';
import type { FlowTableOptions } from './options.js';
import type { FlowSink } from './sink.js';
import type { FlowTableStats } from './stats.js';

/** One capture's flows on one node: packets go in, updates and ended flows come out through a sink. No clock, no I/O of its own. */
export interface FlowTable {
  readonly options: FlowTableOptions;
  readonly stats: FlowTableStats;
  /**
   * Takes one packet: `capturedLength` bytes from `offset`, `wireLength` bytes on the wire, at `timeMs` milliseconds since the epoch
   * and `nanos` nanoseconds (below 1,000,000). `linkType` is pcap's. `vlanTag` is the tag that the kernel took out, as
   * `TPID << 16 | TCI`, 0 for none (`wireLength` is without it). `segments` is the number of wire segments in the frame.
   * Never throws, whatever the bytes; keeps no reference to them.
   */
  packet(
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
    timeMs: number,
    nanos: number,
    linkType: number,
    vlanTag?: number,
    segments?: number,
  ): void;
  /** Takes the counters of a flow that something else counts: the kernel's map, a NetFlow record. */
  external(flow: ExternalFlow, nowMs: number): void;
  /**
   * Sends what is due at `nowMs` and removes what has ended, row by row from where the last sweep stopped, and stops after `rows` rows.
   * Called each 100 ms with about `flows / (updateMs / 100)` rows or more it visits each row in time. Returns the rows visited.
   * Flows that were evicted since the last call are sent first.
   */
  sweep(nowMs: number, rows: number, sink: FlowSink): number;
  /** Sends every flow as `stop` and empties the table. */
  flush(nowMs: number, sink: FlowSink): void;
  /**
   * Sends, as `update`, every flow that had packets since it was last sent by a sweep, and changes nothing: its window goes on. For live questions,
   * between two updates.
   */
  refresh(nowMs: number, sink: FlowSink): void;
  /** Every flow as it is now, for live questions. */
  flows(): IterableIterator<Flow>;
}

/** Makes an empty table. */
export declare function openFlowTable(options: FlowTableOptions): FlowTable;
