import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OVSDB_KEYS } from '../../../../agent/probes/ovsdb/keys.js';
import { concatenatedId } from '../../../../src/common/ids.js';
import type { NodeRevision } from '../../../../src/graph/element.js';
import { readMetadata } from '../../../../src/graph/readMetadata.js';
import { describeWith, program, root } from '../../../needs.js';
import { OpenVSwitch } from '../../capture/ovs/openVSwitch.js';
import { eventually, Lab, pause, type WatchedAgent } from '../../lab.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

describeWith([root, program('ovs-vswitchd'), program('ovsdb-tool'), program('ip')], 'the probe of Open vSwitch', () => {
  let lab: Lab;
  let vswitch: OpenVSwitch;
  let agent: WatchedAgent;

  beforeEach(async () => {
    lab = new Lab();
    lab.addNamespace('switch');
    lab.ipIn('switch', 'link set lo up');
    for (const name of ['a', 'b']) {
      lab.ipIn('switch', `link add ovl${name} type veth peer name ovp${name}`);
      for (const end of ['ovl', 'ovp']) lab.ipIn('switch', `link set ${end}${name} up`);
    }
    vswitch = await OpenVSwitch.start(lab, 'switch');
    vswitch.addBridge('ovbr', ['ovla', 'ovlb']);
    agent = await start();
  });

  afterEach(async () => {
    await agent.running.stop();
    await vswitch.close();
    await lab.close();
  });

  const start = (): Promise<WatchedAgent> =>
    lab.agent({
      probes: ['host', 'netlink', 'netns', 'ovsdb'],
      ovsdb: `unix:${vswitch.socket}`,
      netlink: { metricsInterval: 500, routes: 'counted', statistics: 'none' },
    });
  const all = (type: string, name?: string): NodeRevision[] =>
    agent.nodes().filter(({ metadata }) => metadata.Type === type && (name === undefined || metadata.Name === name));
  const one = (type: string, name: string, isGood: (node: NodeRevision) => boolean = () => true): Promise<NodeRevision> =>
    eventually(() => all(type, name)[0], isGood);
  const gone = (type: string, name: string): Promise<true> => eventually(() => (all(type, name).length === 0 ? true : undefined));
  const uuid = (table: string, name: string): string => vswitch.control('get', table, name, '_uuid');
  /** Edges as `[type, parent, child]`, each end as `Type Name`. */
  const edges = (type: string): string[] => {
    const names = new Map(agent.nodes().map(({ id, metadata }) => [id, `${String(metadata.Type)} ${String(metadata.Name)}`]));
    return agent
      .edges()
      .filter(({ metadata }) => metadata.RelationType === type)
      .map(({ parent, child }) => `${names.get(parent)} > ${names.get(child)}`);
  };
  const status = () => agent.running.probes().find(({ name }) => name === 'ovsdb')!;

  it('shows bridges, ports and interfaces, joined with the links of the kernel', async () => {
    const bridge = await one('ovsbridge', 'ovbr');
    expect(bridge.metadata).toMatchObject({ UUID: uuid('bridge', 'ovbr'), Ovs: { DatapathType: 'netdev' } });
    const hostTid = concatenatedId(lab.hostId);
    expect(bridge.metadata.TID).toBe(concatenatedId(hostTid, uuid('bridge', 'ovbr'), 'ovsbridge'));
    const port = await one('ovsport', 'ovla');
    expect(port.metadata).toMatchObject({ UUID: uuid('port', 'ovla'), TID: concatenatedId(hostTid, uuid('port', 'ovla'), 'ovsport') });
    const link = await one('veth', 'ovla', ({ metadata }) => metadata.UUID !== undefined);
    expect(link.metadata).toMatchObject({ UUID: uuid('interface', 'ovla'), OfPort: 1, Driver: 'veth', Ovs: {} });
    const internal = await one('internal', 'ovbr');
    expect(internal.metadata).toMatchObject({ OfPort: 65_534, UUID: uuid('interface', 'ovbr'), Ovs: {} });
    expect(internal.metadata.IfIndex).toBeTypeOf('number');
    // One node each: the switch's interface is the kernel's link.
    expect(agent.nodes().filter(({ metadata }) => metadata.Name === 'ovbr')).toHaveLength(3);
    expect(agent.nodes().filter(({ metadata }) => metadata.Name === 'ovla')).toHaveLength(2);
    expect(edges('ownership')).toEqual(
      expect.arrayContaining([
        `host ${lab.hostId} > ovsbridge ovbr`,
        'ovsbridge ovbr > ovsport ovla',
        'ovsbridge ovbr > ovsport ovbr',
        'netns switch > internal ovbr',
        'netns switch > veth ovla',
      ]),
    );
    expect(edges('layer2')).toEqual(
      expect.arrayContaining(['ovsbridge ovbr > ovsport ovla', 'ovsport ovla > veth ovla', 'ovsport ovbr > internal ovbr']),
    );
    vswitch.control('set', 'open_vswitch', '.', 'ovs_version=9.8.7', 'external_ids:system-id=this');
    const datapath = await eventually(
      () => agent.nodes().find(({ metadata }) => metadata.Name === 'ovs-netdev'),
      ({ metadata }) => metadata.ExtID !== undefined,
    );
    expect(datapath.metadata).toMatchObject({ ExtID: { 'system-id': 'this' }, Ovs: { Version: '9.8.7' } });
    expect(status()).toMatchObject({ state: 'RUNNING', reason: expect.stringContaining(vswitch.socket) as string });
  });

  it('follows what is changed, and leaves nothing on a link that is taken out', async () => {
    await one('ovsport', 'ovla');
    vswitch.control('set', 'port', 'ovla', 'tag=7', 'trunks=30,20', 'vlan_mode=native-tagged', 'external_ids:who=me');
    vswitch.control('set', 'interface', 'ovla', 'external_ids:iface-id=port-1', 'other_config:x=y');
    vswitch.control(
      'set',
      'bridge',
      'ovbr',
      'protocols=OpenFlow13,OpenFlow10',
      'other_config:hwaddr="02:00:00:00:00:07"',
      'fail_mode=secure',
    );
    const port = await one('ovsport', 'ovla', ({ metadata }) => metadata.VlanMode !== undefined);
    expect(port.metadata).toMatchObject({ Vlans: 7, Trunks: [20, 30], VlanMode: 'native-tagged', ExtID: { who: 'me' } });
    const link = await one('veth', 'ovla', ({ metadata }) => metadata.ExtID !== undefined);
    expect(link.metadata).toMatchObject({ ExtID: { 'iface-id': 'port-1' }, Ovs: { OtherConfig: { x: 'y' } } });
    const bridge = await one('ovsbridge', 'ovbr', ({ metadata }) => 'FailMode' in (metadata.Ovs as object));
    expect(bridge.metadata.Ovs).toMatchObject({
      FailMode: 'secure',
      Protocols: ['OpenFlow10', 'OpenFlow13'],
      OtherConfig: { hwaddr: '02:00:00:00:00:07' },
    });

    // The switch counts what goes through; it is written on the link, and gone with the port.
    const metric = (): unknown => {
      const view = agent.running.view();
      try {
        return readMetadata(view, view.node(link.id)!, 'Ovs.Metric.RxPackets');
      } finally {
        view.release();
      }
    };
    lab.ipIn('switch', 'address add 10.77.0.1/24 dev ovpa');
    await eventually(() => {
      lab.ping('switch', 0);
      return metric();
    });
    vswitch.control('del-port', 'ovbr', 'ovla');
    await gone('ovsport', 'ovla');
    const left = await one('veth', 'ovla', ({ metadata }) => metadata.Ovs === undefined);
    for (const key of ['UUID', 'OfPort', 'ExtID', 'Ovs']) expect(left.metadata).not.toHaveProperty(key);
    expect(left.id).toBe(link.id);
    expect(metric()).toBeUndefined();
    expect(edges('layer2').filter((edge) => edge.includes('ovsport ovla'))).toEqual([]);

    vswitch.control('del-br', 'ovbr');
    await gone('ovsbridge', 'ovbr');
    await gone('internal', 'ovbr');
    await eventually(() => (all('ovsport').length === 0 ? true : undefined));
  });

  it('shows bonds, patches, tunnels and what cannot be made', async () => {
    lab.ipIn('switch', 'link add ovc type veth peer name ovd');
    vswitch.control('add-bond', 'ovbr', 'ovbond', 'ovc', 'ovd', 'bond_mode=balance-slb', 'lacp=active');
    vswitch.control('add-br', 'ovbs', '--', 'set', 'bridge', 'ovbs', 'datapath_type=netdev');
    vswitch.control('add-port', 'ovbr', 'ovpt1', '--', 'set', 'interface', 'ovpt1', 'type=patch', 'options:peer=ovpt2');
    vswitch.control('add-port', 'ovbs', 'ovpt2', '--', 'set', 'interface', 'ovpt2', 'type=patch', 'options:peer=ovpt1');
    const remote = ['options:remote_ip=10.9.9.9', 'options:local_ip=10.9.9.1', 'options:key=42'];
    for (const type of ['vxlan', 'gre', 'geneve']) {
      vswitch.control('add-port', 'ovbr', `ov${type}`, '--', 'set', 'interface', `ov${type}`, `type=${type}`, ...remote);
    }
    vswitch.control('--no-wait', 'add-port', 'ovbr', 'ovnone');

    const bond = await one('ovsport', 'ovbond');
    expect(bond.metadata).toMatchObject({ BondMode: 'balance-slb', LACP: 'active' });
    await eventually(edges.bind(undefined, 'layer2'), (found) =>
      ['ovsport ovbond > veth ovc', 'ovsport ovbond > veth ovd'].every((edge) => found.includes(edge)),
    );
    const patched = await eventually(
      () => edges('layer2').filter((edge) => /^patch .* > patch /.test(edge)),
      (found) => found.length > 0,
    );
    expect(patched).toHaveLength(1);
    for (const type of ['vxlan', 'gre', 'geneve']) {
      const tunnel = await one(type, `ov${type}`, ({ metadata }) => Number(metadata.OfPort) > 0);
      expect(tunnel.metadata).toMatchObject({
        LocalIP: '10.9.9.1',
        RemoteIP: '10.9.9.9',
        Driver: 'openvswitch',
        Ovs: { Options: { key: '42' } },
        UUID: uuid('interface', `ov${type}`),
      });
    }
    expect(edges('ownership')).toEqual(
      expect.arrayContaining(['ovsbridge ovbr > patch ovpt1', 'ovsbridge ovbs > patch ovpt2', 'ovsbridge ovbr > vxlan ovvxlan']),
    );
    const broken = await one('ovsport', 'ovnone', ({ metadata }) => 'Error' in (metadata.Ovs as object));
    expect((broken.metadata.Ovs as { Error: string }).Error).toContain('ovnone');

    const declared = OVSDB_KEYS.map(({ path }) => path.split('.')[0]);
    for (const { metadata } of ['ovsbridge', 'ovsport', 'patch', 'vxlan', 'gre', 'geneve'].flatMap((type) => all(type))) {
      for (const key of Object.keys(metadata)) expect(declared).toContain(key);
    }

    // A bridge that goes takes along what is only there with it.
    vswitch.control('del-br', 'ovbs');
    await gone('ovsbridge', 'ovbs');
    await gone('patch', 'ovpt2');
    expect(edges('layer2').filter((edge) => /^patch .* > patch /.test(edge))).toEqual([]);
  });

  it('shows an internal port that moves to another namespace there, and once', async () => {
    lab.addNamespace('tenant');
    vswitch.control('add-port', 'ovbr', 'ovint', '--', 'set', 'interface', 'ovint', 'type=internal');
    await one('internal', 'ovint', ({ metadata }) => metadata.IfIndex !== undefined && metadata.OfPort !== undefined);
    // In user space it would make another one in its place.
    await vswitch.stopSwitching();
    lab.ipIn('switch', `link set ovint netns ${lab.path('tenant')}`);
    const owned = (): string[] => edges('ownership').filter((edge) => edge.endsWith(' ovint') && !edge.endsWith('ovsport ovint'));
    const isThere = (): boolean => JSON.stringify(owned()) === JSON.stringify(['netns tenant > internal ovint']);
    await eventually(() => isThere() || undefined);
    // Longer than a link is waited for: nothing else is shown beside it meanwhile.
    await pause(2_500);
    expect(owned()).toEqual(['netns tenant > internal ovint']);
    expect(edges('layer2')).toContain('ovsport ovint > internal ovint');
  });

  it('lets go of a link that gets another name, and finds it when it has its own again', async () => {
    const joined = ({ metadata }: NodeRevision): boolean => metadata.UUID !== undefined;
    const { id } = await one('veth', 'ovla', joined);
    lab.ipIn('switch', 'link set ovla name ovother');
    await one('veth', 'ovother', (node) => !joined(node));
    lab.ipIn('switch', 'link set ovother name ovla');
    expect((await one('veth', 'ovla', joined)).id).toBe(id);
  });

  it('shows mirrors, with edges to what they copy', async () => {
    vswitch.control('add-port', 'ovbr', 'ovmir', '--', 'set', 'interface', 'ovmir', 'type=internal');
    const mirror = ['--id=@m', 'create', 'mirror', 'name=watch', 'select_vlan=5', '--', 'add', 'bridge', 'ovbr', 'mirrors', '@m'];
    const ports = ['--', 'set', 'mirror', 'watch', `select_src_port=${uuid('port', 'ovla')},${uuid('port', 'ovlb')}`];
    vswitch.control(...mirror);
    vswitch.control(...ports.slice(1), `select_dst_port=${uuid('port', 'ovla')}`, `output_port=${uuid('port', 'ovmir')}`);
    await eventually(
      () => edges('mirroring').sort(),
      (found) => JSON.stringify(found) === JSON.stringify(['ovsport ovmir > ovsport ovla', 'ovsport ovmir > ovsport ovlb']),
    );
    expect((await one('ovsbridge', 'ovbr')).metadata.Ovs).toMatchObject({
      Mirrors: [{ Name: 'watch', SelectSrcPort: ['ovla', 'ovlb'], SelectDstPort: ['ovla'], SelectVlan: [5], OutputPort: 'ovmir' }],
    });
    vswitch.control('clear', 'bridge', 'ovbr', 'mirrors');
    await eventually(() => (edges('mirroring').length === 0 ? true : undefined));
  });

  it('makes what it shows agree with the database when that is back, and shows nothing while it stays away', async () => {
    const bridge = await one('ovsbridge', 'ovbr');
    await one('veth', 'ovla', ({ metadata }) => metadata.UUID !== undefined);
    await vswitch.stopDatabase();
    await eventually(
      status,
      ({ state, reason }) => state === 'DEGRADED' && /connection to Open vSwitch is lost|no Open vSwitch|not reached/.test(reason!),
    );
    await vswitch.startDatabase();
    // Nobody told of it.
    vswitch.control('--no-wait', 'del-port', 'ovbr', 'ovlb');
    vswitch.control('--no-wait', 'add-br', 'ovnew', '--', 'set', 'bridge', 'ovnew', 'datapath_type=netdev');
    await one('ovsbridge', 'ovnew');
    await gone('ovsport', 'ovlb');
    await eventually(status, ({ state }) => state === 'RUNNING');
    // A restart leaves no trace: it is the same node, in the same revision.
    expect(await one('ovsbridge', 'ovbr')).toMatchObject({ id: bridge.id, revision: bridge.revision });

    await vswitch.stopDatabase();
    await eventually(() => (all('ovsbridge').length + all('ovsport').length + all('internal').length === 0 ? true : undefined));
    expect((await one('veth', 'ovla')).metadata).not.toHaveProperty('UUID');
    expect(edges('layer2').filter((edge) => edge.includes('ovsport'))).toEqual([]);
    await vswitch.startDatabase();
    await one('ovsbridge', 'ovnew');
  });

  it('says that there is no Open vSwitch, and finds it when it comes', async () => {
    await agent.running.stop();
    await vswitch.stopDatabase();
    rmSync(vswitch.socket);
    agent = await start();
    expect(status()).toMatchObject({
      state: 'DEGRADED',
      reason: expect.stringMatching(/no Open vSwitch here: no .*db.sock \(agent.ovsdb\)/) as string,
    });
    expect(all('ovsbridge')).toEqual([]);
    await vswitch.startDatabase();
    await one('ovsbridge', 'ovbr');
    await eventually(status, ({ state }) => state === 'RUNNING');
  });
});
