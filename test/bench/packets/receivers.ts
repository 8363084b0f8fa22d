import type { PacketLab, Sending } from './lab.js';
import { Talker } from './talker.js';

/** Runs of a program in the kernel, and nanoseconds of them all. */
export interface KernelRuns {
  readonly ns: number;
  readonly runs: number;
}

/** What a receiver says of itself, counted since it was opened. */
interface Said {
  readonly received: number;
  readonly dropped?: number;
  readonly flows?: number;
  readonly kernel?: KernelRuns;
  /** Of a program that does nothing, for the same packets. */
  readonly clock?: KernelRuns;
}

/** What was measured while packets came in. */
export interface Measured {
  /** Packets a second that arrived. */
  readonly rate: number;
  /** Packets of the whole run. */
  readonly sent: number;
  readonly received: number;
  /** Packets that the kernel dropped while it was measured. */
  readonly dropped: number;
  /** Of one processor, 1 for all of it. */
  readonly cpu: number;
  /** Nanoseconds a packet of the kernel's program as the kernel measures it, and of one that does nothing: of the clock. */
  readonly kernelNs: number;
  readonly clockNs: number;
}

/** Seconds of sending before anything is measured: what runs is compiled, and rings have found their size. */
const WARM_UP = 4;

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

const longer = (sending: Sending): Sending => ({ ...sending, seconds: WARM_UP + sending.seconds });

/** Runs a receiver while packets are sent for so many seconds, after the warm-up. */
export async function measure(lab: PacketLab, receiver: 'afpacket' | 'ebpf' | 'cap', sending: Sending): Promise<Measured> {
  const { seconds } = sending;
  const script = lab.compiled.file(`test/bench/packets/${receiver === 'cap' ? 'receiveByCap' : 'receive'}.ts`);
  const talker =
    receiver === 'cap'
      ? new Talker('nsenter', [`--net=${lab.path('right')}`, process.execPath, script, 'right0'])
      : new Talker(process.execPath, [script, receiver, lab.path('right'), 'right0']);
  await talker.line();
  const { done } = await lab.send(longer(sending));
  await sleep(WARM_UP);
  const before = JSON.parse(await talker.next()) as Said;
  const [cpuBefore, began] = [talker.cpuSeconds(), performance.now()];
  // Done before the sender is, so that all of it is under load.
  await sleep(seconds - 1.5);
  const cpu = ((talker.cpuSeconds() - cpuBefore) / (performance.now() - began)) * 1_000;
  const { sent, seconds: took } = await done;
  await sleep(1);
  const { received, dropped = 0, kernel, clock } = JSON.parse(await talker.end()) as Said;
  return {
    rate: sent / took,
    sent,
    received,
    dropped: dropped - (before.dropped ?? 0),
    cpu,
    kernelNs: perRun(before.kernel, kernel),
    clockNs: perRun(before.clock, clock),
  };
}

/** Between two looks, NaN where nothing ran. Flows are known after the warm-up: how many are made a second says nothing of what a packet costs. */
const perRun = (before: KernelRuns | undefined, after: KernelRuns | undefined): number =>
  ((after?.ns ?? NaN) - (before?.ns ?? 0)) / ((after?.runs ?? NaN) - (before?.runs ?? 0));

/** The same by `tcpdump -w /dev/null`, which says what it lost when it is asked and at its end. */
export async function measureTcpdump(lab: PacketLab, sending: Sending): Promise<{ rate: number; dropped: number }> {
  const talker = new Talker('nsenter', [`--net=${lab.path('right')}`, 'tcpdump', '-i', 'right0', '-n', '-w', '/dev/null'], 'stderr');
  const lost = (said: string): number => Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? NaN);
  await talker.line();
  const { done } = await lab.send(longer(sending));
  await sleep(WARM_UP);
  const before = lost(await talker.answer('SIGUSR1'));
  const { sent, seconds: took } = await done;
  await sleep(1);
  return { rate: sent / took, dropped: lost(await talker.end('SIGINT')) - before };
}
