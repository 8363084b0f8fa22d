import { vi } from 'vitest';

// Any number of runs may be asked for.
vi.setConfig({ testTimeout: 600_000 });

/** Datagrams; more with `CANOPY_FUZZ=1000000`. The same again with the seed, `CANOPY_FUZZ_SEED`. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);
const SEED = Number(process.env.CANOPY_FUZZ_SEED ?? 1);

/** Good datagrams with bytes changed, cut off, put in or doubled, and some of nothing but chance: one part of so many of all runs. */
export function* damaged(good: readonly Buffer[], part = 1): Generator<Buffer> {
  let state = SEED >>> 0 || 1;
  const random = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let run = 0; run < RUNS / part; run++) {
    const one = Buffer.from(good[random(good.length)]!);
    const changes = 1 + random(8);
    for (let change = 0; change < changes; change++) one[random(one.length)] = random(256);
    switch (random(4)) {
      case 0:
        yield one.subarray(0, random(one.length));
        break;
      case 1:
        yield Buffer.concat([one, one.subarray(random(one.length))]);
        break;
      case 2:
        yield Buffer.from(Array.from({ length: random(200) }, () => random(256)));
        break;
      default:
        yield one;
    }
  }
}
