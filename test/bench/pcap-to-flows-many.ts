import { moreIsBetter, type Bench } from './bench.js';
import { FEW_FLOWS, MANY_FLOWS, withFiles } from './flow/measured.js';

export const bench: Bench = {
  name: 'pcap-to-flows-many',
  measures: 'packets/s from a capture file of 500,000 conversations into flows, against the same of 10,000 conversations',
  run: async () =>
    withFiles((file, rates) => {
      const few = rates(file(FEW_FLOWS));
      const many = rates(file(MANY_FLOWS));
      if (many.flows !== MANY_FLOWS) throw new Error(`${many.flows} flows instead of ${MANY_FLOWS}`);
      return [moreIsBetter('pcap-to-flows-many', many.rate, 'packets/s', few.rate)];
    }),
};
