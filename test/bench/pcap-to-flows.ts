import { execFileSync } from 'node:child_process';
import { moreIsBetter, type Bench } from './bench.js';
import { FEW_FLOWS, PACKETS, withFiles } from './flow/measured.js';

/** Packets a second of tshark's conversations over the same file. */
function tshark(path: string): number {
  const started = performance.now();
  execFileSync('tshark', ['-n', '-q', '-z', 'conv,tcp', '-z', 'conv,udp', '-r', path], { stdio: ['ignore', 'ignore', 'ignore'] });
  return PACKETS / ((performance.now() - started) / 1000);
}

export const bench: Bench = {
  name: 'pcap-to-flows',
  measures:
    'packets/s from a capture file of 10,000 conversations into flows with all layers, ids and round trips, against `tshark -z conv,tcp -z conv,udp`',
  run: async () =>
    withFiles((file, rates) => {
      const path = file(FEW_FLOWS);
      const { rate, flows } = rates(path);
      if (flows !== FEW_FLOWS) throw new Error(`${flows} flows instead of ${FEW_FLOWS}`);
      return [moreIsBetter('pcap-to-flows', rate, 'packets/s', tshark(path))];
    }),
};
