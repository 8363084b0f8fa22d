import { moreIsBetter, type Bench } from './bench.js';
import { FEW_FLOWS, MANY_FLOWS, withFiles } from './flow/measured.js';

/** Times that each of the two is measured, in turns: the machine's own speed changes between one and the other. */
const TURNS = 5;

export const bench: Bench = {
  name: 'pcap-to-flows-many',
  measures:
    'packets/s from a capture file of 500,000 conversations into flows, against the same of 10,000 conversations: the middle of five pairs',
  run: async () =>
    withFiles((file, rates) => {
      const files = { few: file(FEW_FLOWS), many: file(MANY_FLOWS) };
      const pairs = Array.from({ length: TURNS }, () => {
        const few = rates(files.few);
        const many = rates(files.many);
        if (many.flows !== MANY_FLOWS) throw new Error(`${many.flows} flows instead of ${MANY_FLOWS}`);
        return moreIsBetter('pcap-to-flows-many', many.rate, 'packets/s', few.rate);
      });
      pairs.sort((left, right) => left.ratio! - right.ratio!);
      return [pairs[TURNS >> 1]!];
    }),
};
