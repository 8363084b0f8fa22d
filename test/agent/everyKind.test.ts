import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { eventually, Lab } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

/** Kinds that every kernel has, by the command that makes one; bridges belong to their namespace for good. */
const KINDS: readonly (readonly [type: string, command: string, canMove: boolean])[] = [
  ['veth', 'link add one type veth peer name other', true],
  ['bridge', 'link add name one type bridge', false],
  ['vxlan', 'link add one type vxlan id 42 dstport 4789 local 10.0.0.1', true],
  ['macvlan', 'link add one link under type macvlan mode bridge', true],
  ['macvtap', 'link add one link under type macvtap mode bridge', true],
  ['ifb', 'link add one type ifb', true],
  ['tuntap', 'tuntap add mode tap dev one', true],
];

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'under a running agent, on a real kernel', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
    lab.addNamespace('blue');
    lab.addNamespace('red');
    lab.ipIn('blue', 'link add under type veth peer name beneath');
  });
  afterEach(() => lab.close());

  it.each(KINDS)('a %s is made, changed, renamed, moved and destroyed as one node', async (type, command, canMove) => {
    const agent = await lab.agent();
    lab.ipIn('blue', command);
    const made = await eventually(() => agent.link('one', 'blue'));
    expect(made.metadata.Type).toBe(type);
    // Of names that are no more than words the kernel tells while the link is up only.
    lab.ipIn('blue', 'link set one up');
    lab.ipIn('blue', 'link set one mtu 1300 alias uplink');
    const changed = await eventually(
      () => agent.node(made.id),
      ({ metadata }) => metadata.MTU === 1300 && metadata.Alias === 'uplink',
    );
    lab.ipIn('blue', 'link property add dev one altname first-of-all');
    await eventually(
      () => agent.node(made.id),
      ({ metadata }) => JSON.stringify(metadata.AltNames) === '["first-of-all"]',
    );
    lab.ipIn('blue', 'link set one name two');
    const renamed = await eventually(() => agent.link('two', 'blue'));
    expect([renamed.id, renamed.metadata.TID, renamed.createdAt]).toEqual([made.id, changed.metadata.TID, made.createdAt]);
    if (canMove) {
      lab.ipIn('blue', `link set two netns ${lab.path('red')}`);
      const moved = await eventually(() => agent.link('two', 'red'));
      expect([moved.id, moved.createdAt, moved.metadata.Type]).toEqual([made.id, made.createdAt, type]);
      expect(agent.link('two', 'blue')).toBeUndefined();
    }
    lab.ipIn(canMove ? 'red' : 'blue', 'link del two');
    await eventually(
      () => [agent.node(made.id)],
      ([node]) => node === undefined,
    );
    expect(agent.edges().filter(({ parent, child }) => parent === made.id || child === made.id)).toEqual([]);
  });

  it('links made on top of one have an edge from it, in whichever namespace they are', async () => {
    const agent = await lab.agent();
    const lower = () => {
      const names = new Map(agent.nodes().map(({ id, metadata }) => [id, String(metadata.Name)]));
      return agent
        .edges()
        .filter(({ metadata }) => metadata.RelationType === 'lower')
        .map(({ parent, child, metadata }) => `${names.get(parent)} ${String(metadata.Type)} ${names.get(child)}`)
        .sort();
    };
    lab.ipIn('blue', 'link add one link under type macvlan mode bridge');
    lab.ipIn('blue', 'link add two type vxlan id 42 dstport 4789 local 10.0.0.1 dev under');
    await eventually(lower, (edges) => edges.length === 2);
    expect(lower()).toEqual(['under macvlan one', 'under vxlan two']);
    const under = agent.link('under', 'blue')!;
    expect(agent.layer2(under)).toEqual([expect.objectContaining({ type: 'veth' })]);
    lab.ipIn('blue', `link set one netns ${lab.path('red')}`);
    await eventually(() => agent.link('one', 'red'));
    await eventually(lower, (edges) => edges.length === 2);
    // An agent that finds them so, in whatever order it looks into the namespaces.
    const again = await lab.agent({ stateDir: `${lab.folder}/again`, hostId: `${lab.hostId}-again` });
    const names = new Map(again.nodes().map(({ id, metadata }) => [id, metadata.Name]));
    await eventually(
      () => again.edges().filter(({ metadata }) => metadata.RelationType === 'lower'),
      (edges) => edges.length === 2 && edges.every(({ parent }) => names.get(parent) === 'under'),
    );
    lab.ipIn('red', 'link del one');
    await eventually(lower, (edges) => edges.length === 1);
    expect(lower()).toEqual(['under vxlan two']);
  });
});
