import type { Worker } from 'node:worker_threads';
import type { Cancel, Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import { startWorker } from '../../common/worker.js';
import type { ElementId } from '../../graph/element.js';
import type { Sample, SampleStore, SampleStoreStatus, Series, SeriesQuery } from '../store.js';
import { toColumns } from './columns.js';
import type { Answer, Call, Request, SeriesPoints, StoredSample, WorkerSettings } from './messages.js';

/** Samples that may wait; beyond it the newest are dropped. Three polls of thirty thousand interfaces. */
const MOST_QUEUED = 100_000;

/** Samples in one write, and how long they are collected for it, ms. */
const SAMPLES_PER_WRITE = 10_000;
const COLLECT_MS = 1_000;

/** How long `close` waits for what is queued, ms. */
const CLOSE_PATIENCE_MS = 2_000;

export interface SampleOptions {
  /** One file a day lies in it. */
  readonly folder: string;
  /** Bytes that DuckDB may use. */
  readonly memoryLimit: number;
  /** Threads that DuckDB may use. */
  readonly threads: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the store of measurements. Its thread starts with the first sample or question, so this takes no time and does not fail. */
export const openSamples = (options: SampleOptions): Promise<SampleStore> => Promise.resolve(new DuckDbSamples(options));

interface Pending {
  resolve(result: unknown): void;
  reject(error: CanopyError): void;
}

/** Measurements in DuckDB, in a thread of its own with a fixed budget. Drops and counts what the thread cannot follow. */
class DuckDbSamples implements SampleStore {
  readonly #options: SampleOptions;
  #worker: Worker | undefined;
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #queue: Sample[] = [];
  /** Samples on their way to the disk. */
  #inFlight = 0;
  #stored = 0;
  #dropped = 0;
  #bytes = 0;
  #error: string | undefined;
  #cancelFlush: Cancel | undefined;
  #isClosed = false;

  constructor(options: SampleOptions) {
    this.#options = options;
  }

  append(samples: readonly Sample[]): void {
    const room = this.#isClosed ? 0 : Math.max(0, MOST_QUEUED - this.#queue.length - this.#inFlight);
    for (let index = 0; index < samples.length && index < room; index++) this.#queue.push(samples[index]!);
    this.#dropped += Math.max(0, samples.length - room);
    if (this.#queue.length >= SAMPLES_PER_WRITE) this.#flush();
    else if (this.#queue.length > 0) this.#cancelFlush ??= this.#options.clock.after(COLLECT_MS, () => this.#flush());
  }

  async series(query: SeriesQuery): Promise<readonly Series[]> {
    if (!(query.stepMs > 0))
      throw new CanopyError('BAD_INPUT', 'A series needs a step of more than 0 ms.', { details: { stepMs: query.stepMs } });
    this.#flushAll();
    const { ids, paths, from, to, stepMs } = query;
    const points = (await this.#ask({ kind: 'series', query: { ids, paths, from, to, stepMs } })) as SeriesPoints;
    return toSeries(query, points);
  }

  async latest(ids: readonly ElementId[], at: number, withinMs: number): Promise<ReadonlyMap<ElementId, Sample>> {
    this.#flushAll();
    const samples = (await this.#ask({ kind: 'latest', query: { ids, from: at - withinMs, to: at } })) as readonly StoredSample[];
    return new Map(samples.map((sample) => [sample.id, sample]));
  }

  async prune(before: number): Promise<void> {
    await this.#ask({ kind: 'prune', before });
  }

  status(): SampleStoreStatus {
    return {
      stored: this.#stored,
      dropped: this.#dropped,
      queued: this.#queue.length + this.#inFlight,
      bytes: this.#bytes,
      error: this.#error,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#flushAll();
    this.#isClosed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const closing = this.#ask({ kind: 'close' }).catch(() => undefined);
    await Promise.race([closing, new Promise<void>((resolve) => void this.#options.clock.after(CLOSE_PATIENCE_MS, resolve))]);
    // The thread leaves by itself. Terminating it inside a call of DuckDB, which may still be loading, would abort the process.
    worker.unref();
  }

  #flushAll(): void {
    while (this.#queue.length > 0) this.#flush();
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const samples = this.#queue.splice(0, SAMPLES_PER_WRITE);
    if (samples.length === 0) return;
    this.#inFlight += samples.length;
    this.#ask({ kind: 'append', samples: toColumns(samples) }).then(
      () => {
        this.#inFlight -= samples.length;
        this.#stored += samples.length;
      },
      () => {
        this.#inFlight -= samples.length;
        this.#dropped += samples.length;
      },
    );
  }

  #ask(request: Request): Promise<unknown> {
    const worker = (this.#worker ??= this.#start());
    const call: Call = { call: ++this.#calls, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.call, { resolve, reject });
      worker.postMessage(call);
    });
  }

  #start(): Worker {
    const { folder, memoryLimit, threads } = this.#options;
    const worker = startWorker('./sampleWorker', import.meta.url, {
      workerData: { folder, memoryLimit, threads } satisfies WorkerSettings,
    });
    worker.unref();
    worker.on('message', (answer: Answer) => this.#take(answer));
    worker.on('error', (error) => this.#fail(error.message));
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#rejectAll('the thread of the store of measurements has ended');
    });
    return worker;
  }

  #take({ call, error, result, usage }: Answer): void {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    this.#bytes = usage.bytes;
    if (error === undefined) {
      this.#error = undefined;
      pending?.resolve(result);
    } else {
      this.#fail(error);
      pending?.reject(unavailable(error));
    }
  }

  #fail(error: string): void {
    if (this.#error === undefined) this.#options.log.warn({ error }, 'measurements are not kept; everything else goes on');
    this.#error = error;
  }

  #rejectAll(reason: string): void {
    for (const pending of this.#pending.values()) pending.reject(unavailable(reason));
    this.#pending.clear();
  }
}

const unavailable = (reason: string): CanopyError =>
  new CanopyError('UNAVAILABLE', `Measurements over time are not available: ${reason}`, { retriable: true });

/** Series in the order of ids, then paths; those without a value are left out. */
function toSeries({ ids, paths, from, stepMs }: SeriesQuery, points: SeriesPoints): Series[] {
  const series = new Map<number, { times: number[]; values: number[] }>();
  for (let point = 0; point < points.step.length; point++) {
    const key = points.element[point]! * paths.length + points.path[point]!;
    let into = series.get(key);
    if (into === undefined) series.set(key, (into = { times: [], values: [] }));
    const time = from + points.step[point]! * stepMs;
    // A step across midnight has a value in two files; the later one counts.
    if (into.times.at(-1) === time) into.values[into.values.length - 1] = points.value[point]!;
    else {
      into.times.push(time);
      into.values.push(points.value[point]!);
    }
  }
  return [...series]
    .sort(([a], [b]) => a - b)
    .map(([key, { times, values }]) => ({
      id: ids[Math.floor(key / paths.length)]!,
      path: paths[key % paths.length]!,
      times: Float64Array.from(times),
      values: Float64Array.from(values),
    }));
}
