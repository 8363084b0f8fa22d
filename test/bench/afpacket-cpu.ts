import { lessIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';
import { measure } from './packets/receivers.js';

const RATE = 100_000;
const SECONDS = 8;
const FLOWS = 1_000;

export const bench: Bench = {
  name: 'afpacket-cpu',
  measures: 'processor time of a ring with a flow table at 100,000 packets/s, against a callback of the package cap that only counts',
  async run(): Promise<readonly Figure[]> {
    const lab = new PacketLab();
    try {
      const ours = await measure(lab, 'afpacket', { rate: RATE, seconds: SECONDS, flows: FLOWS });
      const theirs = await measure(lab, 'cap', { rate: RATE, seconds: SECONDS, flows: FLOWS });
      // A receiver that loses packets has less to do: what each costs for those that it got, for all of them.
      const ofAll = ({ cpu, received, sent }: typeof ours): number => cpu * 100 * (sent / received);
      return [lessIsBetter('afpacket-cpu', ofAll(ours), '% of a core', ofAll(theirs))];
    } finally {
      lab.close();
    }
  },
};
