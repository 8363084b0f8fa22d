import { expect, it, vi } from 'vitest';
import { BUILT_IN_PROBES } from '../../agent/probes/list.js';
import { describeWith, program, root } from '../needs.js';
import { eventually, Lab } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

const leaves = (value: object, path = ''): string[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? leaves(inner as object, `${path}${key}.`) : [`${path}${key}`],
  );

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'the keys of metadata', () => {
  it('that probes write are those that they declare', async () => {
    const lab = new Lab();
    try {
      lab.addNamespace('blue');
      lab.addNamespace('red');
      lab.ipIn('blue', `link add cable type veth peer name plug netns ${lab.path('red')}`);
      lab.ipIn('blue', 'link add vx type vxlan id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.2');
      lab.ipIn('blue', 'link set lo up');
      lab.ping('blue', 3);
      const agent = await lab.agent({ netlink: { metricsInterval: 100, routes: 'counted', statistics: 'none' } });
      const lo = agent.link('lo', 'blue')!;
      await eventually(() => agent.measurements(lo.id));
      lab.ping('blue', 3);
      const measured = await eventually(
        () => agent.measurements(lo.id),
        (all) => 'LastUpdateMetric' in all,
      );
      const keysOf = (name: string) => BUILT_IN_PROBES.find((probe) => probe.name === name)!.keys.map(({ path }) => path);
      const [host, netlink, netns] = [keysOf('host'), keysOf('netlink'), keysOf('netns')];
      for (const { metadata } of agent.nodes()) {
        const declared = metadata.Type === 'host' ? host : metadata.Type === 'netns' ? netns : netlink;
        for (const key of Object.keys(metadata)) expect(declared).toContain(key);
      }
      for (const path of leaves(measured)) expect(netlink).toContain(path);
    } finally {
      await lab.close();
    }
  });
});
