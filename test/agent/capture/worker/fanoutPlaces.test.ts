import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FanoutPlaces } from '../../../../agent/capture/worker/fanoutPlaces.js';

it('numbers lead to their members before and after one leaves, and whoever joins', () => {
  const members = fc.uniqueArray(fc.nat(1_000), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(members, fc.infiniteStream(fc.nat()), (all, choices) => {
      const places = new FanoutPlaces();
      /** As the kernel has them. */
      const kernel = [...all];
      for (const member of all) places.join(member);
      const choose = (from: readonly number[]): number => from[choices.next().value! % from.length]!;
      while (kernel.length > 1) {
        const leaving = choose(kernel);
        const targets = kernel.filter((member) => member !== leaving && choices.next().value! % 2 === 0);
        const whoHas = (numbers: readonly number[]): number[] => numbers.map((number) => kernel[number % kernel.length]!);
        expect(whoHas(places.numbers(targets))).toEqual(targets);
        const numbers = places.numbers(targets, leaving);
        expect(whoHas(numbers)).toEqual(targets);
        const last = kernel.pop()!;
        if (last !== leaving) kernel[kernel.indexOf(leaving)] = last;
        places.leave(leaving);
        expect(whoHas(numbers)).toEqual(targets);
        const steady = places.numbers(targets);
        kernel.push(-kernel.length);
        expect(whoHas(steady)).toEqual(targets);
        kernel.pop();
      }
    }),
  );
});
