import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { DuckDBInstance } from '@duckdb/node-api';
import { append } from './append.js';
import { FlowFiles, hourOf } from './files.js';
import { TEXT_COLUMNS } from './layout.js';
import type { Answer, Call, Kind, Requests, WorkerSettings } from './messages.js';
import * as questions from './questions.js';
import { Texts } from './texts.js';
import { keptIn } from './kept.js';

/** Below this no time is spent on finding texts that nothing names any more. */
const MANY_TEXTS = 100_000;

const settings = workerData as WorkerSettings;

interface Open extends questions.Asked {
  readonly instance: DuckDBInstance;
}
let opened: Promise<Open> | undefined;

const open = (): Promise<Open> => (opened ??= connect());

async function connect(): Promise<Open> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(settings.threads),
    memory_limit: `${Math.max(16, Math.floor(settings.memoryLimit / 1_048_576))}MiB`,
    temp_directory: '',
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${join(settings.folder, 'names.duckdb').replaceAll("'", "''")}' AS names`);
  const texts = new Texts(connection);
  const files = new FlowFiles(connection, settings.folder);
  await texts.load();
  await files.load();
  return { instance, connection, texts, files };
}

const HANDLERS: { readonly [K in Kind]: (request: Requests[K]['request']) => Promise<Requests[K]['answer']> } = {
  append: async (arrivals) => {
    const { connection, files, texts } = await open();
    return append(connection, files, texts, arrivals);
  },
  flows: async (query) => questions.flows(await open(), query),
  samples: async ({ uuids, span }) => questions.samples(await open(), uuids, span),
  rawPackets: async ({ uuids, span }) => questions.rawPackets(await open(), uuids, span),
  packets: async (query) => questions.packets(await open(), query),
  summary: async (query) => questions.summary(await open(), query),
  prune: async ({ before, maxBytes }) => prune(await open(), before, maxBytes),
  close: async () => {
    if (opened === undefined) return;
    const { instance, connection, files } = await opened;
    await files.close();
    await connection.run('DETACH names');
    connection.closeSync();
    instance.closeSync();
  },
};

async function prune({ connection, files, texts }: Open, before: number, maxBytes: number): Promise<undefined> {
  const hours = files.hours();
  let bytes = hours.reduce((sum, hour) => sum + files.bytesOf(hour), 0);
  let removed = 0;
  for (const hour of hours) {
    // An import of an old file is as young as the import. The latest hour stays, whatever its size.
    const isOld = hour < hourOf(before) && files.writtenAt(hour) < before;
    if (!isOld && (bytes <= maxBytes || hour === hours.at(-1))) continue;
    bytes -= files.bytesOf(hour);
    await files.remove(hour);
    removed += 1;
  }
  if (removed === 0 || texts.size < MANY_TEXTS) return;
  const used = new Set<number>();
  for (const hour of files.hours()) {
    const file = await files.file(hour);
    for (const column of TEXT_COLUMNS) {
      const answer = await connection.runAndReadAll(`SELECT DISTINCT ${column} FROM ${file}.updates`);
      for (const [number] of answer.getRowsJS() as [number][]) used.add(number);
    }
  }
  await texts.keepOnly(used);
}

/** One call after the other: DuckDB has one connection here. */
let last: Promise<void> = Promise.resolve();

parentPort!.on('message', <K extends Kind>({ call, kind, request }: Call<K>) => {
  last = last.then(async () => {
    let answer: Omit<Answer, 'kept'>;
    try {
      answer = { call, result: await HANDLERS[kind](request) };
    } catch (error) {
      answer = { call, error: (error as Error).message };
    }
    parentPort!.postMessage({ ...answer, kept: keptIn(settings.folder) } satisfies Answer);
    if (kind === 'close') parentPort!.close();
  });
});
