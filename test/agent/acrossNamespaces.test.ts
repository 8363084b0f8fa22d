import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { eventually, Lab, pause, type WatchedAgent } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'an agent and links across namespaces', () => {
  let lab: Lab;
  let agent: WatchedAgent;
  beforeEach(async () => {
    lab = new Lab();
    lab.addNamespace('blue');
    lab.addNamespace('red');
    agent = await lab.agent();
  });
  afterEach(() => lab.close());

  const pairOf = (name: string, namespace?: string) => {
    const node = agent.link(name, namespace);
    return node === undefined ? undefined : agent.layer2(node).filter(({ type }) => type === 'veth');
  };

  it('ties both ends of a pair, made in one step', async () => {
    lab.ipIn('blue', `link add cable type veth peer name plug netns ${lab.path('red')}`);
    await eventually(
      () => pairOf('cable', 'blue'),
      (edges) => edges.length === 1,
    );
    expect(agent.link('cable', 'blue')!.metadata).toMatchObject({
      LinkNetNsName: 'red',
      PeerIfIndex: agent.link('plug', 'red')!.metadata.IfIndex,
    });
    expect(agent.link('plug', 'red')!.metadata).toMatchObject({
      LinkNetNsName: 'blue',
      PeerIfIndex: agent.link('cable', 'blue')!.metadata.IfIndex,
    });
    expect(agent.link('cable', 'blue')!.metadata.LinkNetNsID).toEqual(expect.any(Number));
  });

  it('ties ends with equal indexes, once', async () => {
    lab.ipIn('blue', `link add cable index 50 type veth peer name plug index 50 netns ${lab.path('red')}`);
    const edges = await eventually(
      () => pairOf('cable', 'blue'),
      (found) => found.length === 1,
    );
    expect(new Set([edges[0]!.parent, edges[0]!.child])).toEqual(new Set(['cable', 'plug']));
    expect(agent.link('cable', 'blue')!.metadata.IfIndex).toBe(50);
    expect(agent.link('plug', 'red')!.metadata.IfIndex).toBe(50);
  });

  it('is not taken in by links of the same index elsewhere', async () => {
    lab.ipIn('blue', `link add one index 60 type veth peer name two index 61 netns ${lab.path('red')}`);
    lab.ipIn('red', 'link add three index 60 type veth peer name four index 62');
    await eventually(
      () => pairOf('three', 'red'),
      (edges) => edges.length === 1,
    );
    await eventually(
      () => pairOf('one', 'blue'),
      (edges) => edges.length === 1,
    );
    expect(pairOf('three', 'red')).toMatchObject([{ parent: 'four', child: 'three' }]);
    expect(pairOf('one', 'blue')).toMatchObject([{ parent: 'two', child: 'one' }]);
    expect(agent.link('three', 'red')!.metadata).not.toHaveProperty('LinkNetNsID');
  });

  it('moves the node of a link that moves, with a new owner and topological id', async () => {
    lab.ip(`link add ${lab.prefix}a type veth peer name ${lab.prefix}b`);
    lab.ip(`address add 10.8.0.1/24 dev ${lab.prefix}b`);
    const before = await eventually(
      () => agent.link(`${lab.prefix}b`),
      ({ metadata }) => 'IPV4' in metadata,
    );
    lab.ip(`link set ${lab.prefix}b netns ${lab.path('blue')} name eth0`);
    const inBlue = await eventually(() => agent.link('eth0', 'blue'));
    expect(inBlue.id).toBe(before.id);
    expect(inBlue.createdAt).toBe(before.createdAt);
    expect(inBlue.metadata.TID).not.toBe(before.metadata.TID);
    expect(inBlue.metadata).not.toHaveProperty('IPV4');
    expect(agent.link(`${lab.prefix}b`)).toBeUndefined();
    await eventually(
      () => pairOf(`${lab.prefix}a`),
      (edges) => edges.length === 1,
    );
    await eventually(
      () => agent.link(`${lab.prefix}a`),
      ({ metadata }) => metadata.LinkNetNsName === 'blue',
    );
    lab.ipIn('blue', `link set eth0 netns ${lab.path('red')}`);
    const inRed = await eventually(() => agent.link('eth0', 'red'));
    expect(inRed.id).toBe(before.id);
    await eventually(
      () => agent.link(`${lab.prefix}a`),
      ({ metadata }) => metadata.LinkNetNsName === 'red',
    );
    expect(pairOf('eth0', 'red')).toHaveLength(1);
    // Longer than a link that left is waited for: nothing may remove it now.
    await pause(700);
    expect(agent.link('eth0', 'red')?.id).toBe(before.id);
    // What is said of it after a rename in its new place is heard too.
    lab.ipIn('red', 'link set eth0 name eth1');
    lab.ipIn('red', 'address add 10.8.0.9/24 dev eth1');
    const renamed = await eventually(
      () => agent.node(before.id),
      ({ metadata }) => 'IPV4' in metadata,
    );
    expect(renamed.metadata).toMatchObject({ Name: 'eth1', IPV4: ['10.8.0.9/24'] });
  });

  it('keeps the node when the index is taken in the new place', async () => {
    lab.ipIn('blue', 'link add cable index 70 type veth peer name plug index 71');
    lab.ipIn('red', 'link add other index 70 type veth peer name another index 71');
    const before = await eventually(() => agent.link('cable', 'blue'));
    await eventually(() => agent.link('other', 'red'));
    lab.ipIn('blue', `link set cable netns ${lab.path('red')}`);
    const after = await eventually(() => agent.link('cable', 'red'));
    expect(after.id).toBe(before.id);
    expect(after.metadata.IfIndex).not.toBe(70);
    await eventually(
      () => pairOf('cable', 'red'),
      (edges) => edges.length === 1,
    );
    expect(pairOf('other', 'red')).toHaveLength(1);
  });

  it('removes a link that moves to where nobody looks, and brings it back as a new one', async () => {
    lab.ip(`link add ${lab.prefix}a type veth peer name ${lab.prefix}b`);
    const before = await eventually(() => agent.link(`${lab.prefix}b`));
    const hidden = lab.hiddenNamespace();
    lab.ip(`link set ${lab.prefix}b netns ${hidden}`);
    await eventually(
      () => agent.nodes(),
      (nodes) => nodes.every(({ id }) => id !== before.id),
    );
    const other = await eventually(
      () => agent.link(`${lab.prefix}a`),
      ({ metadata }) => 'LinkNetNsID' in metadata,
    );
    expect(agent.layer2(other)).toEqual([]);
    expect(other.metadata).not.toHaveProperty('LinkNetNsName');
  });
});
