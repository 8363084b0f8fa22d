import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import { startWorker } from '../../src/common/worker.js';
import { LINUX } from './abi.js';
import { sys } from './syscall.js';

/** What the owner tells the thread. Ids are never used twice, so that what is still on its way from a closed socket is told apart. */
export type WatcherCommand =
  | { readonly op: 'watch'; readonly id: number; readonly fd: number }
  | { readonly op: 'close'; readonly id: number }
  | { readonly op: 'stop' };

/** What the thread is started with. */
export interface WatcherData {
  /** An eventfd: wakes the thread to read its commands. */
  readonly wakeFd: number;
  readonly port: MessagePort;
  /** Bytes handed over and not yet worked off. */
  readonly waiting: Int32Array;
}

/** One receive. `overrun`: the kernel lost events of this socket; `truncated`: this message was longer than the buffer; `failed`: the socket does not work. */
export interface ReceivedRecord {
  readonly id: number;
  readonly length: number;
  readonly problem: 'overrun' | 'truncated' | 'failed' | undefined;
}

/** What one wake of the thread brought: records in order, their bytes one after the other. */
export interface ReceivedBatch {
  readonly records: readonly ReceivedRecord[];
  readonly bytes: Uint8Array;
}

/** One record with its bytes. */
export interface Received extends ReceivedRecord {
  readonly bytes: Buffer;
}

/** Milliseconds that the thread has for leaving by itself; it wakes at once and closes its sockets. */
const LEAVE_WITHIN = 2_000;

export interface SocketWatcher {
  /** Waits for the socket from now on; the thread owns and closes it. Answers the id that its records carry. */
  watch(fd: number): number;
  /** Closes the socket at once; records of it that are on their way are not delivered. */
  close(id: number): void;
  /** Closes every socket and ends the thread. */
  stop(): Promise<void>;
}

/** Starts the thread that waits for sockets. `listener` gets what each of its wakes brought, in the order of arrival. */
export async function watchSockets(listener: (received: readonly Received[]) => void, log: Log): Promise<SocketWatcher> {
  const wakeFd = sys.eventfd(0, LINUX.EFD_CLOEXEC | LINUX.EFD_NONBLOCK);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const data: WatcherData = { wakeFd, port: workerPort, waiting };
  const worker = startWorker('./epollWorker', import.meta.url, { workerData: data, transferList: [workerPort] });
  worker.unref();
  port.unref();
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  const open = new Set<number>();
  let lastId = 0;
  let isGone = false;
  const command = (message: WatcherCommand): void => {
    if (isGone) return;
    port.postMessage(message);
    sys.write(wakeFd, one, 8);
  };
  // A process that exits while the thread waits would hang until the wait ends.
  const leaveWithProcess = (): void => command({ op: 'stop' });
  process.once('exit', leaveWithProcess);
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isGone = true;
      process.off('exit', leaveWithProcess);
      port.close();
      sys.close(wakeFd);
      resolve();
    });
  });
  worker.on('error', (error) => log.error({ error }, 'the thread that waits for the kernel failed'));
  worker.on('message', ({ records, bytes }: ReceivedBatch) => {
    const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const received: Received[] = [];
    let at = 0;
    for (const record of records) {
      if (open.has(record.id)) received.push({ ...record, bytes: memory.subarray(at, at + record.length) });
      at += record.length;
    }
    try {
      listener(received);
    } finally {
      Atomics.sub(waiting, 0, bytes.byteLength);
      Atomics.notify(waiting, 0);
    }
  });
  return {
    watch(fd) {
      if (isGone) throw new CanopyError('UNAVAILABLE', 'the thread that waits for the kernel has ended', { retriable: true });
      const id = ++lastId;
      open.add(id);
      command({ op: 'watch', id, fd });
      return id;
    },
    close(id) {
      if (open.delete(id)) command({ op: 'close', id });
    },
    async stop() {
      open.clear();
      command({ op: 'stop' });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, LEAVE_WITHIN, 'late')));
      if ((await Promise.race([gone, late])) === 'late')
        log.error({ waitedMs: LEAVE_WITHIN }, 'the thread that waits for the kernel does not leave');
      clearTimeout(timer);
    },
  };
}
