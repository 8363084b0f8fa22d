import { mkdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { Day } from './day.js';
import { dayOf, dayPath, daysIn, folderBytes, removeDay } from './dayFile.js';
import type {
  Answer,
  Call,
  LatestRequest,
  Request,
  SampleColumns,
  SeriesPoints,
  SeriesRequest,
  StoredSample,
  WorkerSettings,
} from './messages.js';

/** Files that are attached at once; the one that was used longest ago is let go. */
const MOST_ATTACHED = 8;

const settings = workerData as WorkerSettings;
const attached = new Map<number, Day>();
let instance: DuckDBInstance | undefined;
let connection: DuckDBConnection | undefined;

async function connect(): Promise<DuckDBConnection> {
  if (connection !== undefined) return connection;
  const { DuckDBInstance } = await import('@duckdb/node-api');
  mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
  instance = await DuckDBInstance.create(':memory:', {
    threads: String(settings.threads),
    memory_limit: `${Math.max(16, Math.floor(settings.memoryLimit / 1_048_576))}MiB`,
    temp_directory: '',
  });
  connection = await instance.connect();
  return connection;
}

async function dayAt(day: number): Promise<Day> {
  const open = attached.get(day);
  if (open !== undefined) {
    attached.delete(day);
    attached.set(day, open);
    return open;
  }
  if (attached.size >= MOST_ATTACHED) {
    const [oldest, unused] = attached.entries().next().value as [number, Day];
    attached.delete(oldest);
    await unused.close();
  }
  const opened = await Day.open(await connect(), dayPath(settings.folder, day), `day${day}`);
  attached.set(day, opened);
  return opened;
}

async function* daysBetween(from: number, to: number): AsyncIterable<Day> {
  await connect();
  for (const day of daysIn(settings.folder)) if (day >= dayOf(from) && day <= dayOf(to)) yield await dayAt(day);
}

async function append(columns: SampleColumns): Promise<void> {
  await connect();
  const offsets = new Uint32Array(columns.element.length);
  const byDay = new Map<number, number[]>();
  for (let sample = 0, offset = 0; sample < offsets.length; sample++) {
    offsets[sample] = offset;
    offset += columns.layouts[columns.layout[sample]!]!.length;
    const day = dayOf(columns.at[sample]!);
    const samples = byDay.get(day);
    if (samples === undefined) byDay.set(day, [sample]);
    else samples.push(sample);
  }
  for (const [day, samples] of byDay) await (await dayAt(day)).append(columns, samples, offsets);
}

async function series({ ids, paths, from, to, stepMs }: SeriesRequest): Promise<SeriesPoints> {
  const points: (readonly number[])[] = [];
  for await (const day of daysBetween(from, to)) points.push(...(await day.series(ids, paths, from, to, stepMs)));
  return {
    element: Uint32Array.from(points, (point) => point[0]!),
    path: Uint32Array.from(points, (point) => point[1]!),
    step: Float64Array.from(points, (point) => point[2]!),
    value: Float64Array.from(points, (point) => point[3]!),
  };
}

async function latest({ ids, from, to }: LatestRequest): Promise<readonly StoredSample[]> {
  const newest = new Map<string, StoredSample>();
  for await (const day of daysBetween(from, to)) {
    for (const [index, at, paths, values] of await day.latest(ids, from, to)) {
      const id = ids[index]!;
      newest.set(id, { id, at, values: Object.fromEntries(paths.map((path, place) => [path, values[place]!])) });
    }
  }
  return [...newest.values()];
}

async function prune(before: number): Promise<void> {
  await connect();
  for (const day of daysIn(settings.folder)) {
    if (day >= dayOf(before)) break;
    await attached.get(day)?.close();
    attached.delete(day);
    removeDay(settings.folder, day);
  }
}

async function close(): Promise<void> {
  for (const day of attached.values()) await day.close();
  attached.clear();
  connection?.closeSync();
  instance?.closeSync();
}

function run(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'append':
      return append(request.samples);
    case 'series':
      return series(request.query);
    case 'latest':
      return latest(request.query);
    case 'prune':
      return prune(request.before);
    case 'close':
      return close();
  }
}

/** One call after the other: DuckDB has one connection here. */
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', ({ call, request }: Call) => {
  last = last.then(async () => {
    let answer: Omit<Answer, 'usage'>;
    try {
      answer = { call, result: await run(request) };
    } catch (error) {
      answer = { call, error: (error as Error).message };
    }
    parentPort!.postMessage({ ...answer, usage: { bytes: usedBytes() } } satisfies Answer);
    if (request.kind === 'close') parentPort!.close();
  });
});

function usedBytes(): number {
  try {
    return folderBytes(settings.folder);
  } catch {
    return 0;
  }
}
