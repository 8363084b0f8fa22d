import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, smallHost, type World } from '../services/world.js';

describe('the present', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    world.write(...smallHost);
  });
  afterAll(() => world.close());

  it('gives each kind its own fields', async () => {
    const data = await world.data(`{
      host: node(id: "web-1") { __typename id key name type host origin state revision createdAt updatedAt deletedAt
        ... on Host { hostname platform agent { id } namespaces { name path inode device manager } interfaces { totalCount nodes { name } } } }
      link: node(id: "veth0") { __typename
        ... on NetworkInterface { kind ifIndex mac mtu speed driver flags addresses vlan master { name } peer { name namespace { name } } namespace { name } } }
      loopback: node(id: "lo") { ... on NetworkInterface { kind state addresses } }
      none: node(id: "nobody") { id }
    }`);
    expect(data).toEqual({
      host: {
        __typename: 'Host',
        id: 'web-1',
        key: 'web-1@1',
        name: 'web-1',
        type: 'host',
        host: 'web-1',
        origin: 'agent.test',
        state: 'UNKNOWN',
        revision: 1,
        createdAt: '2026-03-01T12:00:00.001Z',
        updatedAt: '2026-03-01T12:00:00.001Z',
        deletedAt: null,
        hostname: 'web-1.example.org',
        platform: { OS: 'linux', Platform: 'debian' },
        agent: null,
        namespaces: [{ name: 'blue', path: '/var/run/netns/blue', inode: 4026532281, device: 4, manager: 'docker' }],
        interfaces: { totalCount: 3, nodes: [{ name: 'br0' }, { name: 'lo' }, { name: 'veth0' }] },
      },
      link: {
        __typename: 'NetworkInterface',
        kind: 'VETH',
        ifIndex: 4,
        mac: '02:00:00:00:00:04',
        mtu: 1500,
        speed: 10_000_000_000,
        driver: null,
        flags: ['UP', 'BROADCAST'],
        addresses: [],
        vlan: null,
        master: { name: 'br0' },
        peer: { name: 'veth1', namespace: { name: 'blue' } },
        namespace: null,
      },
      loopback: { kind: 'LOOPBACK', state: 'UNKNOWN', addresses: ['127.0.0.1/8'] },
      none: null,
    });
  });

  it('leads along ownership, edges and neighbours', async () => {
    const data = await world.data(`{
      node(id: "veth1") { parent { name } ancestors { name } metadata(path: "IPV4")
        edges { totalCount nodes { relationType source { name } target { name } sourceId } }
        incoming: edges(direction: IN, filter: {relationType: {eq: "layer2"}}) { nodes { id metadata } }
        neighbors { nodes { name } }
        far: neighbors(depth: 2, via: {relationType: {eq: "layer2"}}) { nodes { name } }
        out: neighbors(direction: OUT) { totalCount } }
      web: node(id: "web-1") { children(orderBy: {field: NAME, direction: DESC}) { nodes { name } } }
      edge(id: "br0-layer2-veth0") { key source { id } target { id } }
    }`);
    expect(data).toEqual({
      node: {
        parent: { name: 'blue' },
        ancestors: [{ name: 'blue' }, { name: 'web-1' }],
        metadata: ['10.0.0.2/24'],
        edges: {
          totalCount: 2,
          nodes: [
            { relationType: 'ownership', source: { name: 'blue' }, target: { name: 'veth1' }, sourceId: 'blue' },
            { relationType: 'layer2', source: { name: 'veth0' }, target: { name: 'veth1' }, sourceId: 'veth0' },
          ],
        },
        incoming: { nodes: [{ id: 'veth0-layer2-veth1', metadata: { RelationType: 'layer2', Type: 'veth' } }] },
        neighbors: { nodes: [{ name: 'blue' }, { name: 'veth0' }] },
        far: { nodes: [{ name: 'br0' }, { name: 'veth0' }] },
        out: { totalCount: 0 },
      },
      web: { children: { nodes: [{ name: 'veth0' }, { name: 'lo' }, { name: 'br0' }, { name: 'blue' }] } },
      edge: { key: 'br0-layer2-veth0@1', source: { id: 'br0' }, target: { id: 'veth0' } },
    });
  });

  it('finds nodes by every field of the filter', async () => {
    const find = async (filter: string): Promise<string[]> => {
      const { nodes } = await world.data<{ nodes: { nodes: { name: string }[] } }>(`{ nodes(filter: ${filter}) { nodes { name } } }`);
      return nodes.nodes.map(({ name }) => name);
    };
    expect(await find('{id: ["br0", "lo", "br0"]}')).toEqual(['br0', 'lo']);
    expect(await find('{type: {eq: "veth"}}')).toEqual(['veth0', 'veth1']);
    expect(await find('{type: {in: ["bridge", "host"]}}')).toEqual(['br0', 'web-1']);
    expect(await find('{name: {regex: "^v.*1$"}}')).toEqual(['veth1']);
    expect(await find('{name: {startsWith: "ve", ne: "veth0"}}')).toEqual(['veth1']);
    expect(await find('{state: [UP]}')).toEqual(['br0', 'veth0']);
    expect(await find('{mac: {eq: "02:00:00:00:00:04"}}')).toEqual(['veth0']);
    expect(await find('{address: {eq: "10.0.0.2"}}')).toEqual(['veth1']);
    expect(await find('{address: {within: "10.0.0.0/8"}}')).toEqual(['br0', 'veth1']);
    expect(await find('{address: {within: "fd00::/8"}}')).toEqual(['veth1']);
    expect(await find('{metadata: [{path: "MTU", int: {gte: 1500}}, {path: "Speed", exists: true}]}')).toEqual(['veth0']);
    expect(await find('{metadata: [{path: "LinkFlags", string: {eq: "BROADCAST"}}]}')).toEqual(['veth0']);
    expect(await find('{search: "VETH web-1"}')).toEqual(['veth0', 'veth1']);
    expect(await find('{search: "127.0"}')).toEqual(['lo']);
    expect(await find('{within: {name: {eq: "blue"}}}')).toEqual(['veth1']);
    expect(await find('{within: {type: {eq: "host"}}, type: {eq: "veth"}}')).toEqual(['veth0', 'veth1']);
    expect(await find('{or: [{name: {eq: "lo"}}, {name: {eq: "br0"}}]}')).toEqual(['br0', 'lo']);
    expect(await find('{not: {type: {in: ["veth", "device", "netns"]}}}')).toEqual(['br0', 'web-1']);
    expect(await find('{host: {eq: "elsewhere"}}')).toEqual([]);
  });

  it('draws a picture of a part, with what surrounds it', async () => {
    const draw = (filter: string): Promise<{ topology: { nodes: { id: string }[]; edges: { id: string }[]; truncated: boolean } }> =>
      world.data(`{ topology(filter: ${filter}) { nodes { id } edges { id } truncated coverage { complete } cursor at } }`);
    const { topology } = await draw(
      '{nodes: {name: {eq: "veth1"}}, edges: {relationType: {eq: "layer2"}}, expand: {depth: 2, via: {relationType: {eq: "layer2"}}}}',
    );
    expect(topology).toMatchObject({ truncated: false, coverage: { complete: true }, cursor: expect.stringMatching(/^c1\./) });
    expect(topology.nodes.map(({ id }) => id).sort()).toEqual(['br0', 'veth0', 'veth1']);
    expect(topology.edges.map(({ id }) => id).sort()).toEqual(['br0-layer2-veth0', 'veth0-layer2-veth1']);
  });

  it('finds the shortest way, the nearest goal first', async () => {
    const data = await world.data(`{
      shortestPaths(from: {type: {eq: "bridge"}}, to: {name: {eq: "veth1"}}, via: {relationType: {eq: "layer2"}}) {
        length nodes { name } edges { relationType } }
      none: shortestPaths(from: {name: {eq: "lo"}}, to: {name: {eq: "veth1"}}, via: {relationType: {eq: "layer2"}}) { length }
    }`);
    expect(data).toEqual({
      shortestPaths: [
        {
          length: 2,
          nodes: [{ name: 'br0' }, { name: 'veth0' }, { name: 'veth1' }],
          edges: [{ relationType: 'layer2' }, { relationType: 'layer2' }],
        },
      ],
      none: [],
    });
  });

  it('sums groups up, with links and their traffic', async () => {
    world.write(
      node2('web-2'),
      { op: 'putNode', id: 'eth', host: 'web-2', metadata: { Name: 'eth', Type: 'device', IfIndex: 2 } },
      { op: 'putEdge', id: 'cable', host: '', parent: 'br0', child: 'eth', metadata: { RelationType: 'layer2' } },
      {
        op: 'measure',
        id: 'eth',
        values: [
          ['LastUpdateMetric.RxBytes', 1000],
          ['LastUpdateMetric.TxBytes', 500],
          ['LastUpdateMetric.Start', world.clock.now() - 2000],
          ['LastUpdateMetric.Last', world.clock.now()],
        ],
      },
    );
    const { topologyOverview } = await world.data<{ topologyOverview: unknown }>(
      `{ topologyOverview { groups { id label node { name } counts { type count } states { state count } } links { a b relationTypes count abBitsPerSecond baBitsPerSecond } } }`,
    );
    expect(topologyOverview).toMatchObject({
      groups: [
        { id: 'host:web-1', label: 'web-1', node: { name: 'web-1' }, counts: expect.arrayContaining([{ type: 'veth', count: 2 }]) },
        { id: 'host:web-2', states: [{ state: 'UNKNOWN', count: 2 }] },
      ],
      links: [{ a: 'host:web-1', b: 'host:web-2', relationTypes: ['layer2'], count: 1, abBitsPerSecond: 4000, baBitsPerSecond: 2000 }],
    });
    const measured = (measure: string): Promise<unknown> => world.data(`{ topologyOverview(measure: ${measure}) { groups { id most } } }`);
    expect(await measured('RATE')).toMatchObject({ topologyOverview: { groups: [{ most: null }, { most: 4000 }] } });
    expect(await measured('NUMBER, measurePath: "IfIndex"')).toMatchObject({
      topologyOverview: { groups: [{}, { id: 'host:web-2', most: 2 }] },
    });
    const { errors } = await world.ask(`{ topologyOverview(measure: NUMBER) { at } }`);
    expect(errors?.[0]?.message).toContain('a dotted path beside measure');
    const byType = await world.data<{ topologyOverview: { groups: { id: string }[] } }>(
      `{ topologyOverview(groupBy: METADATA, metadataPath: "Driver") { groups { id } } }`,
    );
    expect(byType.topologyOverview.groups.map(({ id }) => id)).toEqual(['metadata:', 'metadata:bridge']);
  });

  it('says who asks, and how it is', async () => {
    const data = await world.data(
      `{ viewer { name roles rights } status { version nodes leases agents { id } journal { isFull } samples { dropped } } agents { id } }`,
    );
    expect(data).toMatchObject({
      viewer: {
        name: 'anonymous',
        roles: ['READER', 'WRITER', 'ADMINISTRATOR'],
        rights: expect.arrayContaining(['audit:read', 'noderule:write', 'topology:read']) as string[],
      },
      status: { version: '0.0.0-test', leases: 0, agents: [], journal: { isFull: false }, samples: { dropped: 0 } },
      agents: [],
    });
  });
});

const node2 = (id: string) => ({ op: 'putNode', id, host: id, metadata: { Name: id, Type: 'host' } }) as const;
