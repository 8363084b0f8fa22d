import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bootId, cookieOfNamespace, prepareNamespaces, withNamespace } from '../../../../agent/linux/namespace.js';
import { AgentGraph } from '../../../../agent/probes/kit/agentGraph.js';
import { Namespaces } from '../../../../agent/probes/kit/namespaces.js';
import type { Probe } from '../../../../agent/probes/kit/probe.js';
import { netlinkProbe } from '../../../../agent/probes/netlink/probe.js';
import { silentLog } from '../../../../src/common/log.js';
import { LiveGraph } from '../../../../src/graph/liveGraph.js';
import { describeWith, program, root } from '../../../needs.js';
import { Lab, pause } from '../../lab.js';
import { SteppedClock } from '../../steppedClock.js';
import { HeldSockets } from './heldSockets.js';

const { CANOPY_INTERLEAVINGS, CANOPY_SEED } = process.env;
/** Histories that are tried: always the same few, or any number of others by `CANOPY_INTERLEAVINGS`, from `CANOPY_SEED` on. */
const RUNS = Number(CANOPY_INTERLEAVINGS ?? 8);
const SEED = CANOPY_SEED !== undefined ? Number(CANOPY_SEED) : CANOPY_INTERLEAVINGS === undefined ? 1 : undefined;
/** Looks at whether both agree, some tenths of a second apart: the kernel tells of carriers a second later. */
const LOOKS = 100;

vi.setConfig({ testTimeout: 120_000 + RUNS * 15_000 });

const NAMESPACES = ['blue', 'red'] as const;
/** A few names and numbers, so that they are used again and again. */
const name = fc.constantFrom('l0', 'l1', 'l2', 'l3', 'l4');
const index = fc.constantFrom('', '', ' index 40', ' index 41', ' index 42');
const net = fc.nat(3);
const other = (inside: string): string => (inside === 'blue' ? 'red' : 'blue');

/** One command of `ip`. Many are refused, as there is no such link, or there is one already: that is part of it. */
const command = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(name, index).map(([link, at]) => `link add ${link}${at} type bridge`) },
  { weight: 3, arbitrary: fc.tuple(name, index, name).map(([link, at, peer]) => `link add ${link}${at} type veth peer name ${peer}`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(name, index, name, index)
      .map(([link, at, peer, there]) => `link add ${link}${at} type veth peer name ${peer}${there} netns OTHER`),
  },
  { weight: 1, arbitrary: fc.tuple(name, name).map(([link, below]) => `link add link ${below} name ${link} type vlan id 7`) },
  { weight: 4, arbitrary: name.map((link) => `link del ${link}`) },
  { weight: 3, arbitrary: name.map((link) => `link set ${link} netns OTHER`) },
  { weight: 2, arbitrary: fc.tuple(name, name).map(([link, to]) => `link set ${link} name ${to}`) },
  { weight: 2, arbitrary: fc.tuple(name, name).map(([link, master]) => `link set ${link} master ${master}`) },
  { weight: 1, arbitrary: name.map((link) => `link set ${link} nomaster`) },
  { weight: 6, arbitrary: name.map((link) => `link set ${link} up`) },
  { weight: 3, arbitrary: name.map((link) => `link set ${link} down`) },
  { weight: 4, arbitrary: fc.tuple(name, net).map(([link, n]) => `address add 10.${n}.0.1/24 dev ${link}`) },
  { weight: 2, arbitrary: fc.tuple(name, net).map(([link, n]) => `address del 10.${n}.0.1/24 dev ${link}`) },
  { weight: 2, arbitrary: fc.tuple(name, net).map(([link, n]) => `address add fd00:${n}::1/64 dev ${link} nodad`) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('add', 'append', 'replace', 'del'), net, name)
      .map(([verb, n, link]) => `route ${verb} 10.9.${n}.0/24 dev ${link} table 7`),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(net, net, name).map(([n, source, link]) => `route add 10.8.${n}.0/24 dev ${link} src 10.${source}.0.1`),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(net, name, name).map(([n, one, two]) => `route add 10.7.${n}.0/24 nexthop dev ${one} nexthop dev ${two}`),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('add', 'del'), net).map(([verb, n]) => `route ${verb} blackhole 10.6.${n}.0/24`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('add', 'append', 'replace', 'del'), net, net, name)
      .map(([verb, n, via, link]) => `route ${verb} fd09:${n}::/64 via fd00:${via}::2 dev ${link}`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('replace', 'del'), net, name)
      .map(([verb, n, link]) => `neigh ${verb} 10.0.0.${n + 2} lladdr 02:00:00:00:00:0${n} dev ${link} nud permanent`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('add', 'replace', 'del'), net, name)
      .map(([verb, n, link]) => `nexthop ${verb} id ${n + 1} dev ${link}`),
  },
  { weight: 2, arbitrary: fc.tuple(net, net).map(([n, id]) => `route add 10.5.${n}.0/24 nhid ${id + 1}`) },
);

/** What happens, and which events are heard of it then: of each socket some, or they are lost. */
const moment: fc.Arbitrary<Moment> = fc.record({
  inside: fc.constantFrom(...NAMESPACES),
  commands: fc.array(command, { minLength: 1, maxLength: 5 }),
  heard: fc.array(
    fc.record({ socket: fc.nat(3), events: fc.integer({ min: 1, max: 8 }), lost: fc.nat(40).map((chance) => chance === 0) }),
    { maxLength: 4 },
  ),
  passes: fc.constantFrom(0, 0, 0, 60, 600, 1_200),
});

interface Moment {
  readonly inside: (typeof NAMESPACES)[number];
  readonly commands: readonly string[];
  readonly heard: readonly { readonly socket: number; readonly events: number; readonly lost: boolean }[];
  /** Milliseconds. */
  readonly passes: number;
}

interface Watching {
  readonly live: LiveGraph;
  readonly sockets: HeldSockets;
  readonly clock: SteppedClock;
  readonly probe: Probe;
  readonly failures: string[];
}

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'events of links and of tables, heard in any order', () => {
  let lab: Lab;
  let probes = 0;
  beforeEach(async () => {
    await prepareNamespaces();
  });
  afterEach(() => lab.close());

  const inside = (namespace: string, program: string, args: readonly string[], input = ''): void =>
    void execFileSync('nsenter', [`--net=${lab.path(namespace)}`, program, ...args], { input, stdio: ['pipe', 'ignore', 'ignore'] });

  function make(): void {
    lab = new Lab();
    for (const namespace of NAMESPACES) {
      lab.addNamespace(namespace);
      // Addresses that the kernel gives by itself come at times of their own.
      inside(namespace, 'sh', ['-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode']);
    }
  }

  function run(namespace: string, commands: readonly string[]): void {
    const text = commands.map((line) => line.replace('OTHER', lab.path(other(namespace)))).join('\n');
    try {
      inside(namespace, 'ip', ['-force', '-batch', '-'], `${text}\n`);
    } catch {
      // One of them was refused.
    }
  }

  /** The probe on both namespaces, from now on. */
  async function watch(): Promise<Watching> {
    const [sockets, clock, failures] = [new HeldSockets(), new SteppedClock(), [] as string[]];
    const live = new LiveGraph({ now: () => clock.now() });
    const graph = new AgentGraph('host', (deltas) => {
      const { rejected } = live.apply({ origin: 'agent.host', deltas, immediate: true });
      for (const { message } of rejected) failures.push(message);
    });
    const writer = graph.writer('netlink');
    writer.putNode({ id: 'host', parent: undefined, metadata: { Type: 'host', Name: 'host' } });
    const [blue, red] = NAMESPACES.map((name) => {
      writer.putNode({ id: name, parent: 'host', metadata: { Type: 'netns', Name: name, Path: `/${name}` } });
      const key = withNamespace(lab.path(name), ({ fd }) => cookieOfNamespace(fd))!;
      return { key, path: lab.path(name), name, root: name, isOwn: false };
    });
    const namespaces = new Namespaces(blue!);
    namespaces.put(red!);
    const probe = netlinkProbe.create({
      hostId: 'host',
      root: 'host',
      id: (...names) => names.join('/'),
      graph: writer,
      nodes: { watch: () => () => undefined },
      namespaces,
      linux: { sockets, bootId: bootId() },
      clock,
      log: silentLog,
      config: lab.settings({ stateDir: join(lab.folder, `state${probes++}`) }).agent,
      health: { ok: () => undefined, degraded: () => undefined, failed: (error) => failures.push(String(error)), heard: () => undefined },
    });
    await probe.start();
    return { live, sockets, clock, probe, failures };
  }

  /** Every link by namespace and name: what is said of it, its rows, and what it is tied to. */
  function picture({ live }: Watching): Record<string, unknown> {
    const view = live.view();
    const links: [string, unknown][] = [];
    const nameOf = new Map<string, string>();
    for (const namespace of NAMESPACES) {
      for (const { child, metadata } of view.outEdges(namespace))
        if (metadata.RelationType === 'ownership') nameOf.set(child, `${namespace}/${String(view.node(child)!.metadata.Name)}`);
    }
    for (const [id, named] of nameOf) {
      const { metadata, tables } = view.node(id)!;
      // Which end of a pair is the child follows from ids, and these from what was there before.
      const tied = [...view.outEdges(id), ...view.inEdges(id)].filter(({ metadata: said }) => said.RelationType === 'layer2');
      const edges = tied.map(
        ({ parent, child, metadata: said }) => `${String(said.Type ?? 'master')} ${nameOf.get(parent === id ? child : parent)}`,
      );
      const rows = Object.fromEntries(Object.entries(tables ?? {}).map(([table, kept]) => [table, [...kept.entries()].map(plain).sort()]));
      links.push([named, { ...metadata, TID: undefined, edges: edges.sort(), rows }]);
    }
    view.release();
    return Object.fromEntries(links.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Keys of routes to one destination say which came first; states of neighbours are lively. */
  const plain = ([key, row]: readonly [string, object]): string => JSON.stringify([key.split(' via ')[0], { ...row, State: undefined }]);

  async function follow(moments: readonly Moment[]): Promise<void> {
    make();
    const watching = await watch();
    try {
      for (const { inside: namespace, commands, heard, passes } of moments) {
        run(namespace, commands);
        watching.sockets.read();
        for (const { socket, events, lost } of heard) {
          if (lost) watching.sockets.lose(socket, events);
          else watching.sockets.deliver(socket, events);
        }
        if (passes > 0) await watching.clock.step(passes);
      }
      await agrees(watching);
    } finally {
      await watching.probe.stop();
      await lab.close();
    }
  }

  it('end in what the kernel has', () =>
    fc.assert(fc.asyncProperty(fc.array(moment, { minLength: 4, maxLength: 24 }), follow), {
      numRuns: RUNS,
      seed: SEED,
      endOnFailure: true,
    }));

  /** Links of `blue` are heard of, and its tables much later. */
  const links = { socket: 0, events: 100, lost: false };
  const beside: Pick<Moment, 'inside' | 'heard' | 'passes'> = { inside: 'blue', heard: [links], passes: 600 };
  it.each([
    ['a link that went down', ['route add 10.9.0.0/24 dev l0'], ['link set l0 down']],
    ['a link that went', ['route add 10.9.0.0/24 dev l0'], ['link del l0', 'link add l2 index 40 type bridge', 'link set l2 up']],
    ['an address that went', ['route add 10.9.0.0/24 dev l0 src 10.1.0.1'], ['address del 10.1.0.1/24 dev l1']],
  ])('end so where a route is heard of after %s', async (_what, before, after) => {
    await follow([
      { ...beside, commands: ['link add l0 index 40 type bridge', 'link add l1 type bridge', 'link set l0 up', 'link set l1 up'] },
      { ...beside, commands: ['address add 10.0.0.1/24 dev l0', 'address add 10.1.0.1/24 dev l1'] },
      { ...beside, commands: before },
      { ...beside, commands: after },
    ]);
  });

  it('end so where a route is heard of long before its link', async () => {
    const tables = { socket: 1, events: 100, lost: false };
    const commands = ['link add l0 type bridge', 'link set l0 up', 'address add fd00:0::1/64 dev l0 nodad'];
    await follow([{ inside: 'blue', commands, heard: [tables], passes: 6_000 }]);
  });

  /** Compares with a probe that begins now, until both say the same. */
  async function agrees(watching: Watching): Promise<void> {
    for (let look = 1; ; look++) {
      do {
        watching.sockets.read();
        watching.sockets.deliverAll();
        await watching.clock.step(6_000);
        watching.sockets.read();
      } while (watching.sockets.deliverAll() > 0);
      const fresh = await watch();
      const expected = picture(fresh);
      await fresh.probe.stop();
      if (look < LOOKS && JSON.stringify(picture(watching)) !== JSON.stringify(expected)) {
        await pause(100);
        continue;
      }
      expect(picture(watching)).toEqual(expected);
      expect(watching.failures).toEqual([]);
      return;
    }
  }
});
