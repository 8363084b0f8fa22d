import { createReadStream } from 'node:fs';
import { largePages } from '../../../agent/linux/largePages.js';
import { packetFilter } from '../../../agent/linux/packetFilter.js';
import { CanopyError } from '../../common/errors.js';
import type { Flow } from '../../flow/flow.js';
import { CaptureFile, type CaptureFileOptions, type CaptureFileResult } from '../../flow/pcap/captureFile.js';
import type { FlowTableOptions } from '../../flow/table/options.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { printData } from '../output/format.js';
import { renderTable, type Column } from '../output/table.js';
import type { Terminal } from '../terminal.js';

/** Bytes that are read at once. */
const CHUNK_BYTES = 1024 * 1024;

/** Characters of JSON lines that are written at once. */
const WRITE_CHARACTERS = 64 * 1024;

export interface LocalOptions {
  readonly table: Partial<FlowTableOptions>;
  /** In libpcap's language. */
  readonly bpf: string | undefined;
  readonly output: string | undefined;
}

/** Prints the flows of a capture file without any analyzer; `-` is standard input. Answers the exit code. */
export async function printFlows(path: string, options: LocalOptions, terminal: Terminal): Promise<number> {
  const printer = options.output === 'jsonl' ? jsonLines(terminal) : collected(options.output, terminal);
  const accepts = options.bpf === undefined ? undefined : filterOf(options.bpf);
  const file = new CaptureFile({ table: options.table, accepts, memory: largePages, sink: { flow: (row) => printer.flow(row.toFlow()) } });
  await readInto(path, file);
  const result = file.end();
  await printer.end();
  return report(result, terminal);
}

async function readInto(path: string, file: CaptureFile): Promise<void> {
  const source = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of source) file.push(chunk as Buffer);
  } catch (error) {
    if (error instanceof CanopyError || !(error instanceof Error) || !('code' in error)) throw error;
    throw new CanopyError('BAD_INPUT', `${path} cannot be read: ${error.message}`, { cause: error });
  }
}

/** A text that is wrong is said before the first packet. */
function filterOf(text: string): CaptureFileOptions['accepts'] {
  const filter = packetFilter(text);
  return (
    filter && ((packet, wireLength, linkType) => filter(Buffer.from(packet.buffer, packet.byteOffset, packet.length), wireLength, linkType))
  );
}

interface Printer {
  flow(flow: Flow): void;
  end(): Promise<void>;
}

function jsonLines(terminal: Terminal): Printer {
  let waiting = '';
  const write = (): void => {
    if (waiting !== '') terminal.out(waiting);
    waiting = '';
  };
  return {
    flow(flow) {
      waiting += `${JSON.stringify(flow)}\n`;
      if (waiting.length > WRITE_CHARACTERS) write();
    },
    end: async () => write(),
  };
}

function collected(output: string | undefined, terminal: Terminal): Printer {
  const flows: Flow[] = [];
  return {
    flow: (flow) => void flows.push(flow),
    async end() {
      if (output === 'json' || output === 'yaml') await printData(flows, output, terminal);
      else if (flows.length > 0) terminal.out(renderTable(flows, COLUMNS, terminal));
    },
  };
}

const endOf = (flow: Flow, end: 'A' | 'B'): string => {
  const address = flow.Network?.[end] ?? flow.Link?.[end] ?? '';
  if (flow.Transport === undefined) return address;
  return flow.Network?.Protocol === 'IPV6' ? `[${address}]:${flow.Transport[end]}` : `${address}:${flow.Transport[end]}`;
};

/** `1.234 ms`. */
const roundTrip = (nanoseconds: number | undefined): string => (nanoseconds === undefined ? '' : `${(nanoseconds / 1e6).toFixed(3)} ms`);

const COLUMNS: readonly Column<Flow>[] = [
  { title: 'START', value: ({ Start }) => new Date(Start).toISOString() },
  { title: 'SECONDS', right: true, value: ({ Start, Last }) => ((Last - Start) / 1000).toFixed(3) },
  { title: 'APPLICATION', value: ({ Application }) => Application },
  { title: 'A', value: (flow) => endOf(flow, 'A') },
  { title: 'B', value: (flow) => endOf(flow, 'B') },
  { title: 'A→B', right: true, value: ({ Metric }) => Metric?.ABPackets },
  { title: 'BYTES', right: true, value: ({ Metric }) => Metric?.ABBytes },
  { title: 'B→A', right: true, value: ({ Metric }) => Metric?.BAPackets },
  { title: 'BYTES', right: true, value: ({ Metric }) => Metric?.BABytes },
  { title: 'RTT', right: true, value: ({ Metric }) => roundTrip(Metric?.RTT) },
  { title: 'TRACKING', value: ({ TrackingID }) => TrackingID },
  { title: 'IN TUNNEL', value: ({ ParentUUID }) => ParentUUID },
  { title: 'LAYERS', value: ({ LayersPath }) => LayersPath },
];

/** Says on standard error what was read and what was not. */
function report({ file, table, filtered }: CaptureFileResult, terminal: Terminal): number {
  const parts = [`${table.created} flows of ${table.packets} packets`];
  if (filtered > 0) parts.push(`${filtered} more packets do not match`);
  if (table.ignored > 0) parts.push(`${table.ignored} belong to no flow`);
  if (table.evicted > 0) parts.push(`${table.evicted} flows came out early and may come in several pieces`);
  const damaged = Object.entries(table.malformed).map(([layer, count]) => `${layer} ${count}`);
  if (damaged.length > 0) parts.push(`damaged or cut headers: ${damaged.join(', ')}`);
  terminal.err(`${parts.join('; ')}\n`);
  if (file.problem === undefined) return OK;
  terminal.err(`read ${file.packets} packets, ${file.bytesRead} bytes: ${file.problem}\n`);
  return INCOMPLETE;
}
