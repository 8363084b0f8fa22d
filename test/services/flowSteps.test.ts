import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Captured } from '../flowstore/packets.js';
import { node, openWorld, owns, type World } from './world.js';

// Every step of compat.md §1.7 and §1.8 that flows, their metrics, packets, sockets and groups have.

const ALICE = { mac: '02:00:00:00:00:0a', ip: '10.0.0.1' };
const BOB = { mac: '02:00:00:00:00:0b', ip: '10.0.0.2' };
const CALL = { from: ALICE.ip, to: BOB.ip, fromPort: 5_000, toPort: 53 };
const ANSWER = { from: BOB.ip, to: ALICE.ip, fromPort: 53, toPort: 5_000, fromMac: BOB.mac, toMac: ALICE.mac };
const LONG = { ...CALL, fromPort: 6_000, toPort: 443, payload: 100 };

const CONNECTED = {
  ...{ Process: '/usr/bin/dig', Name: 'dig', Pid: 77, Protocol: 'UDP', State: 'ESTABLISHED' },
  ...{ LocalAddress: ALICE.ip, LocalPort: 5_000, RemoteAddress: BOB.ip, RemotePort: 53 },
};
const LISTENING = {
  ...{ Process: '/usr/sbin/named', Name: 'named', Pid: 53, Protocol: 'UDP', State: 'CLOSE' },
  ...{ LocalAddress: '0.0.0.0', LocalPort: 53, RemoteAddress: '0.0.0.0', RemotePort: 0 },
};
const INSIDE = { ...LISTENING, Name: 'other', LocalPort: 443 };

let world: World;
let began: number;

beforeAll(async () => {
  world = await openWorld();
  world.write(
    node('host-a', 'host', { Name: 'web-1', TID: 't-a', Sockets: [CONNECTED, INSIDE] }),
    node('host-b', 'host', { Name: 'dns-1', TID: 't-b', Sockets: [LISTENING] }),
    node('ns', 'netns', { Name: 'inside', TID: 't-ns', Path: '/run/netns/inside' }),
    node('eth0', 'veth', { Name: 'eth0', TID: 't-eth0', MAC: ALICE.mac, IPV4: [`${ALICE.ip}/24`] }),
    node('eth1', 'veth', { Name: 'eth1', TID: 't-eth1', MAC: BOB.mac, IPV4: [`${BOB.ip}/24`] }),
    node('eth2', 'veth', { Name: 'eth2', TID: 't-eth2', MAC: '02:00:00:00:00:0c', IPV4: ['10.0.0.3/24'] }),
    owns('host-a', 'eth0'),
    owns('host-b', 'eth1'),
    owns('host-a', 'ns'),
    owns('ns', 'eth2'),
    { op: 'putEdge', id: 'cable', host: 'h', parent: 'eth0', child: 'eth1', metadata: { RelationType: 'layer2' } },
  );
  began = world.clock.advance(1_000);
  // The same conversation at both ends, and a longer packet at one.
  for (const [capture, on] of [
    ['c1', 'eth0'],
    ['c2', 'eth1'],
  ] as const) {
    const captured = new Captured(capture, on, `t-${on}`, { rawPacketLimit: 3 });
    captured.packet(began, CALL);
    captured.packet(began + 100, ANSWER);
    if (on === 'eth0') captured.packet(began + 200, LONG, { wireLength: 1_000 });
    for (const batch of captured.update(began + 1_500)) await world.services.flows.take('agent.test', batch, 0);
    captured.packet(began + 2_000, CALL);
    for (const batch of captured.update(began + 3_000)) await world.services.flows.take('agent.test', batch, 0);
  }
  world.clock.advance(4_000);
});
afterAll(() => world.close());

const ask = async (query: string): Promise<unknown> =>
  (await world.data<{ gremlin: { json: unknown } }>('query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin.json;
const refused = async (query: string): Promise<string> =>
  String((await world.ask('query ($query: String!) { gremlin(query: $query) { json } }', { query })).errors?.[0]?.message);
const within = (): string => `G.At(${began + 3_500}, 60)`;

describe('steps on flows', () => {
  it('begin at the graph, at nodes that can be captured, and at paths', async () => {
    expect(await ask('G.Flows().Count()')).toBe(3);
    expect(await ask("G.Flows('UDP.B', 53, 'NodeTID', 't-eth1').Count()")).toBe(1);
    expect(await ask("G.V().Has('Name', 'eth1').Flows().Count()")).toBe(1);
    expect(await ask("G.V().Has('Name', 'web-1').Flows()")).toEqual([]);
    expect(
      await ask("G.V().Has('Name', 'eth0').ShortestPathTo(Metadata('Name', 'eth1'), Metadata('RelationType', 'layer2')).Flows().Count()"),
    ).toBe(3);
  });

  it('choose, order and page', async () => {
    expect(await ask("G.Flows().Has('Network', '10.0.0.2', 'Transport', 53).Count()")).toBe(2);
    expect(await ask("G.Flows().HasEither('Transport.B', 443, 'NodeTID', 't-eth1').Count()")).toBe(2);
    expect(await ask("G.Flows().Has('Metric.ABPackets', Gt(1)).Count()")).toBe(2);
    expect(await ask('G.Flows().Dedup().Count()')).toBe(2);
    expect(await ask("G.Flows().Dedup('Application').Count()")).toBe(1);
    expect(await ask("G.Flows().Sort('Metric.ABBytes').Values('Transport.B')")).toEqual([53, 53, 443]);
    expect(await ask("G.Flows().Sort(DESC, 'Metric.ABBytes').Values('Transport.B')")).toEqual([443, 53, 53]);
    expect(await ask("G.Flows().Sort(ASC, 'Start').Range(1, 3).Count()")).toBe(2);
    expect(await ask('G.Flows().Limit(1).Count()')).toBe(1);
  });

  it('lead to nodes', async () => {
    const names = (query: string): Promise<unknown> => ask(`G.Flows().Has('UDP.B', 53, 'NodeTID', 't-eth1').${query}.Values('Name')`);
    expect(await names('In()')).toEqual(['eth0']);
    expect(await names('Out()')).toEqual(['eth1']);
    expect(await names('Both()')).toEqual(['eth0', 'eth1']);
    expect(await names('Nodes()')).toEqual(['eth1', 'eth0', 'eth1']);
    for (const step of ['CaptureNode()', 'Node()', 'Hops()']) expect(await names(step)).toEqual(['eth1']);
  });

  it('give values, keys and sums', async () => {
    expect(await ask("G.Flows().Sort('Transport.B').Values('UDP.B')")).toEqual([53, 53, 443]);
    expect(await ask("G.Flows().Has('Transport.B', 443).Values('Metric')")).toMatchObject([{ ABPackets: 1, ABBytes: 1_000 }]);
    expect(await ask('G.Flows().Keys()')).toEqual(expect.arrayContaining(['Link.A', 'Metric.RTT', 'Transport.B', 'UUID']));
    expect(await ask("G.Flows().Sum('Metric.ABPackets')")).toBe(5);
    expect(await ask("G.Flows().Has('Transport.B', 443).Sum('LastUpdateMetric.ABBytes')")).toBe(1_000);
  });

  it('group by what is asked for, and keep groups that are large enough', async () => {
    const sizes = async (steps: string): Promise<number[]> =>
      ((await ask(`G.Flows().${steps}`)) as Record<string, unknown[]>[])
        .flatMap((groups) => Object.values(groups).map((flows) => flows.length))
        .sort();
    expect(await sizes('Group()')).toEqual([1, 2]);
    expect(await sizes('Group().MoreThan()')).toEqual([2]);
    expect(await sizes('Group().MoreThan(2)')).toEqual([]);
    expect(await sizes("Group('Application').MoreThan(2)")).toEqual([3]);
    expect(await sizes("Group('NodeTID')")).toEqual([1, 2]);
  });
});

describe('steps on metrics of flows', () => {
  it('are those of the latest update now, and all of a time in the past', async () => {
    const [now] = (await ask("G.Flows().Has('NodeTID', 't-eth1').Metrics()")) as [Record<string, object[]>];
    expect(Object.values(now)).toMatchObject([[{ ABPackets: 1, ABBytes: 52, BAPackets: 0, BABytes: 0 }]]);
    const [past] = (await ask(`${within()}.Flows().Has('NodeTID', 't-eth1').Metrics()`)) as [Record<string, object[]>];
    expect(Object.values(past)).toMatchObject([
      [
        { ABPackets: 1, BAPackets: 1 },
        { ABPackets: 1, BAPackets: 0 },
      ],
    ]);
    expect(await ask('G.Flows().Metrics().Count()')).toBe(3);
    expect(await ask(`${within()}.Flows().Metrics().Sum('ABPackets')`)).toBe(5);
    const fields = ['ABBytes', 'ABPackets', 'BABytes', 'BAPackets', 'Last', 'RTT', 'Start'];
    expect(await ask(`${within()}.Flows().Metrics().Keys()`)).toEqual(fields);
  });

  it('are put together by slices of time', async () => {
    const [answer] = (await ask(`${within()}.Flows().Has('NodeTID', 't-eth1').Metrics().Aggregates(60)`)) as [{ Aggregated: object[] }];
    expect(answer.Aggregated).toMatchObject([{ ABPackets: 2, BAPackets: 1 }]);
    const [byDefault] = (await ask(`${within()}.Flows().Metrics().Aggregates()`)) as [{ Aggregated: object[] }];
    expect(byDefault.Aggregated.length).toBeGreaterThan(0);
    // However they are cut, nothing is lost.
    for (const seconds of [1, 7, 30]) {
      const [slices] = (await ask(`G.Flows().Metrics().Aggregates(${seconds})`)) as [{ Aggregated: { ABBytes: number }[] }];
      const sum = slices.Aggregated.reduce((bytes, { ABBytes }) => bytes + ABBytes, 0);
      expect(sum).toBe(await ask("G.Flows().Metrics().Sum('ABBytes')"));
    }
    expect(await refused(`G.At(${began}, 86400).Flows().Metrics().Aggregates(1)`)).toMatch(/./);
  });
});

describe('steps on packets of flows', () => {
  type Packets = Record<string, { Index: number; Data: string; LinkType: number; Timestamp: number }[] | null>;
  const packets = async (steps: string): Promise<Packets> => ((await ask(steps)) as Packets[])[0] ?? {};
  const counts = async (steps: string): Promise<unknown[]> =>
    Object.values(await packets(steps))
      .map((list) => list?.length ?? null)
      .sort();

  it('are those that were kept', async () => {
    const query = `${within()}.Flows().Has('NodeTID', 't-eth1').RawPackets()`;
    const [list] = Object.values(await packets(query));
    expect(list).toMatchObject([
      { Index: 1, LinkType: 1, Timestamp: began },
      { Index: 2, LinkType: 1, Timestamp: began + 100 },
      { Index: 3, LinkType: 1, Timestamp: began + 2_000 },
    ]);
    expect(Object.keys(list![0]!).sort()).toEqual(['Data', 'Index', 'LinkType', 'Timestamp']);
  });

  it('pass a filter by what was in them and how long they were', async () => {
    const of = `${within()}.Flows().RawPackets()`;
    expect(await counts(of)).toEqual([1, 3, 3]);
    expect(await counts(`${of}.BPF('udp dst port 53')`)).toEqual([2, 2, null]);
    expect(await counts(`${of}.BPF('src host 10.0.0.2')`)).toEqual([1, 1, null]);
    // The capture kept 142 bytes of a thousand.
    expect(await counts(`${of}.BPF('greater 900')`)).toEqual([1, null, null]);
    expect(await counts(`${of}.BPF('tcp')`)).toEqual([null, null, null]);
  });

  it('say what is wrong with a filter', async () => {
    expect(await refused(`${within()}.Flows().RawPackets().BPF('udp prt 53')`)).toMatch(/udp prt 53.*syntax error/);
    expect(await refused("G.Flows().Has('UUID', 'none').RawPackets().BPF('udp prt 53')")).toMatch(/syntax error \(column 5: 'prt'\)/);
    expect(await refused("G.Flows().BPF('udp')")).toMatch('Error while executing the query');
  });
});

describe('sockets of flows', () => {
  it('are found by both ends in either direction', async () => {
    const [found] = (await ask("G.Flows().Has('NodeTID', 't-eth1').Sockets()")) as [Record<string, object[]>];
    expect(Object.values(found)).toEqual([[CONNECTED]]);
    expect(await ask("G.Flows().Has('Transport.B', 443).Sockets()")).toEqual([]);
    expect(await ask("G.V().Has('Name', 'dns-1').Sockets()")).toEqual([{ 'host-b': [LISTENING] }]);
    expect(await ask("G.V().Has('Type', 'host').Sockets().Has('Name', 'dig')")).toEqual([{ 'host-a': [CONNECTED] }]);
  });

  const ENDS = `{ flows(filter: { port: { eq: PORT }, captureNode: { name: { eq: "eth0" } } }) { nodes {
    a { process { name pid process protocol state localPort } } b { host { name } process { name localAddress remotePort } } } } }`;
  const ends = async (port: number): Promise<unknown> =>
    (await world.data<{ flows: { nodes: unknown[] } }>(ENDS.replace('PORT', String(port)))).flows.nodes[0];

  it('say which process talks at each end', async () => {
    expect(await ends(53)).toEqual({
      a: { process: { name: 'dig', pid: 77, process: '/usr/bin/dig', protocol: 'UDP', state: 'ESTABLISHED', localPort: 5_000 } },
      // It listens on every address, and talks to anybody.
      b: { host: { name: 'dns-1' }, process: { name: 'named', localAddress: '0.0.0.0', remotePort: 0 } },
    });
    expect(await ends(443)).toEqual({ a: { process: null }, b: { host: { name: 'dns-1' }, process: null } });
  });

  it('do not take what listens on a machine for what a namespace on it has', async () => {
    const captured = new Captured('c3', 'eth0', 't-eth0');
    const at = world.clock.advance(1_000);
    captured.packet(at, { ...CALL, to: '10.0.0.3', fromPort: 7_000, toPort: 443, toMac: '02:00:00:00:00:0c' });
    for (const batch of captured.update(at + 1_500)) await world.services.flows.take('agent.test', batch, 0);
    expect(
      await world.data('{ flows(filter: { capture: "c3" }) { nodes { b { host { name } node { name } process { name } } } } }'),
    ).toEqual({
      flows: { nodes: [{ b: { host: { name: 'web-1' }, node: { name: 'eth2' }, process: null } }] },
    });
  });
});
