import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { interfaceNow } from '../../../agent/linux/interface.js';
import { PACKET, PACKET_OFFSET } from '../../../agent/linux/packetAbi.js';
import { addressOf, sys } from '../../../agent/linux/syscall.js';
import { udpFrame } from '../../agent/capture/frames.js';

/**
 * A sender for measurements that is faster than calls can be: `sendByKernel.js NAMESPACE INTERFACE LEFT_OUT SECONDS FLOWS BYTES`. The kernel makes the frames
 * itself (`BPF_F_TEST_XDP_LIVE_FRAMES`, from Linux 5.18), and they arrive in batches of NAPI, as a network card hands them over. It makes them as fast as it can; for each
 * that is sent, `LEFT_OUT` are not, on the average: that is how it is slowed down, since beginning anew takes 30 ms.
 */

const [namespace, interfaceName, leftOutText, secondsText, flowsText, bytesText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const seconds = Number(secondsText);

const BPF_PROG_TEST_RUN = 10;
const BPF_PROG_TYPE_XDP = 6;
const LIVE_FRAMES = 2;
/** Frames of one batch of NAPI, and of one call. */
const BATCH = 64;
const AT_ONCE = 1_000_000;
/** `union bpf_attr`, its part `test`. */
const TEST = { prog_fd: 0, data_size_in: 8, data_in: 16, repeat: 32, flags: 64, batch_size: 72, bytes: 80 };

await prepareNamespaces();
const { fd: namespaceFd } = openNamespace(namespace);
const { index } = inNamespace(namespaceFd, () => interfaceNow(interfaceName));

/** The last two bytes of the address of the source. */
const FLOW_AT = 28;
const instruction = (code: number, destination: number, source: number, offset: number, immediate: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes[0] = code;
  bytes[1] = (source << 4) | destination;
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
};
const program = Buffer.concat([
  instruction(0xbf, 6, 1, 0, 0), // r6 = context
  instruction(0x85, 0, 0, 0, 7), // r0 = bpf_get_prandom_u32()
  instruction(0xbc, 7, 0, 0, 0),
  instruction(0x74, 7, 0, 0, 16),
  instruction(0x94, 7, 0, 0, Number(leftOutText) + 1), // r7 = (r0 >> 16) % (left out + 1)
  instruction(0x15, 7, 0, 2, 0),
  instruction(0xb7, 0, 0, 0, 1), // where that is not 0: XDP_DROP
  instruction(0x95, 0, 0, 0, 0),
  instruction(0x54, 0, 0, 0, 0xffff),
  instruction(0x94, 0, 0, 0, Number(flowsText)), // r0 = (r0 & 0xffff) % flows
  instruction(0x61, 2, 6, 0, 0), // r2 = data
  instruction(0x61, 3, 6, 4, 0), // r3 = end of data
  instruction(0xbf, 4, 2, 0, 0),
  instruction(0x07, 4, 0, 0, FLOW_AT + 2),
  instruction(0x2d, 4, 3, 1, 0), // where it is too short: past the next one
  instruction(0x6b, 2, 0, FLOW_AT, 0), // the flow's number into the address
  instruction(0xb7, 1, 0, 0, index),
  instruction(0xb7, 2, 0, 0, 0),
  instruction(0x85, 0, 0, 0, 23), // bpf_redirect(index, 0)
  instruction(0x95, 0, 0, 0, 0),
]);
const license = Buffer.from('Apache-2.0\0');
const loading = Buffer.alloc(TEST.bytes);
const { prog_type, insn_cnt, insns, license: licenseAt } = PACKET_OFFSET['union bpf_attr'];
loading.writeUInt32LE(BPF_PROG_TYPE_XDP, prog_type);
loading.writeUInt32LE(program.length / 8, insn_cnt);
loading.writeBigUInt64LE(addressOf(program), insns);
loading.writeBigUInt64LE(addressOf(license), licenseAt);
// The interface is looked for in the namespace of who runs the program.
inNamespace(namespaceFd, () => {
  const fd = sys.bpf(PACKET.BPF_PROG_LOAD, loading, loading.length);
  const frame = udpFrame({ sourceIp: '10.0.0.0', destinationPort: 9, payload: Buffer.alloc(Math.max(0, Number(bytesText) - 42)) });
  const run = Buffer.alloc(TEST.bytes);
  run.writeUInt32LE(fd, TEST.prog_fd);
  run.writeUInt32LE(frame.length, TEST.data_size_in);
  run.writeBigUInt64LE(addressOf(frame), TEST.data_in);
  run.writeUInt32LE(AT_ONCE, TEST.repeat);
  run.writeUInt32LE(LIVE_FRAMES, TEST.flags);
  run.writeUInt32LE(BATCH, TEST.batch_size);
  process.stdout.write('sending\n');
  const start = performance.now();
  while (performance.now() - start < seconds * 1_000) sys.bpf(BPF_PROG_TEST_RUN, run, run.length);
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1_000 })}\n`);
});
