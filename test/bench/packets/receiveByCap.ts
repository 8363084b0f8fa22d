import { createRequire } from 'node:module';

/**
 * The baseline: a callback of the package `cap` for each packet, which only counts. `receiveByCap.js INTERFACE`, in the namespace already;
 * otherwise as `receive.js`.
 */

const [interfaceName] = process.argv.slice(2) as [string];
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
const say = (): void => void process.stdout.write(`${JSON.stringify({ received })}\n`);
say();
setInterval(say, 1_000);
process.stdin.on('end', () => {
  say();
  process.exit(0);
});
process.stdin.resume();
