/** Small builders of packets: each takes what is inside and puts its header in front. Lengths are right, checksums are 0. */

export const MAC_A = '02:00:00:00:00:01';
export const MAC_B = '02:00:00:00:00:02';

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
const header = (length: number, fill: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  fill(bytes);
  return bytes;
};
const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

export const payload = (length: number): Buffer => Buffer.alloc(length, 0x61);

/** An Ethernet frame; `type` is an EtherType. */
export const ethernet = (type: number, inside: Buffer, source = MAC_A, target = MAC_B): Buffer =>
  join(
    bytesOf(target),
    bytesOf(source),
    header(2, (b) => b.writeUInt16BE(type)),
    inside,
  );

export const dot1q = (vlan: number, type: number, inside: Buffer): Buffer =>
  join(
    header(4, (b) => {
      b.writeUInt16BE(vlan);
      b.writeUInt16BE(type, 2);
    }),
    inside,
  );

interface Ipv4Options {
  readonly id?: number;
  readonly ttl?: number;
  /** In units of eight bytes. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** Instead of the right one. */
  readonly length?: number;
}
const address4 = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

export const ipv4 = (protocol: number, inside: Buffer, source = '10.0.0.1', target = '10.0.0.2', options: Ipv4Options = {}): Buffer =>
  join(
    header(20, (b) => {
      b[0] = 0x45;
      b.writeUInt16BE(options.length ?? 20 + inside.length, 2);
      b.writeUInt16BE(options.id ?? 0, 4);
      b.writeUInt16BE((options.fragmentOffset ?? 0) | (options.moreFragments === true ? 0x2000 : 0), 6);
      b[8] = options.ttl ?? 64;
      b[9] = protocol;
      address4(source).copy(b, 12);
      address4(target).copy(b, 16);
    }),
    inside,
  );

const address6 = (text: string): Buffer => {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const front = groups(head);
  const back = groups(tail);
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return header(16, (b) => all.forEach((group, index) => b.writeUInt16BE(group, index * 2)));
};

export const ipv6 = (next: number, inside: Buffer, source = 'fd00::1', target = 'fd00::2', hopLimit = 64): Buffer =>
  join(
    header(40, (b) => {
      b[0] = 0x60;
      b.writeUInt16BE(inside.length, 4);
      b[6] = next;
      b[7] = hopLimit;
      address6(source).copy(b, 8);
      address6(target).copy(b, 24);
    }),
    inside,
  );

export const udp = (source: number, target: number, inside = payload(10)): Buffer =>
  join(
    header(8, (b) => {
      b.writeUInt16BE(source);
      b.writeUInt16BE(target, 2);
      b.writeUInt16BE(8 + inside.length, 4);
    }),
    inside,
  );

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;

export const tcp = (source: number, target: number, flags = ACK, sequence = 0, inside: Buffer = Buffer.alloc(0)): Buffer =>
  join(
    header(20, (b) => {
      b.writeUInt16BE(source);
      b.writeUInt16BE(target, 2);
      b.writeUInt32BE(sequence, 4);
      b[12] = 0x50;
      b[13] = flags;
    }),
    inside,
  );

/** ICMP or ICMPv6 with an id, as echo has it. */
export const icmp = (type: number, code = 0, id = 0, inside = payload(4)): Buffer =>
  join(
    header(8, (b) => {
      b[0] = type;
      b[1] = code;
      b.writeUInt16BE(id, 4);
    }),
    inside,
  );

export const vxlan = (vni: number, inside: Buffer): Buffer =>
  join(
    header(8, (b) => {
      b[0] = 0x08;
      b.writeUIntBE(vni, 4, 3);
    }),
    inside,
  );

export const geneve = (vni: number, type: number, inside: Buffer): Buffer =>
  join(
    header(8, (b) => {
      b.writeUInt16BE(type, 2);
      b.writeUIntBE(vni, 4, 3);
    }),
    inside,
  );

export const gre = (type: number, inside: Buffer, key?: number): Buffer =>
  join(
    header(key === undefined ? 4 : 8, (b) => {
      b[0] = key === undefined ? 0 : 0x20;
      b.writeUInt16BE(type, 2);
      if (key !== undefined) b.writeUInt32BE(key, 4);
    }),
    inside,
  );

export const mpls = (label: number, bottom: boolean, inside: Buffer): Buffer =>
  join(
    header(4, (b) => b.writeUInt32BE(((label << 12) | (bottom ? 0x100 : 0) | 64) >>> 0)),
    inside,
  );

const name = (text: string): Buffer =>
  join(...text.split('.').map((label) => join(Buffer.from([label.length]), Buffer.from(label))), Buffer.from([0]));

/** A DNS message about one name; an answer has one A record. */
export const dns = (id: number, host: string, answer?: string, edns = false): Buffer =>
  join(
    header(12, (b) => {
      b.writeUInt16BE(id);
      b.writeUInt16BE(answer === undefined ? 0x0100 : 0x8180, 2);
      b.writeUInt16BE(1, 4);
      b.writeUInt16BE(answer === undefined ? 0 : 1, 6);
      b.writeUInt16BE(edns ? 1 : 0, 10);
    }),
    name(host),
    Buffer.from([0, 1, 0, 1]),
    ...(answer === undefined ? [] : [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]), address4(answer)]),
    ...(edns ? [Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 8, 0, 10, 0, 4, 1, 2, 3, 4])] : []),
  );

/** A classic pcap file of frames, each at its time in milliseconds. */
export const pcapOf = (frames: readonly (readonly [ms: number, frame: Buffer])[], linkType = 1): Buffer =>
  join(
    header(24, (b) => {
      b.writeUInt32LE(0xa1b2c3d4);
      b.writeUInt16LE(2, 4);
      b.writeUInt16LE(4, 6);
      b.writeUInt32LE(65535, 16);
      b.writeUInt32LE(linkType, 20);
    }),
    ...frames.flatMap(([ms, frame]) => [
      header(16, (b) => {
        b.writeUInt32LE(Math.floor(ms / 1000));
        b.writeUInt32LE((ms % 1000) * 1000, 4);
        b.writeUInt32LE(frame.length, 8);
        b.writeUInt32LE(frame.length, 12);
      }),
      frame,
    ]),
  );
