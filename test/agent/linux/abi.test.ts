import { describe, expect, it } from 'vitest';
import { LINK_COUNTERS, LINUX, machineAbi, OFFSET, SIZE } from '../../../agent/linux/abi.js';
import { describeWith } from '../../needs.js';
import { COMPILERS, evaluate, expressionsOf } from './compiler.js';

const HEADERS = [
  'sched.h',
  'stddef.h',
  'sys/socket.h',
  'netinet/in.h',
  'sys/un.h',
  'sys/epoll.h',
  'sys/eventfd.h',
  'linux/magic.h',
  'linux/netlink.h',
  'linux/rtnetlink.h',
  'linux/genetlink.h',
  'linux/wireguard.h',
  'linux/time_types.h',
  'linux/neighbour.h',
  'linux/nexthop.h',
  'linux/net_namespace.h',
  'linux/if_link.h',
  'linux/if_addr.h',
  'linux/if.h',
  'linux/if_tunnel.h',
  'linux/sockios.h',
  'linux/ethtool.h',
  'sys/syscall.h',
  'sys/prctl.h',
  'linux/connector.h',
  'linux/cn_proc.h',
  'linux/capability.h',
];

/** Newer than the headers that some machines have. */
const { SO_NETNS_COOKIE, NSFS_MAGIC } = LINUX;

for (const compiler of COMPILERS) {
  describeWith([compiler.need], `the numbers of ${compiler.architecture}`, () => {
    it('are those of the C compiler', () => {
      // Written as the complement of two bits, which C takes for a negative number.
      const { NLA_TYPE_MASK, ...constants } = LINUX;
      const expected = expressionsOf({ constants, sizes: SIZE, offsets: OFFSET });
      expected['NLA_TYPE_MASK & 0xffff'] = NLA_TYPE_MASK;
      LINK_COUNTERS.forEach(([field], index) => (expected[`offsetof(struct rtnl_link_stats64, ${field})`] = index * 8));
      const { epollEventSize, epollEventData, sysBpf } = machineAbi(compiler.architecture);
      expected['sizeof(struct epoll_event)'] = epollEventSize;
      expected['offsetof(struct epoll_event, data)'] = epollEventData;
      expected.SYS_bpf = sysBpf;
      const names = Object.keys(expected);
      const values = evaluate(compiler, HEADERS, names, { SO_NETNS_COOKIE, NSFS_MAGIC });
      expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(expected);
    });
  });
}

describe('the numbers of the machine', () => {
  it('are refused for an architecture that nobody has checked, by its name', () => {
    expect(() => machineAbi('riscv64')).toThrow(/riscv64.*x64, arm64/);
  });

  it('are checked for each architecture that the agent knows', () => {
    for (const { architecture } of COMPILERS) expect(machineAbi(architecture)).toBeDefined();
    expect(() => machineAbi('none')).toThrow(`it knows ${COMPILERS.map(({ architecture }) => architecture).join(', ')}`);
  });
});
