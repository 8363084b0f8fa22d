import { moreIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';
import { measure, measureTcpdump } from './packets/receivers.js';

/** Packets a second that are tried, the highest first; 0 is as fast as the sender can. */
const RATES = [0, 600_000, 500_000, 400_000, 300_000, 200_000, 100_000];
const SECONDS = 10;
const FLOWS = 1_000;

/** The highest rate that loses nothing. */
async function highest(
  lose: (rate: number) => Promise<{ rate: number; lost: number; cpu: number }>,
): Promise<{ rate: number; cpu: number }> {
  for (const rate of RATES) {
    const { rate: reached, lost, cpu } = await lose(rate);
    if (lost === 0) return { rate: reached, cpu };
  }
  return { rate: 0, cpu: NaN };
}

export const bench: Bench = {
  name: 'afpacket-live',
  measures:
    'the highest rate over a veth pair for 10 s, after 4 s in which the ring finds its size, of which a ring with a flow table loses nothing, against tcpdump -w /dev/null',
  async run(): Promise<readonly Figure[]> {
    const lab = new PacketLab();
    try {
      const ours = await highest(async (rate) => {
        const { dropped, rate: reached, cpu } = await measure(lab, 'afpacket', rate, SECONDS, FLOWS);
        return { rate: reached, lost: dropped, cpu };
      });
      const theirs = await highest(async (rate) => {
        const { dropped, rate: reached } = await measureTcpdump(lab, rate, SECONDS, FLOWS);
        return { rate: reached, lost: dropped, cpu: NaN };
      });
      return [
        moreIsBetter('afpacket-live', ours.rate, 'packets/s', theirs.rate),
        { name: 'afpacket-live/cpu', value: ours.cpu * 100, unit: '% of a core' },
      ];
    } finally {
      lab.close();
    }
  },
};
