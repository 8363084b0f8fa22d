import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { eventually, governed, Lab } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'an agent and the links of a real kernel', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  it('shows what is there before it starts, with its keys', async () => {
    lab.addNamespace('blue');
    lab.ipIn('blue', 'link set lo up');
    lab.ipIn('blue', 'link add cable type veth peer name plug');
    lab.ipIn('blue', 'link set cable mtu 1400 address 02:00:00:00:00:07');
    lab.ipIn('blue', 'address add 10.7.0.1/24 dev cable');
    lab.ipIn('blue', 'address add fd07::1/64 dev cable');
    const agent = await lab.agent();
    expect(agent.link('lo', 'blue')?.metadata).toMatchObject({
      Type: 'device',
      EncapType: 'loopback',
      IfIndex: 1,
      Driver: '',
      MTU: 65536,
      State: 'UNKNOWN',
      LinkFlags: ['UP', 'LOOPBACK'],
      IPV4: ['127.0.0.1/8'],
      IPV6: ['::1/128'],
    });
    expect(agent.link('lo', 'blue')?.metadata).not.toHaveProperty('MAC');
    const plug = agent.link('plug', 'blue')!;
    expect(agent.link('cable', 'blue')?.metadata).toMatchObject({
      Type: 'veth',
      EncapType: 'ether',
      Driver: 'veth',
      MTU: 1400,
      MAC: '02:00:00:00:00:07',
      State: 'DOWN',
      LinkFlags: ['BROADCAST', 'MULTICAST'],
      PeerIfIndex: plug.metadata.IfIndex,
      ParentIndex: plug.metadata.IfIndex,
      IPV4: ['10.7.0.1/24'],
      IPV6: ['fd07::1/64'],
    });
    expect(agent.link('cable', 'blue')?.metadata.Speed).toBe(10_000);
  });

  it('names a new link, its rename and its end, and the node stays itself through changes', async () => {
    const agent = await lab.agent();
    lab.ip(`link add ${lab.prefix}a type veth peer name ${lab.prefix}b`);
    const created = await eventually(() => agent.link(`${lab.prefix}a`));
    lab.ip(`link set ${lab.prefix}a name ${lab.prefix}c`);
    const renamed = await eventually(() => agent.link(`${lab.prefix}c`));
    expect(renamed.id).toBe(created.id);
    expect(renamed.metadata.TID).toBe(created.metadata.TID);
    expect(renamed.createdAt).toBe(created.createdAt);
    lab.ip(`link set ${lab.prefix}c address 02:00:00:00:00:09`);
    await eventually(
      () => agent.node(created.id),
      ({ metadata }) => metadata.MAC === '02:00:00:00:00:09',
    );
    lab.ip(`link del ${lab.prefix}c`);
    await eventually(
      () => agent.nodes(),
      (nodes) => nodes.every(({ metadata }) => !String(metadata.Name).startsWith(lab.prefix)),
    );
  });

  it('follows state and addresses, and takes away what is gone', async () => {
    lab.addNamespace('blue');
    lab.ipIn('blue', 'link add cable type veth peer name plug');
    const agent = await lab.agent();
    lab.ipIn('blue', 'address add 10.7.0.1/24 dev cable');
    lab.ipIn('blue', 'address add 10.7.0.2/24 dev cable');
    lab.ipIn('blue', 'link set cable up');
    lab.ipIn('blue', 'link set plug up');
    const up = await eventually(
      () => agent.link('cable', 'blue'),
      ({ metadata }) => metadata.State === 'UP',
    );
    expect(up.metadata).toMatchObject({ LinkFlags: ['UP', 'BROADCAST', 'MULTICAST'], IPV4: ['10.7.0.1/24', '10.7.0.2/24'] });
    lab.ipIn('blue', 'link set plug down');
    await eventually(
      () => agent.link('cable', 'blue'),
      ({ metadata }) => metadata.State === 'LOWER-LAYER-DOWN',
    );
    lab.ipIn('blue', 'address flush dev cable');
    await eventually(
      () => agent.link('cable', 'blue'),
      ({ metadata }) => !('IPV4' in metadata) && !('IPV6' in metadata),
    );
  });

  it('ties ports to their bridge for as long as they are in it, and leaves no trace of it afterwards', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    lab.ipIn('blue', 'link add name switch type bridge');
    lab.ipIn('blue', 'link add cable type veth peer name plug');
    lab.ipIn('blue', 'link set cable master switch');
    const port = await eventually(
      () => agent.link('cable', 'blue'),
      (node) => agent.layer2(node).some(({ parent }) => parent === 'switch'),
    );
    const bridge = agent.link('switch', 'blue')!;
    expect(bridge.metadata).toMatchObject({ Type: 'bridge', Driver: 'bridge' });
    expect(port.metadata).toMatchObject({ Type: 'veth', MasterIndex: bridge.metadata.IfIndex });
    lab.ipIn('blue', 'link set cable nomaster');
    const free = await eventually(
      () => agent.link('cable', 'blue'),
      ({ metadata }) => !('MasterIndex' in metadata),
    );
    expect(agent.layer2(free).map(({ type }) => type)).toEqual(['veth']);
    lab.ipIn('blue', 'link set cable master switch');
    await eventually(
      () => agent.link('cable', 'blue'),
      (node) => agent.layer2(node).length === 2,
    );
    lab.ipIn('blue', 'link del switch');
    await eventually(
      () => agent.link('cable', 'blue'),
      (node) => agent.layer2(node).length === 1 && !('MasterIndex' in node.metadata),
    );
  });

  it('knows every kind that this kernel can make', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    lab.ipIn('blue', 'link add under type veth peer name other');
    lab.ipIn('blue', 'link add mv link under type macvlan mode bridge');
    lab.ipIn('blue', 'link add mt link under type macvtap mode private');
    lab.ipIn('blue', 'link add vx type vxlan id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.2');
    lab.ipIn('blue', 'link add ib type ifb');
    lab.ipIn('blue', 'tuntap add mode tap dev tp');
    lab.ipIn('blue', 'tuntap add mode tun dev tn');
    await eventually(() => agent.link('tn', 'blue'));
    const under = agent.link('under', 'blue')!.metadata.IfIndex;
    expect(agent.link('mv', 'blue')?.metadata).toMatchObject({ Type: 'macvlan', MacvlanMode: 'bridge', ParentIndex: under });
    expect(agent.link('mt', 'blue')?.metadata).toMatchObject({ Type: 'macvtap', MacvlanMode: 'private', ParentIndex: under });
    expect(agent.link('vx', 'blue')?.metadata).toMatchObject({ Type: 'vxlan', VNI: 42 });
    expect(agent.link('vx', 'blue')?.metadata.Tunnel).toEqual({ Local: '10.0.0.1', Remote: '10.0.0.2', Port: 4789 });
    expect(agent.link('ib', 'blue')?.metadata).toMatchObject({ Type: 'ifb' });
    expect(agent.link('tp', 'blue')?.metadata).toMatchObject({ Type: 'tuntap', Driver: 'tun', EncapType: 'ether' });
    expect(agent.link('tn', 'blue')?.metadata).toMatchObject({ Type: 'tuntap', Driver: 'tun', EncapType: 'none' });
    expect(agent.link('tn', 'blue')?.metadata).not.toHaveProperty('MAC');
    expect(agent.layer2(agent.link('mv', 'blue')!)).toEqual([]);
  });

  it('keeps the type of a tap that is put into a bridge', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    lab.ipIn('blue', 'tuntap add mode tap dev tp');
    lab.ipIn('blue', 'link add name switch type bridge');
    lab.ipIn('blue', 'link set tp master switch');
    const tap = await eventually(
      () => agent.link('tp', 'blue'),
      ({ metadata }) => 'MasterIndex' in metadata,
    );
    lab.ipIn('blue', 'link set tp nomaster');
    const free = await eventually(
      () => agent.link('tp', 'blue'),
      ({ metadata }) => !('MasterIndex' in metadata),
    );
    expect([tap.metadata.Type, free.metadata.Type]).toEqual(['tuntap', 'tuntap']);
  });

  it('takes a link that is made again under the same index for another one with the same topological id', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    lab.ipIn('blue', 'link add cable index 77 type veth peer name plug');
    const first = await eventually(() => agent.link('cable', 'blue'));
    lab.ipIn('blue', 'link del cable');
    lab.ipIn('blue', 'link add cable index 77 type veth peer name plug');
    const second = await eventually(
      () => agent.link('cable', 'blue'),
      ({ id }) => id !== first.id,
    );
    expect(second.metadata.IfIndex).toBe(77);
    expect(second.metadata.TID).toBe(first.metadata.TID);
  });

  it('reads counters as measurements: no revision, totals and what was added', async () => {
    lab.addNamespace('blue');
    lab.ipIn('blue', 'link set lo up');
    const agent = await lab.agent({ netlink: { metricsInterval: 100, routes: 'counted', statistics: 'none' } });
    const before = agent.link('lo', 'blue')!;
    expect(agent.measurements(before.id)).toBeUndefined();
    lab.ping('blue', 2);
    const first = await eventually(
      () => agent.measurements(before.id),
      ({ Metric }) => Metric!.RxBytes! > 0,
    );
    expect(first.Metric!.RxBytes).toBe(first.Metric!.TxBytes);
    lab.ping('blue', 3);
    const second = await eventually(
      () => agent.measurements(before.id),
      ({ Metric }) => Metric!.TxPackets! > first.Metric!.TxPackets!,
    );
    expect(second.LastUpdateMetric!.TxPackets).toBeGreaterThan(0);
    expect(second.LastUpdateMetric!.Start).toBeLessThan(second.LastUpdateMetric!.Last!);
    expect(second.LastUpdateMetric!.Last).toBe(second.Metric!.Last);
    expect(second.Metric).not.toHaveProperty('Collisions');
    expect(agent.link('lo', 'blue')!.revision).toBe(before.revision);
  });

  it('agrees with the kernel after a storm of changes', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    const commands: string[] = [];
    for (let round = 0; round < 150; round++) {
      commands.push(`link add v${round} type veth peer name w${round}`, `link set v${round} up`, `address add 10.9.0.1/32 dev v${round}`);
      if (round % 3 !== 0) commands.push(`link del v${round}`);
      else commands.push(`link set w${round} name x${round}`);
    }
    lab.ipBatch('blue', commands);
    const expected = lab.linkNames('blue');
    const owned = () =>
      agent.edges().filter(({ parent, metadata }) => parent === agent.namespace('blue')!.id && metadata.RelationType === 'ownership');
    await eventually(owned, (edges) => edges.length === expected.length);
    await governed();
    const names = new Map(agent.nodes().map(({ id, metadata }) => [id, metadata.Name]));
    expect(
      owned()
        .map(({ child }) => names.get(child))
        .sort(),
    ).toEqual([...expected].sort());
    const pairs = agent.edges().filter(({ metadata }) => metadata.RelationType === 'layer2' && metadata.Type === 'veth');
    expect(pairs.length).toBeGreaterThanOrEqual(50);
    expect(agent.link('v3', 'blue')?.metadata).toMatchObject({ IPV4: ['10.9.0.1/32'] });
  });
});
