import { writeSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { startWorker } from '../../../src/common/worker.js';
import { LINUX } from '../../linux/abi.js';
import { sys } from '../../linux/syscall.js';
import type { SourceSettings } from '../source.js';
import type { CaptureWorkerData, WorkerCommand, WorkerNews } from './messages.js';
import { batchesUnderWay } from './shared.js';

/** Milliseconds that the thread has for sending what is in its tables and leaving by itself. */
const LEAVE_WITHIN = 2_000;

/** A capture worker as its owner has it. */
export interface CaptureThread {
  command(command: WorkerCommand): void;
  /** Sends everything that is in its tables, closes all, and ends. */
  end(): Promise<void>;
}

export interface CaptureThreadListener {
  news(news: WorkerNews): void;
  /** It ended although nobody asked it to: all of its captures are gone. */
  lost(reason: string): void;
}

export function startCaptureThread(shared: SharedArrayBuffer, settings: SourceSettings, listener: CaptureThreadListener): CaptureThread {
  const wakeFd = sys.eventfd(0, LINUX.EFD_CLOEXEC | LINUX.EFD_NONBLOCK);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const data: CaptureWorkerData = { wakeFd, port: workerPort, shared, settings };
  const worker = startWorker('./captureWorker', import.meta.url, { workerData: data, transferList: [workerPort] });
  const underWay = batchesUnderWay(shared);
  worker.unref();
  port.unref();
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  let isGone = false;
  let isEnding = false;
  const command = (message: WorkerCommand): void => {
    if (isGone) return;
    port.postMessage(message);
    sys.write(wakeFd, one, 8);
  };
  let reason = 'it left by itself';
  worker.on('error', (error) => (reason = error.message));
  worker.on('message', (news: WorkerNews) => {
    if (news.op === 'batch') underWay.taken(news.bytes.byteLength);
    listener.news(news);
  });
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isGone = true;
      process.off('exit', leaveWithProcess);
      port.close();
      sys.close(wakeFd);
      if (!isEnding) listener.lost(reason);
      resolve();
    });
  });
  // A process that exits waits for its threads, and this one waits for the kernel: it has to be told.
  const leaveWithProcess = (): void => command({ op: 'end' });
  process.once('exit', leaveWithProcess);
  return {
    command,
    async end() {
      isEnding = true;
      command({ op: 'end' });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, LEAVE_WITHIN, 'late')));
      const outcome = await Promise.race([gone, late]);
      clearTimeout(timer);
      if (outcome === 'late') writeSync(2, `canopy: a capture thread does not leave after ${LEAVE_WITHIN} ms; it ends with the process\n`);
    },
  };
}
