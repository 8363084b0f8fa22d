import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PacketLab } from './lab.js';

/** What a receiver says at its end. */
export interface Received {
  readonly received: number;
  readonly dropped?: number;
  readonly flows?: number;
  /** Of one processor, 1 for all of it. */
  readonly cpu: number;
  /** Nanoseconds of the kernel's program a packet. */
  readonly kernelNs?: number;
}

const BEFORE = 1;

/** Runs a receiver of ours while packets are sent, and resolves with both. */
export async function measure(
  lab: PacketLab,
  receiver: 'afpacket' | 'ebpf' | 'cap',
  rate: number,
  seconds: number,
  flows: number,
): Promise<{ sent: number; rate: number } & Received> {
  const lifetime = String(seconds + 2 * BEFORE);
  const args =
    receiver === 'cap'
      ? [
          'nsenter',
          `--net=${lab.path('right')}`,
          process.execPath,
          lab.compiled.file('test/bench/packets/receiveByCap.ts'),
          'right0',
          lifetime,
        ]
      : [process.execPath, lab.compiled.file('test/bench/packets/receive.ts'), receiver, lab.path('right'), 'right0', lifetime];
  const child = spawn(args[0]!, args.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child.stdout, 'data');
  const { sent, seconds: took } = await lab.send(rate, seconds, flows);
  await once(child, 'exit');
  const said = JSON.parse(text.trim().split('\n').at(-1)!) as Received;
  return { sent, rate: sent / took, ...said };
}

/** The same by `tcpdump -w /dev/null`, which says at its end what it lost. */
export async function measureTcpdump(
  lab: PacketLab,
  rate: number,
  seconds: number,
  flows: number,
): Promise<{ sent: number; rate: number; dropped: number }> {
  const child = spawn('nsenter', [`--net=${lab.path('right')}`, 'tcpdump', '-i', 'right0', '-n', '-w', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child.stderr, 'data');
  const { sent, seconds: took } = await lab.send(rate, seconds, flows);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  await exited;
  const dropped = Number(/(\d+) packets? dropped by kernel/.exec(text)?.[1] ?? NaN);
  return { sent, rate: sent / took, dropped };
}
