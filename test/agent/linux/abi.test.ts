import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LINK_COUNTERS, LINUX, machineAbi, OFFSET, SIZE } from '../../../agent/linux/abi.js';
import { describeWith, program } from '../../needs.js';

const HEADERS = [
  'sched.h',
  'stddef.h',
  'stdio.h',
  'sys/socket.h',
  'sys/un.h',
  'sys/epoll.h',
  'sys/eventfd.h',
  'linux/magic.h',
  'linux/netlink.h',
  'linux/rtnetlink.h',
  'linux/neighbour.h',
  'linux/nexthop.h',
  'linux/net_namespace.h',
  'linux/if_link.h',
  'linux/if_addr.h',
  'linux/if.h',
  'linux/sockios.h',
  'linux/ethtool.h',
  'sys/syscall.h',
  'sys/prctl.h',
  'linux/connector.h',
  'linux/cn_proc.h',
  'linux/capability.h',
];

/** Newer than the headers that some machines have. */
const SINCE_5_14 = ['SO_NETNS_COOKIE', 'IFLA_PERM_ADDRESS', 'NSFS_MAGIC'];

/** Evaluates C expressions with this machine's headers. */
function evaluate(compiler: string, expressions: readonly string[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-abi-'));
  try {
    const includes = HEADERS.map((header) => `#include <${header}>`).join('\n');
    const defines = SINCE_5_14.map((name) =>
      name.startsWith('IFLA') ? '' : `#ifndef ${name}\n#define ${name} ${LINUX[name as keyof typeof LINUX]}\n#endif`,
    ).join('\n');
    const prints = expressions.map((expression) => `printf("%lld\\n", (long long)(${expression}));`).join('\n');
    writeFileSync(join(folder, 'abi.c'), `#define _GNU_SOURCE\n${includes}\n${defines}\nint main(void) {\n${prints}\nreturn 0; }\n`);
    execFileSync(compiler, ['-o', join(folder, 'abi'), join(folder, 'abi.c')], { stdio: ['ignore', 'ignore', 'pipe'] });
    return execFileSync(join(folder, 'abi'), { encoding: 'utf8' }).trim().split('\n').map(Number);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describeWith([program('gcc')], 'the numbers of the machine', () => {
  it('are those of the C compiler', () => {
    const expected: Record<string, number> = {};
    for (const [name, value] of Object.entries(LINUX)) expected[name] = value;
    // Written as the complement of two bits, which C takes for a negative number.
    delete expected.NLA_TYPE_MASK;
    expected['NLA_TYPE_MASK & 0xffff'] = LINUX.NLA_TYPE_MASK;
    for (const [name, size] of Object.entries(SIZE)) expected[`sizeof(${name})`] = size;
    // `ifr_data` is a member of a union inside: its name is a macro.
    for (const [struct, fields] of Object.entries(OFFSET)) {
      for (const [field, offset] of Object.entries(fields)) expected[`offsetof(${struct}, ${field})`] = offset;
    }
    LINK_COUNTERS.forEach(([field], index) => (expected[`offsetof(struct rtnl_link_stats64, ${field})`] = index * 8));
    const { epollEventSize, epollEventData } = machineAbi();
    expected['sizeof(struct epoll_event)'] = epollEventSize;
    expected['offsetof(struct epoll_event, data)'] = epollEventData;
    const names = Object.keys(expected);
    const values = evaluate('gcc', names);
    expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).toEqual(expected);
  });

  it('are refused for an architecture that nobody has checked, by its name', () => {
    expect(() => machineAbi('riscv64')).toThrow(/riscv64.*x64, arm64/);
  });
});
