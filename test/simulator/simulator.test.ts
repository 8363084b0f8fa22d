import { describe, expect, it } from 'vitest';
import { World } from './world.js';

/** Stories; more with `SEEDS=10000`, one of them again with `SEED=4711`. */
const SEEDS = Number(process.env['SEEDS'] ?? 200);
const ONE = process.env['SEED'];
const GROUP = 25;

const seeds = ONE === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONE)];
const groups = Array.from({ length: Math.ceil(seeds.length / GROUP) }, (_, group) => seeds.slice(group * GROUP, (group + 1) * GROUP));

describe('an analyzer whose clock, network and disk do their worst keeps its promises', () => {
  it.each(groups.map((group) => [group[0]!, group.at(-1)!, group] as const))(
    'seeds %i to %i',
    async (_first, _last, group) => {
      let crashes = 0;
      for (const seed of group) {
        const world = new World(seed);
        await world.run();
        crashes += world.crashes;
      }
      // Each story ends with one; a simulator without accidents would prove nothing.
      expect(crashes).toBeGreaterThan(group.length);
    },
    120_000,
  );
});
