import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { openSamples } from '../../src/samples/duckdb/sampleStore.js';
import type { SampleStore } from '../../src/samples/store.js';

const DAY = 86_400_000;
/** One second before midnight. */
const EVENING = 20_000 * DAY - 1_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(folder = newFolder()): Promise<SampleStore> {
  const store = await openSamples({ folder, memoryLimit: 64 << 20, threads: 1, clock: systemClock, log: silentLog });
  cleanups.push(() => store.close());
  return store;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-samples-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('the store of samples', () => {
  it('answers the last value of each step, also across midnight', async () => {
    const store = await open();
    store.append(
      [0, 400, 900, 1_000, 1_500, 2_100].map((after) => ({
        id: "o'hara",
        at: EVENING + after,
        values: { 'Metric.RxBytes': after, 'Metric.TxBytes': -after },
      })),
    );
    const [rx, ...more] = await store.series({
      ids: ['unknown', "o'hara"],
      paths: ['Metric.RxBytes', 'Metric.None'],
      from: EVENING,
      to: EVENING + 5_000,
      stepMs: 500,
    });
    expect(more).toEqual([]);
    expect(rx).toEqual({
      id: "o'hara",
      path: 'Metric.RxBytes',
      times: Float64Array.of(...[0, 500, 1_000, 1_500, 2_000].map((after) => EVENING + after)),
      values: Float64Array.of(400, 900, 1_000, 1_500, 2_100),
    });
  });

  it('answers the latest sample at an instant, not older than asked', async () => {
    const store = await open();
    store.append([
      { id: 'a', at: EVENING, values: { x: 1, y: 2 } },
      { id: 'a', at: EVENING + 2_000, values: { x: 3 } },
      { id: 'b', at: EVENING - 60_000, values: { x: 9 } },
    ]);
    expect(await store.latest(['a', 'b'], EVENING + 1_999, 30_000)).toEqual(
      new Map([['a', { id: 'a', at: EVENING, values: { x: 1, y: 2 } }]]),
    );
    expect((await store.latest(['a'], EVENING + 2_000, 30_000)).get('a')?.values).toEqual({ x: 3 });
  });

  it('keeps samples over a restart and unlinks the files of days that are over', async () => {
    const folder = newFolder();
    const first = await open(folder);
    first.append([
      { id: 'a', at: EVENING, values: { x: 1 } },
      { id: 'a', at: EVENING + DAY, values: { x: 2 } },
    ]);
    await first.latest(['a'], EVENING, 0);
    await first.close();
    const second = await open(folder);
    second.append([{ id: 'a', at: EVENING + DAY + 1, values: { y: 3, x: 4 } }]);
    const query = { ids: ['a'], paths: ['x'], from: EVENING, to: EVENING + 2 * DAY, stepMs: 1 };
    expect([...(await second.series(query))[0]!.values]).toEqual([1, 2, 4]);
    await second.prune(EVENING + DAY);
    expect(readdirSync(folder).filter((name) => name.endsWith('.duckdb'))).toHaveLength(1);
    expect([...(await second.series(query))[0]!.values]).toEqual([2, 4]);
    expect(second.status()).toMatchObject({ stored: 1, dropped: 0, queued: 0, error: undefined });
  });

  it('drops and counts what it cannot hold, and says why it cannot store', async () => {
    const store = await open('/dev/null/nowhere');
    store.append(Array.from({ length: 100_500 }, (_, at) => ({ id: 'a', at, values: { x: at } })));
    expect(store.status().dropped).toBe(500);
    await expect(store.latest(['a'], 0, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(store.status().dropped).toBe(100_500);
    expect(store.status().error).toContain('/dev/null');
  });
});
