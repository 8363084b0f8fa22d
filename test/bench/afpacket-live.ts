import { moreIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';
import { measure, measureTcpdump } from './packets/receivers.js';
import { measureRuns } from './packets/runStatistics.js';

/** Frames that the sender leaves out for each one that it sends: rates, the highest first. */
const LEFT_OUT = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];
const SECONDS = 10;
const FLOWS = 1_000;

/** Runs in which a rate has to be held, in turns of the two: a ring that lost nothing once may have had luck. */
const TURNS = 3;

interface Run {
  /** Packets a second that arrived. */
  readonly rate: number;
  readonly lost: number;
  /** Of one processor, 1 for all of it. */
  readonly cpu: number;
}

/** One of the two, and the slowest of its runs at the highest rate of which it lost nothing in any. */
interface Contender {
  readonly receive: (leftOut: number) => Promise<Run>;
  held: Run | undefined;
}

/** Finds what each of them holds. */
async function climbDown(contenders: readonly Contender[]): Promise<void> {
  for (const leftOut of LEFT_OUT) {
    let trying = contenders.filter(({ held }) => held === undefined);
    const slowest = new Map<Contender, Run>();
    for (let turn = 0; turn < TURNS; turn++) {
      for (const contender of trying) {
        const run = await contender.receive(leftOut);
        const before = slowest.get(contender);
        if (run.lost > 0) slowest.delete(contender);
        else if (before === undefined || run.rate < before.rate) slowest.set(contender, run);
      }
      trying = trying.filter((contender) => slowest.has(contender));
    }
    for (const contender of trying) contender.held = slowest.get(contender);
    if (contenders.every(({ held }) => held !== undefined)) return;
  }
}

export const bench: Bench = {
  name: 'afpacket-live',
  measures:
    'the highest rate of frames that the kernel sends over a veth pair, of which a ring with a flow table lost nothing in any of three runs of 10 s, after 4 s in which the ring finds its size, in turns with tcpdump -w /dev/null',
  async run(): Promise<readonly Figure[]> {
    const lab = new PacketLab();
    // tcpdump's filter is one instruction too, and costs six times as much while it is measured.
    const setBack = measureRuns(false);
    try {
      const ours: Contender = {
        receive: async (leftOut) => {
          const { rate, dropped, cpu } = await measure(lab, 'afpacket', { leftOut, seconds: SECONDS, flows: FLOWS });
          return { rate, lost: dropped, cpu };
        },
        held: undefined,
      };
      const theirs: Contender = {
        receive: async (leftOut) => {
          const { rate, dropped } = await measureTcpdump(lab, { leftOut, seconds: SECONDS, flows: FLOWS });
          return { rate, lost: dropped, cpu: NaN };
        },
        held: undefined,
      };
      await climbDown([ours, theirs]);
      return [
        moreIsBetter('afpacket-live', ours.held?.rate ?? 0, 'packets/s', theirs.held?.rate ?? 0),
        { name: 'afpacket-live/cpu', value: (ours.held?.cpu ?? NaN) * 100, unit: '% of a core' },
      ];
    } finally {
      setBack();
      lab.close();
    }
  },
};
