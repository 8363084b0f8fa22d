import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { hourOf } from '../../src/flowstore/duckdb/files.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import { NUMBER_COLUMNS, tablesOf, TEXT_COLUMNS } from '../../src/flowstore/duckdb/layout.js';
import { summarySql } from '../../src/flowstore/duckdb/questions.js';
import type { SummaryQuery } from '../../src/flowstore/store.js';
import { type Bench, type Figure, lessIsBetter } from './bench.js';

const SAMPLES = 10_000_000;
const FLOWS = 500_000;
const ADDRESSES = 20_000;
const THREADS = 2;
const ROUNDS = 3;

const HOUR = hourOf(Date.UTC(2026, 2, 1, 12));
const START = HOUR * 3_600_000;
const QUERY: SummaryQuery = {
  keys: ['A_ADDRESS', 'B_ADDRESS'],
  span: { from: START, to: START + 3_600_000 },
  condition: { kind: 'all', of: [] },
  stepMs: 1,
  orderBy: 'BYTES',
  limit: 20,
};

/** A file of the store with ten million updates, made by DuckDB itself. */
async function fill(folder: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const file = `flows-${new Date(START).toISOString().slice(0, 13)}.duckdb`;
  await connection.run(`ATTACH '${join(folder, 'names.duckdb')}' AS names; ATTACH '${join(folder, file)}' AS h`);
  await connection.run(
    `CREATE TABLE names.texts AS SELECT (range + 1)::UINTEGER AS number, '10.0.' || (range // 256) || '.' || (range % 256) AS text FROM range(${ADDRESSES})`,
  );
  await connection.run(tablesOf('h'));
  const texts = TEXT_COLUMNS.map((column) =>
    column === 'network_a'
      ? `(1 + hash(range % ${FLOWS}) % ${ADDRESSES})`
      : column === 'network_b'
        ? `(1 + hash(range % ${FLOWS} + 1) % 200)`
        : '1',
  );
  const numbers = NUMBER_COLUMNS.map(
    (column) =>
      ({
        w_start: `${START} + range % 3000000`,
        w_last: `${START} + range % 3000000 + 60000`,
        w_ab_bytes: 'range % 9000',
        w_ba_bytes: 'range % 900',
      })[column as string] ?? '1',
  );
  await connection.run(
    `INSERT INTO h.updates SELECT hash(range % ${FLOWS}), 1, 1, 0, ${[...texts, ...numbers].join(', ')}, NULL FROM range(${SAMPLES})`,
  );
  await connection.run('DETACH h; DETACH names');
  connection.closeSync();
}

async function fastest(run: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await run();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

export const bench: Bench = {
  name: 'flow-top',
  measures: `milliseconds for the twenty top talkers of ${SAMPLES} stored updates, against the same statement in DuckDB with nothing around it`,
  async run(): Promise<readonly Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-top-'));
    await fill(folder);
    const store = openFlowStore({ folder, memoryLimit: 2 ** 30, threads: THREADS, clock: systemClock, log: silentLog });
    await store.summary({ ...QUERY, limit: 1 });
    const ours = await fastest(() => store.summary(QUERY));
    await store.close();

    const { DuckDBInstance } = await import('@duckdb/node-api');
    const instance = await DuckDBInstance.create(':memory:', { threads: String(THREADS), memory_limit: '1GiB' });
    const connection = await instance.connect();
    await connection.run(`ATTACH '${join(folder, `flows-${new Date(START).toISOString().slice(0, 13)}.duckdb`)}' AS hour${HOUR}`);
    const sql = summarySql(QUERY, [`hour${HOUR}`], 'TRUE');
    await connection.runAndReadAll(sql);
    const plain = await fastest(() => connection.runAndReadAll(sql));
    connection.closeSync();
    rmSync(folder, { recursive: true, force: true });
    return [lessIsBetter('flow-top', ours, 'ms', plain)];
  },
};
