import { setImmediate as afterOthers } from 'node:timers/promises';
import { CanopyError } from '../../common/errors.js';
import { openFlowBatchWriter } from '../../flow/batch/flowBatchWriter.js';
import { CaptureFile } from '../../flow/pcap/captureFile.js';
import { LATEST, type FlowStore } from '../../flowstore/store.js';
import type { Asker } from '../asker.js';
import { requireRight } from '../viewer.js';

/** Who brings imported flows. */
const IMPORT_ORIGIN = 'canopy.import';

/** Bytes that are read before others get their turn. */
const TURN_BYTES = 256 * 1024;

/** What became of a capture file. */
export interface ImportedPcap {
  readonly format: 'pcap' | 'pcapng';
  readonly packets: number;
  readonly flows: number;
  /** Why reading stopped before the end of the file. */
  readonly problem: string | undefined;
}

/** Turns a capture file into flows of the store. Throws `BAD_INPUT` for what is no capture file. */
export async function importPcap({ viewer }: Pick<Asker, 'viewer'>, file: Uint8Array, store: FlowStore): Promise<ImportedPcap> {
  requireRight(viewer, 'pcap', 'write');
  const written: Promise<void>[] = [];
  let flows = 0;
  const writer = openFlowBatchWriter({
    emit: (batch, count) => {
      flows += count;
      written.push(store.append({ batch, origin: IMPORT_ORIGIN, clockOffset: 0 }));
    },
  });
  let timeless = 0;
  const capture = new CaptureFile({
    sink: {
      flow: (row, reason) => {
        // The store refuses all that comes with one.
        if (row.last < LATEST) writer.flow(row, reason);
        else timeless++;
      },
    },
  });
  for (let at = 0; at < file.length; at += TURN_BYTES) {
    capture.push(file.subarray(at, at + TURN_BYTES));
    await afterOthers();
  }
  const { format, packets, problem: damage } = capture.end().file;
  const problem = damage ?? (timeless > 0 ? `${timeless} flows with packets of the year 2100 or later are left out` : undefined);
  if (packets === 0 && damage !== undefined) throw new CanopyError('BAD_INPUT', `the file cannot be read: ${damage}`);
  writer.end();
  await Promise.all(written);
  return { format, packets, flows, problem };
}
