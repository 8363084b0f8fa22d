import { expect, it } from 'vitest';
import { PACKET, PACKET_OFFSET, PACKET_SIZE } from '../../../agent/linux/packetAbi.js';
import { describeWith } from '../../needs.js';
import { COMPILERS, evaluate, expressionsOf } from './compiler.js';

const HEADERS = [
  'stddef.h',
  'stdio.h',
  'sys/socket.h',
  'sys/mman.h',
  'netinet/in.h',
  'linux/if.h',
  'linux/sockios.h',
  'linux/sock_diag.h',
  'linux/if_packet.h',
  'linux/if_ether.h',
  'linux/if_arp.h',
  'linux/virtio_net.h',
  'linux/filter.h',
  'linux/bpf.h',
];

for (const compiler of COMPILERS) {
  describeWith([compiler.need], `the numbers of packets of ${compiler.architecture}`, () => {
    it('are those of the C compiler', () => {
      const expected = expressionsOf({ constants: PACKET, sizes: PACKET_SIZE, offsets: PACKET_OFFSET });
      const names = Object.keys(expected);
      const values = evaluate(compiler, HEADERS, names, {});
      expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(expected);
    });
  });
}
