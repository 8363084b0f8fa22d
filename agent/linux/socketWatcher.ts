import { writeSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import { startWorker } from '../../src/common/worker.js';
import { LINUX } from './abi.js';
import { ownNamespace } from './namespace.js';
import type { Sighting } from './processes.js';
import { sys } from './syscall.js';

/**
 * A socket is read; one of storms too, but its events wait in the thread while the owner has enough to do. A process is waited for until it
 * ends, of the kernel's word of new processes only that is passed on which matters, and of the table of mounts, that it has changed.
 */
export type WatchedKind = 'socket' | 'storm' | 'process' | 'processEvents' | 'mounts';

/** What the owner tells the thread. Ids are never used twice, so that what is still on its way from a closed socket is told apart. */
export type WatcherCommand =
  | { readonly op: 'watch'; readonly id: number; readonly fd: number; readonly kind: WatchedKind }
  | { readonly op: 'close'; readonly id: number }
  | { readonly op: 'look' }
  | { readonly op: 'lookNoMore' }
  | { readonly op: 'stop' };

/** What the thread is started with. */
export interface WatcherData {
  /** An eventfd: wakes the thread to read its commands. */
  readonly wakeFd: number;
  readonly port: MessagePort;
  /** What both threads see: `WAITING` and `STATE`. */
  readonly shared: Int32Array;
  /** Inode of the agent's own network namespace. */
  readonly ownInode: number;
}

/** Bytes handed over and not yet worked off. */
export const WAITING = 0;
/** Where the thread is: still starting (0), in calls of the kernel, or out of them for good. */
export const STATE = 1;
export const IN_KERNEL = 1;
export const LEFT = 2;

/**
 * One receive. `overrun`: the kernel lost events of this socket; `truncated`: the message was longer than the buffer; `failed`: the socket
 * does not work, and is closed; `ended`: the process has ended, and its descriptor is closed; `changed`: there are other mounts now.
 */
export interface ReceivedRecord {
  readonly id: number;
  readonly length: number;
  readonly problem: 'overrun' | 'truncated' | 'failed' | 'ended' | 'changed' | undefined;
}

/** What one wake of the thread brought: records in order, their bytes one after the other; or who is in which namespace. */
export type ReceivedBatch = { readonly records: readonly ReceivedRecord[]; readonly bytes: Uint8Array } | { readonly sighting: Sighting };

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
  /** Waits for the descriptor from now on; the thread owns and closes it. Answers the id that its records carry. */
  watch(fd: number, kind?: WatchedKind): number;
  /** Closes the socket at once; records of it that are on their way are not delivered. */
  close(id: number): void;
  closeAll(): void;
}

/** What somebody hears who wants to know which processes are in which namespace. */
export interface ProcessListener {
  sighted(sighting: Sighting): void;
  lost(reason: string): void;
}

export interface ProcessLook {
  /** Looks at all processes now; otherwise that happens every few seconds, and at new ones as the kernel tells of them. */
  again(): void;
  stop(): void;
}

export interface SocketWatcher {
  group(listener: SocketListener): SocketGroup;
  /** Looks at all processes now, and from now on. */
  lookAtProcesses(listener: ProcessListener): ProcessLook;
  /** Descriptors that the thread waits for. */
  readonly watched: number;
  /** Closes every socket and ends the thread. One that does not leave ends with the process. */
  stop(): Promise<void>;
}

/** Milliseconds that the thread has for leaving by itself; it wakes at once and closes its sockets. */
const LEAVE_WITHIN = 2_000;
/** MiB of new objects that the thread collects before it looks which of them are still needed. */
const YOUNG_GENERATION_MB = 4;
const DOES_NOT_LEAVE = 'the thread that waits for the kernel does not leave';

interface Watched {
  readonly fd: number;
  readonly listener: SocketListener;
}

interface Thread {
  command(message: WatcherCommand): void;
  /** Says that it shall close everything and end. */
  leave(): void;
  readonly gone: Promise<void>;
}

/** The thread that waits for the sockets of all probes. It is started with the first socket, and again after it was lost. */
export function watchSockets(log: Log): SocketWatcher {
  const open = new Map<number, Watched>();
  const lookers = new Set<ProcessListener>();
  let lastId = 0;
  let thread: Thread | undefined;
  let isStopping = false;

  const deliver = (batch: ReceivedBatch): void => {
    if ('sighting' in batch) {
      for (const looker of lookers) looker.sighted(batch.sighting);
      return;
    }
    const { records, bytes } = batch;
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
    const listeners = new Set<{ lost(reason: string): void }>([...[...open.values()].map(({ listener }) => listener), ...lookers]);
    // The thread closes its sockets when it leaves; one that broke did not.
    if (!isStopping) for (const { fd } of open.values()) sys.close(fd);
    open.clear();
    lookers.clear();
    if (isStopping) return;
    log.error({ reason }, 'the thread that waits for the kernel ended');
    for (const listener of listeners) listener.lost(reason);
  };

  const running = (): Thread => {
    if (isStopping) throw new CanopyError('UNAVAILABLE', 'the agent is stopping');
    return (thread ??= startThread(deliver, ended));
  };

  const group = (listener: SocketListener): SocketGroup => ({
    watch(fd, kind = 'socket') {
      const { command } = running();
      const id = ++lastId;
      open.set(id, { fd, listener });
      command({ op: 'watch', id, fd, kind });
      return id;
    },
    close(id) {
      if (open.delete(id)) thread?.command({ op: 'close', id });
    },
    closeAll() {
      for (const [id, watched] of open) if (watched.listener === listener) this.close(id);
    },
  });

  const lookAtProcesses = (listener: ProcessListener): ProcessLook => {
    const again = (): void => running().command({ op: 'look' });
    again();
    lookers.add(listener);
    return {
      again,
      stop: () => void (lookers.delete(listener) && lookers.size === 0 && thread?.command({ op: 'lookNoMore' })),
    };
  };

  return {
    group,
    lookAtProcesses,
    get watched() {
      return open.size;
    },
    async stop() {
      isStopping = true;
      if (thread === undefined) return;
      thread.leave();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, LEAVE_WITHIN, 'late')));
      const outcome = await Promise.race([thread.gone, late]);
      clearTimeout(timer);
      if (outcome === 'late') log.error({ waitedMs: LEAVE_WITHIN }, `${DOES_NOT_LEAVE}; it ends with the process`);
    },
  };
}

function startThread(deliver: (batch: ReceivedBatch) => void, ended: (reason: string) => void): Thread {
  const wakeFd = sys.eventfd(0, LINUX.EFD_CLOEXEC | LINUX.EFD_NONBLOCK);
  const { port1: port, port2: workerPort } = new MessageChannel();
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const data: WatcherData = { wakeFd, port: workerPort, shared, ownInode: ownNamespace().inode };
  const worker = startWorker('./epollWorker', import.meta.url, {
    workerData: data,
    transferList: [workerPort],
    // What it reads lives for a moment; without a bound a storm makes its young generation as large as the main thread's, for good.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
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
  let leavesBy: number | undefined;
  const leave = (): void => {
    leavesBy ??= performance.now() + LEAVE_WITHIN;
    command({ op: 'stop' });
  };
  // A process that exits waits for its threads, for ever when one is stuck in the kernel: nothing but its own end helps then.
  const leaveWithProcess = (): void => {
    leave();
    if (Atomics.wait(shared, STATE, IN_KERNEL, Math.max(0, leavesBy! - performance.now())) !== 'timed-out') return;
    writeSync(2, `canopy: ${DOES_NOT_LEAVE} after ${LEAVE_WITHIN} ms; the process kills itself\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  process.once('exit', leaveWithProcess);
  // Told in the next turn of the loop only: messages that come while others are worked off belong to the same turn, and a thread that is told at once
  // fills it for as long as a storm lasts; no timer runs and nothing is sent meanwhile.
  const workedOff = (bytes: number): void =>
    void setImmediate(() => {
      Atomics.sub(shared, WAITING, bytes);
      Atomics.notify(shared, WAITING);
    });
  let reason = 'it left by itself';
  worker.on('error', (error) => (reason = error.message));
  worker.on('message', (batch: ReceivedBatch) => {
    try {
      deliver(batch);
    } finally {
      if ('bytes' in batch) workedOff(batch.bytes.byteLength);
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
  return { command, leave, gone };
}
