import { openFlowTable, type FlowTable } from '../table/flowTable.js';
import { FLOW_TABLE_DEFAULTS, type FlowTableOptions } from '../table/options.js';
import type { FlowSink } from '../table/sink.js';
import type { FlowTableStats } from '../table/stats.js';
import type { TableMemory } from '../table/tableMemory.js';
import { PcapParser, type PcapSummary } from './pcapParser.js';

/** Flows of one file that are held at once, some 550 MiB; beyond them the idlest come out early. */
const MAX_FLOWS = 2_000_000;

/** Packets, in whole batches, between two looks at flows that had to leave early. */
const PACKETS_A_SWEEP = 1024;

export interface CaptureFileOptions {
  /** What the table does with the packets; the timers of live captures are off. */
  readonly table?: Partial<FlowTableOptions>;
  /** Whether a packet counts: what a BPF text says of it. */
  readonly accepts?: (packet: Uint8Array, wireLength: number, linkType: number) => boolean;
  readonly sink: FlowSink;
  /** Where the memory of a large table comes from. */
  readonly memory?: TableMemory;
}

export interface CaptureFileResult {
  readonly file: PcapSummary;
  readonly table: FlowTableStats;
  /** Packets that were not accepted. */
  readonly filtered: number;
}

/** Turns a capture file into flows, piece by piece: packets keep the times of the file, and each flow comes out once, at the end. */
export class CaptureFile {
  private readonly table: FlowTable;
  private readonly parser: PcapParser;
  private readonly sink: FlowSink;
  private filtered = 0;

  constructor({ table, accepts, sink, memory }: CaptureFileOptions) {
    this.sink = sink;
    this.table = openFlowTable({ ...FLOW_TABLE_DEFAULTS, maxFlows: MAX_FLOWS, ...table, updateMs: 0, expireMs: 0 }, memory);
    let packets = 0;
    this.parser = new PcapParser({
      packet: (...packet) => this.table.packet(...packet),
      packets: (batch) => {
        if (accepts !== undefined) {
          this.filtered += batch.size;
          batch.keep(accepts);
          this.filtered -= batch.size;
          if (batch.size === 0) return;
        }
        this.table.packets(batch);
        packets += batch.size;
        if (packets < PACKETS_A_SWEEP) return;
        packets = 0;
        // The file's time is the only clock: fragments wait by it.
        this.table.sweep(batch.timeMs[batch.size - 1]!, 0, sink);
      },
    });
  }

  /** Throws `BAD_INPUT` when the file is no capture file. */
  push(chunk: Uint8Array): void {
    this.parser.push(chunk);
  }

  /** Sends all flows, and says how far the file was read. Throws `BAD_INPUT` when it is no capture file. */
  end(): CaptureFileResult {
    const file = this.parser.end();
    this.table.flush(this.sink);
    return { file, table: this.table.stats, filtered: this.filtered };
  }
}
