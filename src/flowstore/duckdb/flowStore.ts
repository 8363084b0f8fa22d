import type { Worker } from 'node:worker_threads';
import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import { startWorker } from '../../common/worker.js';
import type { FlowMetric, RawPacket } from '../../flow/flow.js';
import type {
  FlowArrival,
  FlowsAnswer,
  FlowSpan,
  FlowsQuery,
  FlowStore,
  FlowStoreStatus,
  KeptPacket,
  PacketsQuery,
  SummaryGroup,
  SummaryQuery,
} from '../store.js';
import { keptIn, type Kept } from './kept.js';
import type { Answer, Call, Kind, Requests, WorkerSettings } from './messages.js';

/** Batches are collected for so long, ms, or until there are so many bytes: one transaction for all of them. */
const COLLECT_MS = 200;
const COLLECT_BYTES = 4 * 1024 * 1024;

/** Bytes that may wait for the disk; what comes beyond is not kept. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** How long `close` waits for what is queued, ms. */
const CLOSE_PATIENCE_MS = 2_000;

export interface FlowStoreOptions extends WorkerSettings {
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the store of flows. Its thread starts with the first batch or question, so this takes no time and does not fail. */
export const openFlowStore = (options: FlowStoreOptions): FlowStore => new DuckDbFlows(options);

interface Pending {
  resolve(result: unknown): void;
  reject(error: CanopyError): void;
}

interface Waiting {
  readonly arrival: FlowArrival;
  resolve(): void;
  reject(error: unknown): void;
}

/** Flows in DuckDB, in a thread of its own with a fixed budget. */
class DuckDbFlows implements FlowStore {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private calls = 0;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private waitingBytes = 0;
  private isWriting = false;
  private cancelFlush: Cancel | undefined;
  private stored = 0;
  private dropped = 0;
  private kept: Kept;
  private error: string | undefined;
  private isClosed = false;

  constructor(private readonly options: FlowStoreOptions) {
    this.kept = keptIn(options.folder);
  }

  append(arrival: FlowArrival): Promise<void> {
    const size = arrival.batch.length;
    if (this.isClosed || this.waitingBytes + size > MOST_WAITING_BYTES) {
      this.dropped += 1;
      return Promise.reject(unavailable(this.isClosed ? 'it is closed' : 'the disk does not follow'));
    }
    this.waitingBytes += size;
    this.queuedBytes += size;
    return new Promise<void>((resolve, reject) => {
      this.queue.push({ arrival, resolve, reject });
      if (this.queuedBytes >= COLLECT_BYTES) this.flush();
      else this.cancelFlush ??= this.options.clock.after(COLLECT_MS, () => this.flush());
    });
  }

  async flows(query: FlowsQuery): Promise<FlowsAnswer> {
    return this.question('flows', query);
  }

  async samples(uuids: readonly string[], span: FlowSpan): Promise<ReadonlyMap<string, readonly FlowMetric[]>> {
    return this.question('samples', { uuids, span });
  }

  async rawPackets(uuids: readonly string[], span: FlowSpan): Promise<ReadonlyMap<string, readonly RawPacket[]>> {
    return this.question('rawPackets', { uuids, span });
  }

  async packets(query: PacketsQuery): Promise<readonly KeptPacket[]> {
    return this.question('packets', query);
  }

  async summary(query: SummaryQuery): Promise<readonly SummaryGroup[]> {
    return this.question('summary', query);
  }

  async prune(before: number, maxBytes: number): Promise<void> {
    await this.ask('prune', { before, maxBytes });
  }

  status(): FlowStoreStatus {
    return { stored: this.stored, dropped: this.dropped, ...this.kept, error: this.error };
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.flush();
    this.isClosed = true;
    const { worker } = this;
    if (worker === undefined) return;
    const closing = this.settled().then(() => this.ask('close', undefined).catch(() => undefined));
    await Promise.race([closing, new Promise<void>((resolve) => void this.options.clock.after(CLOSE_PATIENCE_MS, resolve))]);
    // The thread leaves by itself. Terminating it inside a call of DuckDB, which may still be loading, would abort the process.
    worker.unref();
  }

  /** What was given before is in the answer. */
  private async question<K extends Kind>(kind: K, request: Requests[K]['request']): Promise<Requests[K]['answer']> {
    this.flush();
    if (this.queue.length > 0) await this.settled();
    return this.ask(kind, request);
  }

  /** Nothing waits to be written any more. */
  private async settled(): Promise<void> {
    while (this.queue.length > 0 || this.isWriting) {
      await new Promise<void>((resolve) => void this.options.clock.after(COLLECT_MS / 20, resolve));
      this.flush();
    }
  }

  /** One write at a time: what comes meanwhile goes together into the next. */
  private flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    if (this.queue.length === 0 || this.isWriting) return;
    const waiting = this.queue.splice(0);
    const bytes = this.queuedBytes;
    this.queuedBytes = 0;
    this.isWriting = true;
    const request = waiting.map(({ arrival }) => arrival);
    this.ask('append', request)
      .then(
        ({ stored, refused }) => {
          this.stored += stored;
          this.dropped += refused.size;
          for (const [place, { resolve, reject }] of waiting.entries()) {
            const reason = refused.get(place);
            if (reason === undefined) resolve();
            else reject(new CanopyError('BAD_INPUT', `the batch of flows is not kept: ${reason}`));
          }
        },
        (error: unknown) => {
          this.dropped += waiting.length;
          for (const { reject } of waiting) reject(error);
        },
      )
      .finally(() => {
        this.isWriting = false;
        this.waitingBytes -= bytes;
        this.flush();
      });
  }

  private ask<K extends Kind>(kind: K, request: Requests[K]['request']): Promise<Requests[K]['answer']> {
    const worker = (this.worker ??= this.start());
    const call: Call<K> = { call: ++this.calls, kind, request };
    return new Promise((resolve, reject) => {
      this.pending.set(call.call, { resolve: resolve as (result: unknown) => void, reject });
      worker.postMessage(call);
    });
  }

  private start(): Worker {
    const { folder, memoryLimit, threads } = this.options;
    const worker = startWorker('./storeWorker', import.meta.url, { workerData: { folder, memoryLimit, threads } satisfies WorkerSettings });
    worker.unref();
    worker.on('message', (answer: Answer) => this.take(answer));
    worker.on('error', (error) => this.fail(error.message));
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = undefined;
      for (const pending of this.pending.values()) pending.reject(unavailable('the thread of the store has ended'));
      this.pending.clear();
    });
    return worker;
  }

  private take({ call, error, result, kept }: Answer): void {
    const pending = this.pending.get(call);
    this.pending.delete(call);
    this.kept = kept;
    if (error === undefined) {
      this.error = undefined;
      pending?.resolve(result);
      return;
    }
    this.fail(error);
    pending?.reject(unavailable(error));
  }

  private fail(error: string): void {
    if (this.error === undefined) this.options.log.warn({ error }, 'flows are not kept; everything else goes on');
    this.error = error;
  }
}

const unavailable = (reason: string): CanopyError =>
  new CanopyError('STORE_UNAVAILABLE', `Flows over time are not available: ${reason}`, { retriable: true });
