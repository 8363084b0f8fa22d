import { constants } from 'node:os';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { LINUX, machineAbi } from './abi.js';
import { decodeProcessEvent, sightProcesses } from './processes.js';
import {
  IN_KERNEL,
  LEFT,
  STATE,
  WAITING,
  type ReceivedBatch,
  type ReceivedRecord,
  type WatchedKind,
  type WatcherCommand,
  type WatcherData,
} from './socketWatcher.js';
import { StormBacklog } from './stormBacklog.js';
import { raw, sys } from './syscall.js';

/** The one thread that waits: for every socket and process that it was given, in one epoll, and for its owner, by an eventfd. */

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
/** Bytes of storms among them. */
const MOST_OF_STORMS_BYTES = 32 * 1024;
/** Milliseconds between looks at whether the owner has time for more of a storm. */
const STORM_PAUSE = 1;
const NOTHING = Buffer.alloc(0);
/** In the set of events: the owner calls. Ids of sockets begin at 1. */
const OWNER = 0;
/** Milliseconds between looks at all processes: when the kernel tells of new ones, and when it does not. */
const LOOK_SELDOM = 10_000;
const LOOK_OFTEN = 3_000;
/** Milliseconds between two looks at least: asked for more often, one answers several. */
const LOOK_PAUSE = 100;
/** New processes at once beyond which all are looked at instead. */
const MOST_AT_ONCE = 128;

const { wakeFd, port, shared, ownInode } = workerData as WatcherData;
const abi = machineAbi();
const epollFd = sys.epollCreate(LINUX.EPOLL_CLOEXEC);
const events = Buffer.alloc(abi.epollEventSize * EVENTS_AT_ONCE);
const receiveBuffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);
const eventCounter = Buffer.alloc(8);
const backlog = new StormBacklog();
const watchedById = new Map<number, { readonly fd: number; readonly kind: WatchedKind }>();

/** Somebody wants to know who is in which namespace. */
let isLooking = false;
let isLookWanted = false;
let lastLook = -Infinity;
/** The kernel tells of new processes. */
let hasProcessEvents = false;
const newProcesses = new Set<number>();
/** Namespaces that the owner was told of: another process in one of them is no news. */
const told = new Set<number>();

function watch(id: number, fd: number, kind?: WatchedKind): void {
  const event = Buffer.alloc(abi.epollEventSize);
  // The table of mounts can always be read; that it has changed is an exception.
  event.writeUInt32LE(kind === 'mounts' ? LINUX.EPOLLPRI : LINUX.EPOLLIN, 0);
  event.writeUInt32LE(id, abi.epollEventData);
  sys.epollCtl(epollFd, LINUX.EPOLL_CTL_ADD, fd, event);
}

/** Closing takes it out of the epoll too, since nobody else has the descriptor. */
function forget(id: number): void {
  const watched = watchedById.get(id);
  watchedById.delete(id);
  if (watched === undefined) return;
  sys.close(watched.fd);
  if (watched.kind === 'processEvents') hasProcessEvents = false;
}

let isStopping = false;

function obey(command: WatcherCommand): void {
  switch (command.op) {
    case 'watch':
      watchedById.set(command.id, command);
      try {
        watch(command.id, command.fd, command.kind);
        // The kernel takes its word back when it is asked for the first time: what was mounted since it was opened is not told again.
        if (command.kind === 'mounts') handOver([{ id: command.id, length: 0, problem: 'changed' }], []);
        return;
      } catch {
        // The limit of watched descriptors, for one: its owner hears of it, the others go on.
        forget(command.id);
        return handOver([{ id: command.id, length: 0, problem: 'failed' }], []);
      }
    case 'close':
      return forget(command.id);
    case 'look':
      isLooking = true;
      isLookWanted = true;
      return;
    case 'lookNoMore':
      isLooking = false;
      return;
    case 'stop':
      isStopping = true;
  }
}

function receive(id: number, records: ReceivedRecord[], chunks: Buffer[]): void {
  const watched = watchedById.get(id);
  if (watched === undefined) return;
  const { fd, kind } = watched;
  if (kind === 'mounts') return void records.push({ id, length: 0, problem: 'changed' });
  if (kind === 'process') {
    records.push({ id, length: 0, problem: 'ended' });
    // With its last process a namespace ends, and its inode is given to another one.
    told.clear();
    return forget(id);
  }
  for (let turn = 0; turn < RECEIVES_AT_ONCE; turn++) {
    const received = raw.recv(fd, receiveBuffer, receiveBuffer.length, LINUX.MSG_TRUNC | LINUX.MSG_DONTWAIT);
    if (received === -constants.errno.EAGAIN) return;
    if (received < 0) {
      const isOverrun = received === -constants.errno.ENOBUFS;
      if (isOverrun && kind === 'processEvents') {
        isLookWanted = true;
        return;
      }
      const record: ReceivedRecord = { id, length: 0, problem: isOverrun ? 'overrun' : 'failed' };
      if (kind === 'storm') backlog.add(record, NOTHING);
      else records.push(record);
      // Left open it would wake us for ever.
      return isOverrun ? undefined : forget(id);
    }
    const length = Math.min(received, receiveBuffer.length);
    if (kind === 'processEvents') {
      const said = decodeProcessEvent(receiveBuffer.subarray(0, length));
      if (said === 'listening') hasProcessEvents = true;
      else if (said !== undefined) newProcesses.add(said);
      continue;
    }
    const chunk = Buffer.from(receiveBuffer.subarray(0, length));
    const record: ReceivedRecord = { id, length, problem: received > receiveBuffer.length ? 'truncated' : undefined };
    if (kind === 'storm') {
      backlog.add(record, chunk);
      continue;
    }
    chunks.push(chunk);
    records.push(record);
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
  Atomics.add(shared, WAITING, total);
  parentPort?.postMessage({ records, bytes } satisfies ReceivedBatch, [bytes.buffer]);
}

/** Hands over what storms brought, as long as the owner keeps up: what is urgent never waits behind more than this. */
function handOverStorms(): void {
  while (!backlog.isEmpty && Atomics.load(shared, WAITING) < MOST_OF_STORMS_BYTES) {
    const { records, chunks } = backlog.take();
    handOver(records, chunks);
  }
}

/** Looks at new processes, or at all of them when it is time to, and says who is where. */
function lookAtProcesses(): void {
  if (!isLooking) return newProcesses.clear();
  if (newProcesses.size > MOST_AT_ONCE) isLookWanted = true;
  if (nextLook() <= performance.now()) {
    isLookWanted = false;
    newProcesses.clear();
    told.clear();
    const sighting = sightProcesses(ownInode);
    for (const [inode] of sighting.holders) told.add(inode);
    lastLook = performance.now();
    parentPort?.postMessage({ sighting } satisfies ReceivedBatch);
  } else if (newProcesses.size > 0 && !isLookWanted) {
    const sighting = sightProcesses(ownInode, newProcesses);
    newProcesses.clear();
    const news = sighting.holders.filter(([inode]) => !told.has(inode));
    for (const [inode] of news) told.add(inode);
    if (news.length > 0) parentPort?.postMessage({ sighting: { ...sighting, holders: news } } satisfies ReceivedBatch);
  }
}

/** When all processes are looked at next. */
const nextLook = (): number => lastLook + (isLookWanted ? LOOK_PAUSE : hasProcessEvents ? LOOK_SELDOM : LOOK_OFTEN);

/** Milliseconds that may pass without anything happening. */
const longestWait = (): number =>
  !backlog.isEmpty
    ? STORM_PAUSE
    : isLooking
      ? Math.min(LONGEST_WAIT, Math.max(0, Math.ceil(nextLook() - performance.now())))
      : LONGEST_WAIT;

// However it ends: whoever waits for that goes on.
process.once('exit', () => {
  Atomics.store(shared, STATE, LEFT);
  Atomics.notify(shared, STATE);
});
watch(OWNER, wakeFd);
Atomics.store(shared, STATE, IN_KERNEL);
while (!isStopping) {
  if (Atomics.load(shared, WAITING) > MOST_WAITING_BYTES) Atomics.wait(shared, WAITING, Atomics.load(shared, WAITING), BACK_OFF);
  else {
    const count = raw.epollWait(epollFd, events, EVENTS_AT_ONCE, longestWait());
    const records: ReceivedRecord[] = [];
    const chunks: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      const id = events.readUInt32LE(index * abi.epollEventSize + abi.epollEventData);
      if (id === OWNER) sys.read(wakeFd, eventCounter, 8);
      else receive(id, records, chunks);
    }
    if (records.length > 0) handOver(records, chunks);
    handOverStorms();
  }
  for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
    obey(message.message as WatcherCommand);
  }
  lookAtProcesses();
}
for (const id of [...watchedById.keys()]) forget(id);
sys.close(epollFd);
port.close();
