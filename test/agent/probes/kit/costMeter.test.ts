import { expect, it } from 'vitest';
import { CostMeter } from '../../../../agent/probes/kit/costMeter.js';

it('counts for each probe what it takes itself, also when it throws', () => {
  let now = 0;
  const meter = new CostMeter(() => now);
  const take = (ms: number) => () => void (now += ms);
  meter.run('outer', () => {
    now += 3;
    meter.run('inner', take(10));
    now += 4;
  });
  now += 100;
  expect(() =>
    meter.run('inner', () => {
      now += 5;
      throw new Error('x');
    }),
  ).toThrow('x');
  expect([meter.of('outer'), meter.of('inner'), meter.of('nobody')]).toEqual([7, 15, 0]);
});
