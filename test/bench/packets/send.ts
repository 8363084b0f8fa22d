import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { lookAtInterface } from '../../../agent/linux/interface.js';
import { bindToSend, bypassQueue, openPacketSocket } from '../../../agent/linux/packetSocket.js';
import { addressOf, openLibrary } from '../../../agent/linux/syscall.js';
import { udpFrame } from '../../agent/capture/frames.js';

/** A sender for measurements: `send.js NAMESPACE INTERFACE RATE SECONDS FLOWS BYTES`. Prints how long it sent. */

const [namespace, interfaceName, rateText, secondsText, flowsText, bytesText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const rate = Number(rateText);
const seconds = Number(secondsText);
const BATCH = 64;

await prepareNamespaces();
const { fd: namespaceFd } = openNamespace(namespace);
const socket = inNamespace(namespaceFd, openPacketSocket);
bindToSend(socket, lookAtInterface(socket, interfaceName).index);
bypassQueue(socket);
const flows = Number(flowsText);
const payload = Buffer.alloc(Math.max(0, Number(bytesText) - 42));
const frames = Array.from({ length: Math.max(BATCH, flows) }, (_, index) => {
  const flow = index % flows;
  return udpFrame({ sourceIp: `10.0.${(flow >> 8) & 0xff}.${flow & 0xff}`, sourcePort: 1_024 + (flow >> 16), destinationPort: 9, payload });
});
// struct mmsghdr: a msghdr of 56 bytes (its iovec at 16, the count at 24) and a length.
const headers = Buffer.alloc(frames.length * 64);
const vectors = Buffer.alloc(frames.length * 16);
frames.forEach((frame, index) => {
  vectors.writeBigUInt64LE(addressOf(frame), index * 16);
  vectors.writeBigUInt64LE(BigInt(frame.length), index * 16 + 8);
  headers.writeBigUInt64LE(addressOf(vectors) + BigInt(index * 16), index * 64 + 16);
  headers.writeBigUInt64LE(1n, index * 64 + 24);
});
const sendmmsg = openLibrary('libc.so.6').func('sendmmsg', 'int', ['int', 'void *', 'uint', 'int']) as (...args: unknown[]) => number;
const slices = Array.from({ length: Math.floor(frames.length / BATCH) }, (_, index) => headers.subarray(index * BATCH * 64));

process.stdout.write('sending\n');
const start = performance.now();
let sent = 0;
let next = 0;
for (;;) {
  const elapsed = performance.now() - start;
  if (elapsed >= seconds * 1_000) break;
  if (rate > 0 && sent > (elapsed / 1_000) * rate) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.2);
    continue;
  }
  sent += Math.max(0, sendmmsg(socket, slices[next], BATCH, 0));
  next = next + 1 === slices.length ? 0 : next + 1;
}
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1_000 })}\n`);
