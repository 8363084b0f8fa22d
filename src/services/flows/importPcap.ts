import { setImmediate as afterOthers } from 'node:timers/promises';
import { CanopyError } from '../../common/errors.js';
import { openFlowBatchWriter } from '../../flow/batch/flowBatchWriter.js';
import { PcapParser } from '../../flow/pcap/pcapParser.js';
import { openFlowTable } from '../../flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS } from '../../flow/table/options.js';
import type { FlowStore } from '../../flowstore/store.js';
import type { Asker } from '../asker.js';
import { requireWriter } from '../viewer.js';

/** Who brings imported flows. */
const IMPORT_ORIGIN = 'canopy.import';

/** Bytes that are read before others get their turn. */
const TURN_BYTES = 256 * 1024;

/** What became of a capture file. */
export interface ImportedPcap {
  readonly format: 'pcap' | 'pcapng';
  readonly packets: number;
  readonly flows: number;
  /** Time of the first and last packet, milliseconds since the epoch; `undefined` without packets. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Why reading stopped before the end of the file. */
  readonly problem: string | undefined;
}

/** Turns a capture file into flows of the store: a table of its own, without updates, so that each flow comes out once. Throws `BAD_INPUT` for what is no capture file. */
export async function importPcap({ viewer }: Pick<Asker, 'viewer'>, file: Uint8Array, store: FlowStore): Promise<ImportedPcap> {
  requireWriter(viewer);
  const table = openFlowTable({ ...FLOW_TABLE_DEFAULTS, updateMs: 0, expireMs: 0 });
  const written: Promise<void>[] = [];
  let flows = 0;
  const writer = openFlowBatchWriter({
    emit: (batch, count) => {
      flows += count;
      written.push(store.append({ batch, origin: IMPORT_ORIGIN, clockOffset: 0 }));
    },
  });
  let from: number | undefined;
  let to: number | undefined;
  const parser = new PcapParser((bytes, offset, captured, wireLength, timeMs, nanos, linkType) => {
    from = Math.min(from ?? timeMs, timeMs);
    to = Math.max(to ?? timeMs, timeMs);
    table.packet(bytes, offset, captured, wireLength, timeMs, nanos, linkType);
  });
  for (let at = 0; at < file.length; at += TURN_BYTES) {
    parser.push(file.subarray(at, at + TURN_BYTES));
    await afterOthers();
  }
  const { format, packets, problem } = parser.end();
  if (packets === 0 && problem !== undefined) throw new CanopyError('BAD_INPUT', `the file cannot be read: ${problem}`);
  table.flush(writer);
  writer.end();
  await Promise.all(written);
  return { format, packets, flows, from, to, problem };
}
