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

/** One receive. `overrun`: the kernel lost events of this socket; `truncated`: the message was longer than the buffer; `failed`: the socket does not work. */
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

/** What a user of the thread hears. Neither may throw: nobody above could tell whose fault it is. */
export interface SocketListener {
  /** What one wake brought for this user's sockets, in the order of arrival. */
  received(records: readonly Received[]): void;
  /** The thread ended although nobody stopped it: the sockets are closed. */
  lost(reason: string): void;
}

/** One user's sockets. */
export interface SocketGroup {
  /** Waits for the socket from now on; the thread owns and closes it. Answers the id that its records carry. */
  watch(fd: number): number;
  /** Closes the socket at once; records of it that are on their way are not delivered. */
  close(id: number): void;
  closeAll(): void;
}

export interface SocketWatcher {
  group(listener: SocketListener): SocketGroup;
  /** Closes every socket and ends the thread. */
  stop(): Promise<void>;
}

/** Milliseconds that the thread has for leaving by itself; it wakes at once and closes its sockets. */
const LEAVE_WITHIN = 2_000;

interface Watched {
  readonly fd: number;
  readonly listener: SocketListener;
}

interface Thread {
  command(message: WatcherCommand): void;
  readonly gone: Promise<void>;
}

/** The thread that waits for the sockets of all probes. It is started with the first socket, and again after it was lost. */
export function watchSockets(log: Log): SocketWatcher {
  const open = new Map<number, Watched>();
  let lastId = 0;
  let thread: Thread | undefined;
  let isStopping = false;

  const deliver = ({ records, bytes }: ReceivedBatch): void => {
    const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const byListener = new Map<SocketListener, Received[]>();
    let at = 0;
    for (const record of records) {
      const listener = open.get(record.id)?.listener;
      const received = { ...record, bytes: memory.subarray(at, at + record.length) };
      at += record.length;
      if (listener === undefined) continue;
      const list = byListener.get(listener);
      if (list === undefined) byListener.set(listener, [received]);
      else list.push(received);
    }
    for (const [listener, received] of byListener) listener.received(received);
  };

  const ended = (reason: string): void => {
    thread = undefined;
    const listeners = new Set([...open.values()].map(({ listener }) => listener));
    // The thread closes its sockets when it leaves; one that broke did not.
    if (!isStopping) for (const { fd } of open.values()) sys.close(fd);
    open.clear();
    if (isStopping) return;
    log.error({ reason }, 'the thread that waits for the kernel ended');
    for (const listener of listeners) listener.lost(reason);
  };

  const group = (listener: SocketListener): SocketGroup => ({
    watch(fd) {
      if (isStopping) throw new CanopyError('UNAVAILABLE', 'the agent is stopping');
      thread ??= startThread(deliver, ended);
      const id = ++lastId;
      open.set(id, { fd, listener });
      thread.command({ op: 'watch', id, fd });
      return id;
    },
    close(id) {
      if (open.delete(id)) thread?.command({ op: 'close', id });
    },
    closeAll() {
      for (const [id, watched] of open) if (watched.listener === listener) this.close(id);
    },
  });

  return {
    group,
    async stop() {
      isStopping = true;
      if (thread === undefined) return;
      thread.command({ op: 'stop' });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, LEAVE_WITHIN, 'late')));
      const outcome = await Promise.race([thread.gone, late]);
      clearTimeout(timer);
      if (outcome === 'late') log.error({ waitedMs: LEAVE_WITHIN }, 'the thread that waits for the kernel does not leave');
    },
  };
}

function startThread(deliver: (batch: ReceivedBatch) => void, ended: (reason: string) => void): Thread {
  const wakeFd = sys.eventfd(0, LINUX.EFD_CLOEXEC | LINUX.EFD_NONBLOCK);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const data: WatcherData = { wakeFd, port: workerPort, waiting };
  const worker = startWorker('./epollWorker', import.meta.url, { workerData: data, transferList: [workerPort] });
  worker.unref();
  port.unref();
  const one = Buffer.alloc(8);
  one.writeBigUInt64LE(1n);
  let isGone = false;
  const command = (message: WatcherCommand): void => {
    if (isGone) return;
    port.postMessage(message);
    sys.write(wakeFd, one, 8);
  };
  // A process that exits while the thread waits would hang until the wait ends.
  const leaveWithProcess = (): void => command({ op: 'stop' });
  process.once('exit', leaveWithProcess);
  let reason = 'it left by itself';
  worker.on('error', (error) => (reason = error.message));
  worker.on('message', (batch: ReceivedBatch) => {
    try {
      deliver(batch);
    } finally {
      Atomics.sub(waiting, 0, batch.bytes.byteLength);
      Atomics.notify(waiting, 0);
    }
  });
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isGone = true;
      process.off('exit', leaveWithProcess);
      port.close();
      sys.close(wakeFd);
      ended(reason);
      resolve();
    });
  });
  return { command, gone };
}
