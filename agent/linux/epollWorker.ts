import { constants } from 'node:os';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LINUX, machineAbi } from './abi.js';
import type { ReceivedBatch, ReceivedRecord, WatcherCommand, WatcherData } from './socketWatcher.js';
import { raw, sys } from './syscall.js';

/** The one thread that waits: for every socket that it was given, in one epoll, and for its owner, by an eventfd. */

/** Milliseconds. No wait is longer, so that the thread can never be stuck: a thread inside a call cannot be stopped from outside. */
const LONGEST_WAIT = 1_000;
/** Milliseconds between looks at whether the owner has caught up. */
const BACK_OFF = 20;
const EVENTS_AT_ONCE = 64;
/** Receives from one socket before the next one has its turn. */
const RECEIVES_AT_ONCE = 64;
/** Bytes. The kernel's event messages stay below 32 KiB; longer ones are told apart by MSG_TRUNC. */
const RECEIVE_BYTES = 64 * 1024;
/** Bytes that may wait for the owner; beyond them the kernel's buffers fill, and what they lose is dumped again. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** In the set of events: the owner calls. Ids of sockets begin at 1. */
const OWNER = 0;

const { wakeFd, port, waiting } = workerData as WatcherData;
const abi = machineAbi();
const epollFd = sys.epollCreate(LINUX.EPOLL_CLOEXEC);
const events = Buffer.alloc(abi.epollEventSize * EVENTS_AT_ONCE);
const receiveBuffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
const eventCounter = Buffer.alloc(8);
const socketsById = new Map<number, number>();

function watch(id: number, fd: number): void {
  const event = Buffer.alloc(abi.epollEventSize);
  event.writeUInt32LE(LINUX.EPOLLIN, 0);
  event.writeUInt32LE(id, abi.epollEventData);
  sys.epollCtl(epollFd, LINUX.EPOLL_CTL_ADD, fd, event);
}

/** Closing takes it out of the epoll too, since nobody else has the descriptor. */
function forget(id: number): void {
  const fd = socketsById.get(id);
  socketsById.delete(id);
  if (fd !== undefined) sys.close(fd);
}

let isStopping = false;

function obey(command: WatcherCommand): void {
  switch (command.op) {
    case 'watch':
      socketsById.set(command.id, command.fd);
      try {
        return watch(command.id, command.fd);
      } catch {
        // The limit of watched descriptors, for one: its owner hears of it, the others go on.
        forget(command.id);
        return handOver([{ id: command.id, length: 0, problem: 'failed' }], []);
      }
    case 'close':
      return forget(command.id);
    case 'stop':
      isStopping = true;
  }
}

function receive(id: number, records: ReceivedRecord[], chunks: Buffer[]): void {
  const fd = socketsById.get(id);
  if (fd === undefined) return;
  for (let turn = 0; turn < RECEIVES_AT_ONCE; turn++) {
    const received = raw.recv(fd, receiveBuffer, receiveBuffer.length, LINUX.MSG_TRUNC | LINUX.MSG_DONTWAIT);
    if (received === -constants.errno.EAGAIN) return;
    if (received < 0) {
      const isOverrun = received === -constants.errno.ENOBUFS;
      records.push({ id, length: 0, problem: isOverrun ? 'overrun' : 'failed' });
      // Left open it would wake us for ever.
      return isOverrun ? undefined : forget(id);
    }
    const length = Math.min(received, receiveBuffer.length);
    chunks.push(Buffer.from(receiveBuffer.subarray(0, length)));
    records.push({ id, length, problem: received > receiveBuffer.length ? 'truncated' : undefined });
  }
}

function handOver(records: readonly ReceivedRecord[], chunks: readonly Buffer[]): void {
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  Atomics.add(waiting, 0, total);
  parentPort?.postMessage({ records, bytes } satisfies ReceivedBatch, [bytes.buffer]);
}

watch(OWNER, wakeFd);
while (!isStopping) {
  if (Atomics.load(waiting, 0) > MOST_WAITING_BYTES) Atomics.wait(waiting, 0, Atomics.load(waiting, 0), BACK_OFF);
  else {
    const count = raw.epollWait(epollFd, events, EVENTS_AT_ONCE, LONGEST_WAIT);
    const records: ReceivedRecord[] = [];
    const chunks: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      const id = events.readUInt32LE(index * abi.epollEventSize + abi.epollEventData);
      if (id === OWNER) sys.read(wakeFd, eventCounter, 8);
      else receive(id, records, chunks);
    }
    if (records.length > 0) handOver(records, chunks);
  }
  for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
    obey(message.message as WatcherCommand);
  }
}
for (const id of [...socketsById.keys()]) forget(id);
sys.close(epollFd);
port.close();
