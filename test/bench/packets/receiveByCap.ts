import { createRequire } from 'node:module';

/** The baseline: a callback of the package `cap` for each packet, which only counts. `receiveByCap.js INTERFACE SECONDS`, in the namespace already. */

const [interfaceName, seconds] = process.argv.slice(2) as [string, string];
interface Cap {
  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string;
  setMinBytes?(bytes: number): void;
  on(event: 'packet', heard: () => void): void;
  close(): void;
}
const { Cap } = createRequire(import.meta.url)('cap') as { Cap: new () => Cap };
const cap = new Cap();
// The package writes into it without holding on to it.
const buffer = Buffer.alloc(65_535);
cap.open(interfaceName, '', 10 * 1024 * 1024, buffer);
let received = 0;
cap.on('packet', () => (received += Math.sign(buffer.length)));
process.stdout.write('ready\n');
let begin: NodeJS.CpuUsage;
let beginAt: number;
setTimeout(
  () => {
    begin = process.cpuUsage();
    beginAt = performance.now();
  },
  Number(seconds) * 500,
);
setTimeout(
  () => {
    const { user, system } = process.cpuUsage(begin);
    const cpu = (user + system) / 1_000 / (performance.now() - beginAt);
    process.stdout.write(`${JSON.stringify({ received, cpu })}\n`, () => process.exit(0));
  },
  Number(seconds) * 1_000,
);
