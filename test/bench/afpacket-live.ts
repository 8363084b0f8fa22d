import { moreIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';
import { measure, measureTcpdump } from './packets/receivers.js';
import { measureRuns } from './packets/runStatistics.js';

/** Packets a second that are tried, the highest first; 0 is as fast as the sender can. */
const RATES = [0, 600_000, 500_000, 400_000, 300_000, 200_000, 100_000];
const SECONDS = 10;
const FLOWS = 1_000;

/** Times that each of the two is tried, in turns: on a machine with few processors the sender's own speed changes from run to run. */
const TURNS = 3;

interface Reached {
  readonly rate: number;
  readonly cpu: number;
}

/** The highest rate that loses nothing, of those that are above what was reached before. */
async function highest(before: Reached, lose: (rate: number) => Promise<Reached & { lost: number }>): Promise<Reached> {
  for (const rate of RATES) {
    if (rate !== 0 && rate <= before.rate) break;
    const { rate: reached, lost, cpu } = await lose(rate);
    if (lost === 0) return reached > before.rate ? { rate: reached, cpu } : before;
  }
  return before;
}

export const bench: Bench = {
  name: 'afpacket-live',
  measures:
    'the highest rate over a veth pair for 10 s, after 4 s in which the ring finds its size, of which a ring with a flow table loses nothing, the best of three runs in turns with tcpdump -w /dev/null',
  async run(): Promise<readonly Figure[]> {
    const lab = new PacketLab();
    // tcpdump has no filter, and pays nothing for its being measured.
    const setBack = measureRuns(false);
    try {
      let ours: Reached = { rate: 0, cpu: NaN };
      let theirs = ours;
      for (let turn = 0; turn < TURNS; turn++) {
        ours = await highest(ours, async (rate) => {
          const { dropped, rate: reached, cpu } = await measure(lab, 'afpacket', rate, SECONDS, FLOWS);
          return { rate: reached, lost: dropped, cpu };
        });
        theirs = await highest(theirs, async (rate) => {
          const { dropped, rate: reached } = await measureTcpdump(lab, rate, SECONDS, FLOWS);
          return { rate: reached, lost: dropped, cpu: NaN };
        });
      }
      return [
        moreIsBetter('afpacket-live', ours.rate, 'packets/s', theirs.rate),
        { name: 'afpacket-live/cpu', value: ours.cpu * 100, unit: '% of a core' },
      ];
    } finally {
      setBack();
      lab.close();
    }
  },
};
