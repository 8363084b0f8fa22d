import { checksumOf, sumWords } from '../../../agent/inject/checksum.js';

/** Frames for tests: Ethernet with what is asked for inside. Checksums of datagrams are left 0: nobody here looks at them. */

export interface FrameParts {
  readonly source?: string;
  readonly destination?: string;
  /** Outermost first. */
  readonly vlans?: readonly number[];
  readonly sourceIp?: string;
  readonly destinationIp?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly payload?: Buffer;
}

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex');
const ipBytes = (ip: string): Buffer => Buffer.from(ip.split('.').map(Number));

/** A UDP datagram over IPv4. */
export function udpFrame(parts: FrameParts = {}): Buffer {
  const payload = parts.payload ?? Buffer.from('hello');
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(parts.sourcePort ?? 40_000, 0);
  udp.writeUInt16BE(parts.destinationPort ?? 80, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + payload.length, 2);
  ip[8] = 64;
  ip[9] = 17;
  ipBytes(parts.sourceIp ?? '192.0.2.1').copy(ip, 12);
  ipBytes(parts.destinationIp ?? '192.0.2.2').copy(ip, 16);
  const ethernet = Buffer.concat([
    macBytes(parts.destination ?? '02:00:00:00:00:02'),
    macBytes(parts.source ?? '02:00:00:00:00:01'),
    ...(parts.vlans ?? []).map((id) => Buffer.from([0x81, 0x00, id >> 8, id & 0xff])),
    Buffer.from([0x08, 0x00]),
  ]);
  return Buffer.concat([ethernet, ip, udp, payload]);
}

/** A piece of a TCP stream over IPv4, with right checksums: the kernel joins no others. */
export function tcpFrame(sequence: number, payload: Buffer, parts: FrameParts = {}): Buffer {
  const frame = udpFrame({ ...parts, payload: Buffer.concat([Buffer.alloc(12), payload]) });
  const ip = frame.subarray(14);
  ip.writeUInt16BE(0x4000, 6);
  ip[9] = 6;
  ip.writeUInt16BE(checksumOf(sumWords(ip.subarray(0, 20))), 10);
  const tcp = ip.subarray(20);
  tcp.fill(0, 4, 20);
  tcp.writeUInt32BE(sequence, 4);
  tcp.writeUInt32BE(1, 8);
  tcp.writeUInt16BE(0x5010, 12);
  tcp.writeUInt16BE(1_000, 14);
  tcp.writeUInt16BE(checksumOf(sumWords(tcp, sumWords(ip.subarray(12, 20), 6 + tcp.length))), 16);
  return frame;
}
