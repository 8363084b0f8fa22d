import { lessIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';
import { measure } from './packets/receivers.js';
import { measureRuns } from './packets/runStatistics.js';

const RATE = 110_000;
const SECONDS = 10;
const FLOWS = 100_000;

export const bench: Bench = {
  name: 'ebpf-live',
  measures:
    'flows counted in the kernel: nanoseconds a packet of a known flow there, without those of the clock that measures them, and processor time for reading 100,000 flows each second, against a ring',
  async run(): Promise<readonly Figure[]> {
    const lab = new PacketLab();
    const setBack = measureRuns(true);
    try {
      const ours = await measure(lab, 'ebpf', { rate: RATE, seconds: SECONDS, flows: FLOWS });
      const ring = await measure(lab, 'afpacket', { rate: RATE, seconds: SECONDS, flows: FLOWS });
      return [
        { name: 'ebpf-live/packet', value: ours.kernelNs - ours.clockNs, unit: 'ns' },
        { name: 'ebpf-live/clock', value: ours.clockNs, unit: 'ns' },
        lessIsBetter('ebpf-live/read', ours.cpu * 100, '% of a core', ring.cpu * 100),
      ];
    } finally {
      setBack();
      lab.close();
    }
  },
};
