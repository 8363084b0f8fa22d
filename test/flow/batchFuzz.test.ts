import { describe, expect, it } from 'vitest';
import { CanopyError } from '../../src/common/errors.js';
import { readFlowBatch } from '../../src/flow/batch/flowBatch.js';
import { damagedBatch, randomFrom, ROUNDS, SEED_BATCHES } from './damage.js';

describe(`${ROUNDS} damaged batches of flows`, () => {
  it('are read to their last row, or refused with the reason', () => {
    const below = randomFrom(11);
    let [read, refused] = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damagedBatch(SEED_BATCHES[below(SEED_BATCHES.length)]!, below);
      try {
        const batch = readFlowBatch(bytes);
        for (let row = 0; row < batch.length; row += 1) {
          // What they send is theirs; that it can be read is ours.
          expect(batch.update(row).flow.UUID).toBe(batch.id('UUID', row));
        }
        read += 1;
      } catch (error) {
        if (!(error instanceof CanopyError)) throw error;
        expect(error.code).toBe('PROTOCOL_VIOLATION');
        refused += 1;
      }
    }
    expect(read + refused).toBe(ROUNDS);
    // Otherwise the damage would be too small, or too large, to show anything.
    expect(read).toBeGreaterThan(ROUNDS / 100);
    expect(refused).toBeGreaterThan(ROUNDS / 100);
  }, 600_000);
});
