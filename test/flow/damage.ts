import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { dns, dot1q, ethernet, icmp, ipv4, ipv6, SYN, tcp, udp, vxlan } from './frames.js';
import { put, table } from './tables.js';

/** Packets or batches; `CANOPY_FUZZ=1000000 npx vitest run test/flow` tries as many as wanted. */
export const ROUNDS = Number(process.env.CANOPY_FUZZ ?? 10_000);

/** Numbers from a seed, so that a failure can be had again. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

const FRAMES = [
  ethernet(0x0800, ipv4(17, udp(1234, 53, dns(7, 'example.org', '10.1.1.1')))),
  ethernet(0x86dd, ipv6(6, tcp(1234, 443, SYN))),
  ethernet(0x0800, ipv4(1, icmp(8, 0, 5))),
  ethernet(0x8100, dot1q(5, 0x0800, ipv4(17, udp(1, 2)))),
  ethernet(0x0800, ipv4(17, udp(5000, 4789, vxlan(0xfffffe, ethernet(0x0800, ipv4(6, tcp(1, 2))))))),
  ethernet(0x88b5, Buffer.alloc(50)),
];

/** Sound batches of one and of several kinds of flows, with details and packets. */
export const SEED_BATCHES: readonly Uint8Array[] = [FRAMES, ...FRAMES.map((frame) => [frame])].map((frames) => {
  const batches: Uint8Array[] = [];
  const writer = openFlowBatchWriter({ emit: (bytes) => batches.push(bytes.slice()) });
  const options = { captureId: 'capture', nodeTid: 'node', extraLayers: 255, extraTcpMetric: true, rawPacketLimit: 2 };
  put(table(options), ...frames, ...frames).flush(writer);
  writer.end();
  return batches[0]!;
});

/** A few bytes changed, cut off, or added. */
export function damagedBatch(seed: Uint8Array, below: (n: number) => number): Uint8Array {
  const bytes = Uint8Array.from(seed);
  for (let changes = below(4); changes > 0; changes -= 1) bytes[below(bytes.length)] = below(3) === 0 ? 255 : below(256);
  switch (below(8)) {
    case 0:
      return bytes.subarray(0, below(bytes.length + 1));
    case 1:
      return Uint8Array.from([...bytes, below(256)]);
    default:
      return bytes;
  }
}
