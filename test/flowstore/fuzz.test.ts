import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { CanopyError } from '../../src/common/errors.js';
import { silentLog } from '../../src/common/log.js';
import { EVERY_FLOW } from '../../src/flowstore/condition.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import type { FlowStore } from '../../src/flowstore/store.js';
import { damagedBatch, randomFrom, ROUNDS, SEED_BATCHES } from '../flow/damage.js';

/** A write takes a hundred times as long as a reading. */
const WRITES = Math.ceil(ROUNDS / 20);
const AT_ONCE = 25;

let folder: string;
let store: FlowStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-flowfuzz-'));
  store = openFlowStore({ folder, memoryLimit: 256 * 2 ** 20, threads: 1, clock: systemClock, log: silentLog });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe(`${WRITES} damaged batches given to the store`, () => {
  it(
    'are kept or refused, and what is sound beside them is kept and found',
    async () => {
      const below = randomFrom(12);
      const sound = SEED_BATCHES[0]!;
      let refused = 0;
      for (let written = 0; written < WRITES; written += AT_ONCE) {
        const damaged = Array.from({ length: AT_ONCE }, async () => {
          try {
            await store.append({
              batch: damagedBatch(SEED_BATCHES[below(SEED_BATCHES.length)]!, below),
              origin: 'agent.fuzz',
              clockOffset: 0,
            });
          } catch (error) {
            if (!(error instanceof CanopyError)) throw error;
            refused += 1;
          }
        });
        await Promise.all([...damaged, store.append({ batch: sound, origin: 'agent.sound', clockOffset: 0 })]);
      }
      expect(refused).toBeGreaterThan(0);
      const span = { from: 0, to: systemClock.now() };
      const order = { field: 'LAST', isDescending: true } as const;
      const condition = { kind: 'text', field: 'capture', filter: { eq: 'capture' } } as const;
      const { flows, total } = await store.flows({ span, condition, order, offset: 0, limit: 1_000 });
      expect(total).toBeGreaterThan(0);
      expect(flows.some(({ Application }) => Application === 'DNS')).toBe(true);
      const groups = await store.summary({ keys: ['PROTOCOL'], span, condition: EVERY_FLOW, stepMs: 1_000, orderBy: 'BYTES', limit: 10 });
      expect(groups.length).toBeGreaterThan(0);
    },
    60_000 + 100 * WRITES,
  );
});
