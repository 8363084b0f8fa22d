import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { changesOf, MOST_SHOWN } from '../../../../agent/probes/netlink/statistics.js';
import { describeWith, program, root } from '../../../needs.js';
import { eventually, Lab, type WatchedAgent } from '../../lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

describe('counters of a driver', () => {
  it('are written when they are not zero, and again when they changed', () => {
    const names = ['rx', 'tx', 'drops'];
    expect(changesOf({ names, values: [5, 0, 7] }, undefined)).toEqual([
      ['Statistics.rx', 5],
      ['Statistics.drops', 7],
    ]);
    expect(changesOf({ names, values: [5, 1, 0] }, [5, 0, 7])).toEqual([
      ['Statistics.tx', 1],
      ['Statistics.drops', 0],
    ]);
    expect(changesOf({ names, values: [5, 1, 0] }, [5, 1, 0])).toEqual([]);
  });

  it('have one step for a name, whatever is in it; those without a name are left out', () => {
    expect(changesOf({ names: ['tx-0.bytes', '', '[0]: rx frames'], values: [1, 2, 3] }, undefined)).toEqual([
      ['Statistics.tx-0_bytes', 1],
      ['Statistics.[0]: rx frames', 3],
    ]);
  });

  it('are shown up to a limit', () => {
    const names = Array.from({ length: MOST_SHOWN + 5 }, (_, index) => `c${index}`);
    expect(changesOf({ names, values: names.map(() => 1) }, undefined)).toHaveLength(MOST_SHOWN);
  });
});

describeWith([root, program('ip'), program('unshare'), program('nsenter'), program('ethtool')], 'statistics of drivers', () => {
  const inBlue = (lab: Lab, ...command: string[]): string =>
    execFileSync('nsenter', [`--net=${lab.path('blue')}`, ...command], { encoding: 'utf8' });
  /** What `ethtool -S` says, without what is zero. */
  const ethtool = (lab: Lab, link: string): Record<string, number> =>
    Object.fromEntries(
      [...inBlue(lab, 'ethtool', '-S', link).matchAll(/^ +(.+): (\d+)$/gm)]
        .map(([, name, value]) => [name!, Number(value)] as const)
        .filter(([, value]) => value !== 0),
    );
  const shown = (agent: WatchedAgent, link: string): object | undefined => agent.measurements(agent.link(link, 'blue')!.id)?.Statistics;

  it('are what ethtool shows, and follow it', async () => {
    const lab = new Lab();
    try {
      lab.addNamespace('blue');
      lab.ipIn('blue', 'link add cable type veth peer name plug');
      // Nothing is sent but what the test sends.
      for (const link of ['cable', 'plug']) lab.ipIn('blue', `link set ${link} arp off addrgenmode none up`);
      lab.ipIn('blue', 'address add 10.9.0.1/24 dev cable');
      // A veth counts what arrives by queue while it collects packets that the other end cut.
      inBlue(lab, 'ethtool', '-K', 'cable', 'tso', 'off');
      inBlue(lab, 'ethtool', '-K', 'plug', 'gro', 'on');
      const agent = await lab.agent({ netlink: { metricsInterval: 100, routes: 'counted', statistics: 'all' } });
      await eventually(() => shown(agent, 'plug'));
      expect(shown(agent, 'plug')).toEqual({ peer_ifindex: agent.link('cable', 'blue')!.metadata.IfIndex });
      const { revision } = agent.link('plug', 'blue')!;
      inBlue(lab, 'bash', '-c', 'for i in 1 2 3; do echo x > /dev/udp/10.9.0.77/9; done');
      const counted = await eventually(
        () => shown(agent, 'plug') as Record<string, number>,
        ({ rx_queue_0_xdp_packets: packets }) => packets === 3,
      );
      expect(counted).toEqual(ethtool(lab, 'plug'));
      expect(agent.link('plug', 'blue')!.revision).toBe(revision);
      // Another queue: there are other counters now.
      inBlue(lab, 'ethtool', '-L', 'plug', 'rx', '2');
      inBlue(lab, 'bash', '-c', 'for i in 1 2 3; do echo x > /dev/udp/10.9.0.77/9; done');
      await eventually(
        () => shown(agent, 'plug'),
        (now) => JSON.stringify(Object.entries(now).sort()) === JSON.stringify(Object.entries(ethtool(lab, 'plug')).sort()),
      );
    } finally {
      await lab.close();
    }
  });

  it('are not asked of what is no hardware, unless that is wanted', async () => {
    const lab = new Lab();
    try {
      lab.addNamespace('blue');
      lab.ipIn('blue', 'link set lo up');
      lab.ipIn('blue', 'link add cable type veth peer name plug');
      const agent = await lab.agent({ netlink: { metricsInterval: 100, routes: 'counted', statistics: 'hardware' } });
      // The same round reads both kinds of counters.
      lab.ping('blue', 1);
      await eventually(() => agent.measurements(agent.link('lo', 'blue')!.id));
      expect(shown(agent, 'cable')).toBeUndefined();
    } finally {
      await lab.close();
    }
  });
});
