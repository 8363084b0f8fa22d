import { setImmediate as afterOthers } from 'node:timers/promises';
import { CanopyError } from '../../common/errors.js';
import { openFlowBatchWriter } from '../../flow/batch/flowBatchWriter.js';
import { CaptureFile } from '../../flow/pcap/captureFile.js';
import type { FlowStore } from '../../flowstore/store.js';
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
  const capture = new CaptureFile({ sink: writer });
  for (let at = 0; at < file.length; at += TURN_BYTES) {
    capture.push(file.subarray(at, at + TURN_BYTES));
    await afterOthers();
  }
  const { format, packets, problem } = capture.end().file;
  if (packets === 0 && problem !== undefined) throw new CanopyError('BAD_INPUT', `the file cannot be read: ${problem}`);
  writer.end();
  await Promise.all(written);
  return { format, packets, flows, problem };
}
