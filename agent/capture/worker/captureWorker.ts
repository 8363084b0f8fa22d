import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { prepareNamespaces } from '../../linux/namespace.js';
import { OtherThreads } from '../../linux/slowCalls.js';
import { sys } from '../../linux/syscall.js';
import type { CaptureWorkerData, WorkerCommand, WorkerNews } from './messages.js';
import { RunningCapture } from './runningCapture.js';
import { batchesUnderWay, ringShare } from './shared.js';
import { takeTurns } from './takeTurns.js';
import { Waits } from './waits.js';

/**
 * A thread of captures: it waits for all their sockets in one epoll, hands what arrives to the flow tables, and sweeps these in slices between two visits.
 * It returns to its event loop only for what calls answer that were made aside.
 */

/** Milliseconds. A thread inside a call cannot be stopped from outside, so no wait is long. */
const TICK = 100;
/** Milliseconds between reports of counters. */
const REPORT = 1_000;
/** Bytes of batches that may wait for the owner: until they are fewer, flows stay in their tables. */
const MOST_UNDER_WAY = 8 * 1024 * 1024;

const { wakeFd, port, shared, settings } = workerData as CaptureWorkerData;
const waits = new Waits();
const aside = new OtherThreads();
const rings = ringShare(shared);
const underWay = batchesUnderWay(shared);
const captures = new Map<number, RunningCapture>();
const work = takeTurns(captures);
const wakeCounter = Buffer.alloc(8);

let isEnding = false;

const tell = (news: WorkerNews): void => {
  if (news.op !== 'batch') return parentPort?.postMessage(news);
  underWay.add(news.bytes.byteLength);
  // The batch is the receiver's; its memory goes along where it is not a part of something larger.
  const isWhole = news.bytes.byteLength === news.bytes.buffer.byteLength;
  parentPort?.postMessage(news, isWhole ? [news.bytes.buffer as ArrayBuffer] : []);
};

function obey(command: WorkerCommand): void {
  switch (command.op) {
    case 'start': {
      const capture = new RunningCapture(command, { settings, rings, waits, aside, tell, ended: (key) => void captures.delete(key) });
      captures.set(command.key, capture);
      return capture.start();
    }
    case 'stop':
      return captures.get(command.key)?.stop(Date.now(), command.reason);
    case 'steer':
      return captures.get(command.key)?.steer(command.numbers, command.mayGrow);
    case 'refresh':
      return refresh(command.request);
    case 'end':
      isEnding = true;
  }
}

/** Has all captures send how their flows stand, and says when they have. */
function refresh(request: number): void {
  let missing = captures.size;
  const refreshed = (): void => tell({ op: 'refreshed', request });
  if (missing === 0) return refreshed();
  for (const capture of captures.values()) {
    capture.refresh(() => {
      if (--missing === 0) refreshed();
    });
  }
}

await prepareNamespaces();
waits.watch(wakeFd, () => void sys.read(wakeFd, wakeCounter, 8));
let nextTick = performance.now() + TICK;
let nextReport = performance.now() + REPORT;
/** Whether there is more to do than went into the last turn. */
let isBehind = false;
while (!isEnding) {
  waits.wait(isBehind ? 0 : Math.max(0, Math.min(TICK, Math.ceil(nextTick - performance.now()))));
  if (aside.isBusy) await turnOfEventLoop();
  // One at a time: to open a ring takes long, and others fill meanwhile.
  const message = receiveMessageOnPort(port);
  if (message !== undefined) obey(message.message as WorkerCommand);
  const now = performance.now();
  if (now >= nextTick) {
    // Late ticks are not made up for: what is due grows with time itself.
    nextTick = now + TICK;
    for (const capture of [...captures.values()]) capture.tick(Date.now());
  }
  if (now >= nextReport) {
    nextReport = now + REPORT;
    const reports = [...captures.values()].flatMap((capture) => capture.report() ?? []);
    if (reports.length > 0) tell({ op: 'counted', reports });
  }
  // One slice, then the rings again.
  const isWorking = underWay.bytes <= MOST_UNDER_WAY && work();
  isBehind = isWorking || message !== undefined;
}
for (const capture of [...captures.values()]) capture.endNow();
while (aside.isBusy) await turnOfEventLoop();
waits.unwatch(wakeFd);
waits.close();
port.close();
