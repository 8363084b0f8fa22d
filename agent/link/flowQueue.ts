import type { Cancel, Clock } from '../../src/common/clock.js';
import type { FlowBatchKind, Flows, FlowsAcknowledge, FlowsRefreshed } from '../../src/protocol/flows.js';
import { encode } from '../../src/protocol/codec.js';

/** A batch of flows on its way out: `src/flow/batch` says what is in it. */
export interface FlowBatch {
  readonly capture: string;
  /** Id of the capture's node. */
  readonly node: string;
  readonly batchKind: FlowBatchKind;
  readonly count: number;
  readonly batch: Uint8Array;
  /** Its flows ended: nothing will be said of them again, so others are dropped before. */
  readonly isFinal: boolean;
}

/** Bytes of FLOWS that may be under way without an acknowledgement; part of the protocol (PROTOCOL.md §11). */
const CREDIT_BYTES = 4 * 1024 * 1024;

/** Bytes that wait at most. */
const QUEUE_BYTES = 16 * 1024 * 1024;

/** Bytes of a message beside its batch, generously. */
const OVERHEAD_BYTES = 512;

/** Bytes in the socket above which flows wait, so that topology is never far behind them. */
const SOCKET_BYTES = 256 * 1024;

/** Milliseconds until a socket that was full is looked at again. */
const RETRY_MS = 10;

/** What the queue needs of the connection. */
export interface FlowSocket {
  send(bytes: Uint8Array): void;
  /** Bytes that have not left yet. */
  bufferedBytes(): number;
}

export interface FlowQueueOptions {
  readonly clock: Clock;
  /** Whether topology waits to be sent: it goes first. */
  readonly topologyWaits: () => boolean;
}

/** Flow batches between the tables and the socket (PROTOCOL.md §11): bounded, oldest out first, every drop counted. */
export class FlowQueue {
  private waiting: (FlowBatch | FlowsRefreshed)[] = [];
  private waitingBytes = 0;
  private socket: FlowSocket | undefined;
  private credit = 0;
  private sent = 0;
  /** Batches that were sent and are not known to be on disk, by number: an analyzer that dies takes what it had only accepted with it. */
  private readonly unstored = new Map<number, FlowBatch>();
  /** Up to where the analyzer says that it took them, before it welcomes us; `undefined` when it knows nothing of us. */
  private taken: number | undefined;
  private readonly drops: Record<string, number> = {};
  private cancelRetry: Cancel | undefined;

  constructor(private readonly options: FlowQueueOptions) {}

  /** Flows that never reached the analyzer, by reason, in total. */
  get dropped(): Readonly<Record<string, number>> {
    return this.drops;
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  push(batch: FlowBatch): void {
    // What stands now is of no use to an analyzer that cannot hear it.
    if (batch.batchKind === 'REFRESH' && this.socket === undefined) return;
    this.waiting.push(batch);
    this.waitingBytes += sizeOf(batch);
    this.makeRoom();
    this.pump();
  }

  /** Said once everything before it was sent. */
  refreshed(request: number): void {
    if (this.socket === undefined) return;
    this.waiting.push({ kind: 'flowsRefreshed', request });
    this.pump();
  }

  /** A connection was welcomed. */
  open(socket: FlowSocket): void {
    this.socket = socket;
    this.credit = CREDIT_BYTES;
    if (this.taken === undefined) this.beginAnew();
    else this.goOnAfter(this.taken);
    this.pump();
  }

  /** The connection is gone. What became of the batches that were under way is known when the analyzer is there again. */
  close(): void {
    this.socket = undefined;
    this.taken = undefined;
    this.cancelRetry?.();
    this.cancelRetry = undefined;
    this.waiting = this.waiting.filter((entry) => 'batch' in entry && entry.batchKind === 'UPDATE');
    this.waitingBytes = this.waiting.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  take({ accepted, stored, credit }: FlowsAcknowledge): void {
    if (this.socket === undefined) this.taken = accepted;
    this.credit += credit;
    for (const number of this.unstored.keys()) {
      if (number > stored) break;
      this.unstored.delete(number);
    }
    this.pump();
  }

  /** Sends as long as the credit lasts, the socket takes more, and no topology waits. */
  pump(): void {
    while (this.socket !== undefined && this.waiting.length > 0 && this.credit > 0) {
      if (this.options.topologyWaits() || this.socket.bufferedBytes() > SOCKET_BYTES) return this.retry();
      const next = this.waiting.shift() as FlowBatch | FlowsRefreshed;
      this.waitingBytes -= sizeOf(next);
      if (!('batch' in next)) {
        this.socket.send(encode(next));
        continue;
      }
      this.sent += 1;
      const { isFinal: _isFinal, ...batch } = next;
      const message: Flows = { kind: 'flows', number: this.sent, ...batch, dropped: this.drops };
      const bytes = encode(message);
      this.credit -= bytes.length;
      if (next.batchKind === 'UPDATE') this.unstored.set(this.sent, next);
      this.socket.send(bytes);
    }
  }

  /** An analyzer that knows nothing of us may have stored what was under way and died, so sending it again could count it twice: it counts as lost. */
  private beginAnew(): void {
    for (const { count } of this.unstored.values()) this.countDropped('disconnected', count);
    this.unstored.clear();
    this.sent = 0;
  }

  /** What the analyzer did not take is sent again, before what came later. */
  private goOnAfter(taken: number): void {
    const again: FlowBatch[] = [];
    for (const [number, batch] of this.unstored) {
      if (number <= taken) continue;
      this.unstored.delete(number);
      this.waitingBytes += sizeOf(batch);
      again.push(batch);
    }
    this.waiting.unshift(...again);
    this.sent = taken;
    this.makeRoom();
  }

  private countDropped(reason: string, flows: number): void {
    if (flows > 0) this.drops[reason] = (this.drops[reason] ?? 0) + flows;
  }

  private retry(): void {
    this.cancelRetry ??= this.options.clock.after(RETRY_MS, () => {
      this.cancelRetry = undefined;
      this.pump();
    });
  }

  /** Drops what is of least use until the rest fits: refreshes, then the oldest, those of flows that ended last. */
  private makeRoom(): void {
    while (this.waitingBytes > QUEUE_BYTES) {
      const index = this.leastUseful();
      const [gone] = this.waiting.splice(index, 1) as [FlowBatch];
      this.waitingBytes -= sizeOf(gone);
      if (gone.batchKind === 'UPDATE') this.countDropped('queueFull', gone.count);
    }
  }

  private leastUseful(): number {
    const isBatch = (entry: FlowBatch | FlowsRefreshed): entry is FlowBatch => 'batch' in entry;
    const refresh = this.waiting.findIndex((entry) => isBatch(entry) && entry.batchKind === 'REFRESH');
    if (refresh !== -1) return refresh;
    const running = this.waiting.findIndex((entry) => isBatch(entry) && !entry.isFinal);
    return running !== -1 ? running : this.waiting.findIndex(isBatch);
  }
}

const sizeOf = (entry: FlowBatch | FlowsRefreshed): number => ('batch' in entry ? entry.batch.length + OVERHEAD_BYTES : 0);
