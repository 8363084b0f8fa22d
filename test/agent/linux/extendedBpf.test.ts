import { afterAll, describe, expect, it } from 'vitest';
import { loadProgram } from '../../../agent/linux/bpf.js';
import { compileFor } from '../../../agent/linux/classicBpf.js';
import { toExtended } from '../../../agent/linux/extendedBpf.js';
import { packetFilter } from '../../../agent/linux/packetFilter.js';
import { addressOf, raw, sys } from '../../../agent/linux/syscall.js';
import { describeWith, root } from '../../needs.js';
import { damaged } from '../capture/damage.js';
import { udpFrame } from '../capture/frames.js';
import { dot1q, ethernet, icmp, ipv4, ipv6, payload, tcp, udp } from '../../flow/frames.js';

/** Passes everything: `r0 = 1; exit`. */
const PASS = {
  compiler: '',
  instructions: Buffer.from([0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]).toString('base64'),
  maps: [],
  relocations: [],
};
const BPF_PROG_TEST_RUN = 10;
/** Where the kernel's test puts its own Ethernet header; the packet of a socket's filter begins behind it. */
const BEFORE = Buffer.alloc(14);

const FILTERS = [
  '',
  'udp port 80',
  'tcp',
  'not tcp',
  'icmp or icmp6',
  'host 192.0.2.1',
  'not (host 10.0.0.1 and port 2) and not (host 2001:db8::1 and port 80)',
  'vlan 10',
  'vlan 10 and udp port 80',
  'vlan and vlan 20 and udp dst port 2',
  'ip6 and udp',
  'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0',
  'ip[2:2] > 100 and ip[6:2] & 0x1fff = 0',
  'greater 200',
  'less 60 or ether[0] & 1 != 0',
  'len % 3 == 1 or len / (ip[1] + 1) > 50',
  'net 192.0.2.0/24 and portrange 1-1000',
  'ether host 02:00:00:00:00:01 and ip proto 17',
  'ip[12:4] = 0xc0000201 or ip[12:4] > 0xf0000000',
  'udp[8:4] - ip[0] * 3 << 1 > 7 | 2',
];
const PACKETS = [
  udpFrame(),
  udpFrame({ vlans: [10] }),
  udpFrame({ vlans: [10, 20], destinationPort: 2 }),
  ethernet(0x0800, ipv4(6, tcp(1, 2, 2))),
  ethernet(0x0800, ipv4(6, tcp(80, 443, 0x10, 1, payload(300)))),
  ethernet(0x86dd, ipv6(17, udp(80, 53, payload(60)), '2001:db8::1')),
  ethernet(0x86dd, ipv6(58, icmp(128))),
  ethernet(0x8100, dot1q(20, 0x0800, ipv4(1, icmp(8)))),
  ethernet(0x0800, ipv4(17, payload(40), '10.0.0.1', '10.0.0.2', { fragmentOffset: 4 })),
];

describe('a filter in the form of the present machine', () => {
  it('refuses what is no filter', () => {
    const instruction = (code: number, k: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt32LE(k, 4);
      return bytes;
    };
    expect(() => toExtended(instruction(0x05, 3))).toThrow(/jumps out of it/);
    expect(() => toExtended(instruction(0x20, 0xffff_f000 + 56))).toThrow(/only classic filters know/);
  });
});

describeWith([root], 'filters in the kernel, in the form of the present machine', () => {
  const programs: number[] = [];
  afterAll(() => programs.forEach((fd) => sys.close(fd)));

  const run = (fd: number, packet: Buffer): boolean => {
    const data = Buffer.concat([BEFORE, packet]);
    const attributes = Buffer.alloc(80);
    attributes.writeUInt32LE(fd, 0);
    attributes.writeUInt32LE(data.length, 8);
    attributes.writeBigUInt64LE(addressOf(data), 16);
    expect(raw.bpf(BPF_PROG_TEST_RUN, attributes, attributes.length)).toBe(0);
    return attributes.readUInt32LE(4) !== 0;
  };

  it.each(FILTERS)('let through what libpcap says: "%s"', (text) => {
    const { fd } = loadProgram(PASS, toExtended(compileFor(1, text, 256)));
    programs.push(fd);
    const expected = packetFilter(text);
    const says = (packet: Buffer): boolean => expected?.(packet, packet.length, 1) ?? true;
    let passed = 0;
    for (const packet of PACKETS) {
      expect(run(fd, packet)).toBe(says(packet));
      if (says(packet)) passed++;
    }
    for (const packet of damaged(PACKETS, 20)) {
      if (packet.length === 0) continue;
      if (run(fd, packet) !== says(packet)) expect.unreachable(`${text}: ${packet.toString('hex')}`);
    }
    expect(passed).toBeGreaterThan(0);
  });
});
