import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import { Captured } from '../flowstore/packets.js';
import { node, openWorld, owns, type World } from './world.js';

const ALICE = { mac: '02:00:00:00:00:0a', ip: '10.0.0.1' };
const BOB = { mac: '02:00:00:00:00:0b', ip: '10.0.0.2' };
const CALL = { from: ALICE.ip, to: BOB.ip, fromPort: 5_000, toPort: 53 };
const ANSWER = { from: BOB.ip, to: ALICE.ip, fromPort: 53, toPort: 5_000, fromMac: BOB.mac, toMac: ALICE.mac };

let world: World;
let captured: Captured;
/** On the hour, so that updates lie in two files. */
let began: number;

beforeAll(async () => {
  world = await openWorld();
  world.write(
    node('host', 'host', { Name: 'web-1', TID: 't-host' }),
    node('eth0', 'veth', { Name: 'eth0', TID: 't-eth0', MAC: ALICE.mac, IPV4: [`${ALICE.ip}/24`] }),
    node('eth1', 'veth', { Name: 'eth1', TID: 't-eth1', MAC: BOB.mac, IPV4: [`${BOB.ip}/24`] }),
    owns('host', 'eth0'),
    owns('host', 'eth1'),
  );
  began = world.clock.advance(59 * 60_000 + 30_000);
  captured = new Captured('c1', 'eth0', 't-eth0', { rawPacketLimit: 3 });
  captured.packet(began, CALL);
  captured.packet(began + 100, ANSWER);
  captured.packet(began + 200, { ...CALL, to: '192.0.2.7', fromPort: 6_000, toPort: 443 });
  await ship(captured.update(began + 1_500));
  captured.packet(began + 31_000, CALL);
  captured.packet(began + 31_000, CALL);
  await ship(captured.update(began + 31_500));
  captured.packet(began + 32_000, ANSWER);
  world.clock.advance(32_500);
  await ship(captured.refresh(began + 32_500));
});
afterAll(() => world.close());

/** As the hub does with what an agent sends. */
async function ship(batches: ReturnType<Captured['update']>): Promise<void> {
  for (const batch of batches) await world.services.flows.take('agent.test', batch, 0);
}

const FLOW = `id application layers network { a b } transport { protocol a b } total { abPackets baPackets } recent { abPackets baPackets }
  a { address port node { name } host { name } } b { address node { name } } captureNode { name } rawPackets { index linkType }`;

const ask = async (args: string): Promise<{ nodes: JsonObject[]; totalCount: number; source: string }> =>
  (
    await world.data<{ flows: { nodes: JsonObject[]; totalCount: number; source: string } }>(
      `{ flows${args} { source totalCount nodes { ${FLOW} } } }`,
    )
  ).flows;

const gremlin = async (query: string): Promise<unknown> =>
  (await world.data<{ gremlin: { json: unknown } }>('query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin.json;

describe('flows of the present', () => {
  it('stand as agents say, with both ends in the topology', async () => {
    const { nodes, totalCount, source } = await ask('(filter: {port: {eq: 53}})');
    expect({ totalCount, source }).toEqual({ totalCount: 1, source: 'LIVE' });
    expect(nodes[0]).toMatchObject({
      layers: ['Ethernet', 'IPv4', 'UDP', 'DNS'].slice(0, (nodes[0]!.layers as string[]).length),
      network: { a: ALICE.ip, b: BOB.ip },
      transport: { protocol: 'UDP', a: 5_000, b: 53 },
      total: { abPackets: 3, baPackets: 2 },
      a: { address: ALICE.ip, port: 5_000, node: { name: 'eth0' }, host: { name: 'web-1' } },
      b: { address: BOB.ip, node: { name: 'eth1' } },
      captureNode: { name: 'eth0' },
    });
    expect((nodes[0]!.rawPackets as unknown[]).length).toBe(3);
  });

  it('are found by every filter', async () => {
    const count = async (filter: string): Promise<number> => (await ask(`(filter: ${filter})`)).totalCount;
    expect(await count('{}')).toBe(2);
    expect(await count('{address: {within: "192.0.2.0/24"}}')).toBe(1);
    expect(await count('{a: {address: {eq: "10.0.0.1"}, mac: {eq: "02:00:00:00:00:0a"}}, b: {port: {gte: 443}}}')).toBe(1);
    expect(await count('{protocol: {eq: "UDP"}, captureNode: {name: {eq: "eth0"}}}')).toBe(2);
    expect(await count('{captureNode: {name: {eq: "eth1"}}}')).toBe(0);
    expect(await count('{capture: "c1", finished: false, bytes: {gt: 100}}')).toBe(1);
    expect(await count('{or: [{port: {eq: 53}}, {port: {eq: 443}}], not: {port: {eq: 53}}}')).toBe(1);
  });

  it('come by pages and in order', async () => {
    const first = await world.data<{ flows: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } } }>(
      '{ flows(first: 1, orderBy: {field: BYTES}) { nodes { id } pageInfo { endCursor hasNextPage } } }',
    );
    expect(first.flows.pageInfo.hasNextPage).toBe(true);
    const second = await world.data<{ flows: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean } } }>(
      'query ($after: String) { flows(first: 1, orderBy: {field: BYTES}, after: $after) { nodes { id } pageInfo { hasNextPage } } }',
      { after: first.flows.pageInfo.endCursor },
    );
    expect(second.flows.pageInfo.hasNextPage).toBe(false);
    expect(second.flows.nodes[0]!.id).not.toBe(first.flows.nodes[0]!.id);
  });

  it('are on their node', async () => {
    const { node: eth0 } = await world.data<{ node: { flows: { totalCount: number } } }>('{ node(id: "eth0") { flows { totalCount } } }');
    expect(eth0.flows.totalCount).toBe(2);
    const { node: eth1 } = await world.data<{ node: { flows: { totalCount: number } } }>('{ node(id: "eth1") { flows { totalCount } } }');
    expect(eth1.flows.totalCount).toBe(0);
  });
});

describe('flows of the past', () => {
  const at = (ms: number): string => new Date(began + ms).toISOString();

  it('stand as they did, across files', async () => {
    const early = await ask(`(at: "${at(10_000)}", filter: {port: {eq: 53}})`);
    expect(early).toMatchObject({ source: 'STORE', totalCount: 1 });
    expect(early.nodes[0]).toMatchObject({
      total: { abPackets: 1, baPackets: 1 },
      captureNode: { name: 'eth0' },
      b: { node: { name: 'eth1' } },
    });
    const late = await ask(`(at: "${at(31_900)}", filter: {port: {eq: 53}})`);
    expect(late.nodes[0]).toMatchObject({ total: { abPackets: 3, baPackets: 1 }, recent: { abPackets: 2, baPackets: 0 } });
    expect((await ask(`(between: {from: "${at(-5_000)}", to: "${at(-1_000)}"})`)).totalCount).toBe(0);
  });

  it('are found by the same filters as those of the present', async () => {
    const count = async (filter: string): Promise<number> =>
      (await ask(`(between: {from: "${at(0)}", to: "${at(32_000)}"}, filter: ${filter})`)).totalCount;
    expect(await count('{}')).toBe(2);
    expect(await count('{address: {within: "192.0.2.0/24"}}')).toBe(1);
    expect(await count('{a: {address: {eq: "10.0.0.1"}, mac: {eq: "02:00:00:00:00:0a"}}, b: {port: {gte: 443}}}')).toBe(1);
    expect(await count('{protocol: {regex: "^U"}, captureNode: {name: {eq: "eth0"}}}')).toBe(2);
    expect(await count('{captureNode: {name: {eq: "eth1"}}}')).toBe(0);
    expect(await count('{capture: "c1", finished: false, bytes: {gt: 100}}')).toBe(1);
    expect(await count('{or: [{port: {eq: 53}}, {port: {eq: 443}}], not: {port: {eq: 53}}}')).toBe(1);
  });

  it('are summed up by what they have in common', async () => {
    const sum = (args: string): Promise<{ flowSummary: JsonObject[] }> =>
      world.data(
        `{ flowSummary(between: {from: "${at(0)}", to: "${at(32_000)}"}, ${args}) { keys { dimension value node { name } } bytes packets flows } }`,
      );
    expect((await sum('groupBy: [B_ADDRESS]')).flowSummary).toEqual([
      { keys: [{ dimension: 'B_ADDRESS', value: BOB.ip, node: null }], bytes: 4 * 52, packets: 4, flows: 1 },
      { keys: [{ dimension: 'B_ADDRESS', value: '192.0.2.7', node: null }], bytes: 52, packets: 1, flows: 1 },
    ]);
    expect((await sum('groupBy: [A_NODE, CAPTURE_NODE, PROTOCOL], orderBy: FLOWS, limit: 1')).flowSummary).toMatchObject([
      { keys: [{ value: 'eth0', node: { name: 'eth0' } }, { node: { name: 'eth0' } }, { value: 'UDP' }], flows: 2 },
    ]);
    // An update is of the time since the one before: its share in each step.
    expect((await sum('groupBy: [TIME], step: "10s", filter: {port: {eq: 53}}')).flowSummary).toMatchObject([
      { bytes: 133, packets: 3 },
      { bytes: 35, packets: 0 },
      { bytes: 35, packets: 1 },
      { bytes: 5, packets: 0 },
    ]);
    // What is ranked has all its steps, in their order.
    expect((await sum('groupBy: [B_END, TIME], step: "20s", limit: 1')).flowSummary).toMatchObject([
      { keys: [{ value: BOB.ip }, { value: at(0) }], packets: 3 },
      { keys: [{ value: BOB.ip }, { value: at(20_000) }], packets: 1 },
    ]);
    expect((await sum('groupBy: [TIME, A_NODE], step: "20s", limit: 1')).flowSummary).toMatchObject([
      { keys: [{ value: at(0) }, { value: 'eth0' }] },
      { keys: [{ value: at(20_000) }, { value: 'eth0' }] },
    ]);
    expect((await sum('groupBy: []')).flowSummary).toMatchObject([{ packets: 5, flows: 2 }]);
  });
});

describe('flows in Gremlin', () => {
  it('answer every step in the present', async () => {
    expect(await gremlin('G.Flows().Count()')).toBe(2);
    expect(await gremlin("G.Flows().Has('Network', '192.0.2.7').Count()")).toBe(1);
    expect(await gremlin("G.Flows().Has('UDP.B', 53).Count()")).toBe(1);
    expect(await gremlin("G.Flows().HasEither('Transport.B', 53, 'Transport.B', 443).Count()")).toBe(2);
    expect(await gremlin("G.Flows('Transport.B', 443).Values('Network.B')")).toEqual(['192.0.2.7']);
    expect(await gremlin("G.V().Has('Name', 'eth0').Flows().Count()")).toBe(2);
    expect(await gremlin("G.V().Has('Name', 'eth1').Flows()")).toEqual([]);
    expect(await gremlin("G.V().Has('Name', 'web-1').Flows()")).toEqual([]);
    expect(await gremlin("G.Flows().Sort(DESC, 'Metric.ABPackets').Limit(1).Values('Transport.B')")).toEqual([53]);
    expect(await gremlin("G.Flows().Sum('Metric.ABPackets')")).toBe(4);
    expect(await gremlin("G.Flows().Dedup('NodeTID').Count()")).toBe(1);
    const names = async (query: string): Promise<unknown[]> => (await gremlin(`${query}.Values('Name')`)) as unknown[];
    expect(await names("G.Flows().Has('UDP.B', 53).Out()")).toEqual(['eth1']);
    expect(await names("G.Flows().Has('UDP.B', 53).In()")).toEqual(['eth0']);
    expect(await names("G.Flows().Has('UDP.B', 53).Both()")).toEqual(['eth0', 'eth1']);
    expect(await names("G.Flows().Has('UDP.B', 53).Nodes()")).toEqual(['eth0', 'eth0', 'eth1']);
    expect(await names('G.Flows().Hops().Dedup()')).toEqual(['eth0']);
    expect(await names("G.Flows().CaptureNode().Has('Type', 'veth').Dedup()")).toEqual(['eth0']);
    expect(await gremlin('G.Flows().Metrics().Count()')).toBe(2);
    expect(await gremlin("G.Flows().Group('Application')")).toMatchObject([expect.any(Object)]);
    expect(await gremlin('G.Flows().Group().MoreThan(1)')).toEqual([]);
    expect(await gremlin("G.Flows().Has('UDP.B', 53)")).toMatchObject([
      {
        Network: { Protocol: 'IPV4', A: ALICE.ip, B: BOB.ip, ID: 0 },
        Metric: { ABPackets: 3, BAPackets: 2 },
        ParentUUID: '',
        NodeTID: 't-eth0',
        CaptureID: 'c1',
      },
    ]);
  });

  it('answer from the store within a time', async () => {
    const at = Math.floor(began + 31_900);
    expect(await gremlin(`G.At(${at}).Flows().Count()`)).toBe(2);
    expect(await gremlin(`G.At(${at}, 60).Flows().Has('UDP.B', 53).Metrics().Aggregates(10)`)).toMatchObject([
      { Aggregated: expect.arrayContaining([expect.objectContaining({ ABPackets: 1, BAPackets: 1 })]) as unknown },
    ]);
    expect(await gremlin(`G.At(${at}, 60).Flows().Metrics().Sum('ABPackets')`)).toBe(4);
    const packets = (await gremlin(`G.At(${at}, 60).Flows().Has('UDP.B', 53).RawPackets()`)) as [
      Record<string, { Index: number; Data: string; LinkType: number }[]>,
    ];
    const [list] = Object.values(packets[0]);
    expect(list!.map(({ Index, LinkType }) => [Index, LinkType])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(Buffer.from(list![0]!.Data, 'base64').length).toBe(52);
  });

  it('are refused as they always were', async () => {
    const refused = async (query: string): Promise<string> =>
      String((await world.ask('query ($query: String!) { gremlin(query: $query) { json } }', { query })).errors?.[0]?.message);
    expect(await refused("G.Flows('a')")).toMatch('At least two parameters must be provided');
    expect(await refused("G.Flows().Sum('Start')")).toMatch('Sum accepts only sub fields of Metric and LastUpadteMetric');
    expect(await refused("G.Flows().Values('Nothing')")).toMatch('Field not found');
    expect(await refused("G.Flows().HasKey('a')")).toMatch("Invalid step 'HasKey' on '*traversal.FlowTraversalStep'");
  });
});
