import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { openFlowTable, type FlowTable } from '../../src/flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS } from '../../src/flow/table/options.js';
import type { FlowTableOptions } from '../../src/flow/table/options.js';
import type { Flows } from '../../src/protocol/flows.js';

const ETHERNET = 1;

export interface Udp {
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly fromMac?: string;
  readonly toMac?: string;
  readonly payload?: number;
}

const octets = (text: string, separator: string, base: number): number[] => text.split(separator).map((part) => parseInt(part, base));

/** A UDP datagram over IPv4 over Ethernet, checksums left out. */
export function udp({
  from,
  to,
  fromPort,
  toPort,
  fromMac = '02:00:00:00:00:0a',
  toMac = '02:00:00:00:00:0b',
  payload = 10,
}: Udp): Uint8Array {
  const frame = Buffer.alloc(42 + payload);
  frame.set(octets(toMac, ':', 16), 0);
  frame.set(octets(fromMac, ':', 16), 6);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(28 + payload, 16);
  frame[22] = 64;
  frame[23] = 17;
  frame.set(octets(from, '.', 10), 26);
  frame.set(octets(to, '.', 10), 30);
  frame.writeUInt16BE(fromPort, 34);
  frame.writeUInt16BE(toPort, 36);
  frame.writeUInt16BE(8 + payload, 38);
  return frame;
}

/** A flow table as an agent has it, and batches of it as they come over the wire. */
export class Captured {
  readonly table: FlowTable;
  private number = 0;

  constructor(
    readonly capture: string,
    readonly node: string,
    tid: string,
    options: Partial<FlowTableOptions> = {},
  ) {
    this.table = openFlowTable({ ...FLOW_TABLE_DEFAULTS, captureId: capture, nodeTid: tid, updateMs: 1_000, hashSeed: 1, ...options });
  }

  packet(at: number, packet: Udp, { nanos = 0, wireLength }: { nanos?: number; wireLength?: number } = {}): void {
    const bytes = udp(packet);
    this.table.packet(bytes, 0, bytes.length, wireLength ?? bytes.length, at, nanos, ETHERNET);
  }

  /** What became due. */
  update(now: number): Flows[] {
    return this.batches('UPDATE', (writer) => this.table.sweep(now, 1_000_000, writer));
  }

  refresh(now: number): Flows[] {
    return this.batches('REFRESH', (writer) => this.table.refresh(now, writer));
  }

  stop(): Flows[] {
    return this.batches('UPDATE', (writer) => this.table.flush(writer));
  }

  private batches(batchKind: Flows['batchKind'], fill: (writer: ReturnType<typeof openFlowBatchWriter>) => void): Flows[] {
    const batches: Flows[] = [];
    const writer = openFlowBatchWriter({
      emit: (batch, count) => {
        this.number += 1;
        batches.push({ kind: 'flows', number: this.number, capture: this.capture, node: this.node, batchKind, count, batch, dropped: {} });
      },
    });
    fill(writer);
    writer.end();
    return batches;
  }
}
