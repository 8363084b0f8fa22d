import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, openWorld, type World } from '../services/world.js';

const socket = (name: string, protocol: string, local: readonly [string, number], remote: readonly [string, number], state: string) => ({
  ...{ Name: name, Process: `/usr/bin/${name}`, Pid: name.length, Protocol: protocol, State: state },
  ...{ LocalAddress: local[0], LocalPort: local[1], RemoteAddress: remote[0], RemotePort: remote[1] },
});

describe('the sockets of a host', () => {
  let world: World;
  let before: string;
  beforeAll(async () => {
    world = await openWorld();
    world.write(
      node('web', 'host', {
        Name: 'web',
        Sockets: [
          socket('nginx', 'TCP', ['10.0.0.1', 443], ['10.9.0.7', 51_000], 'ESTABLISHED'),
          socket('nginx', 'TCP', ['0.0.0.0', 443], ['0.0.0.0', 0], 'LISTEN'),
          socket('named', 'UDP', ['0.0.0.0', 53], ['0.0.0.0', 0], 'CLOSE'),
          socket('dig', 'UDP', ['10.0.0.1', 40_000], ['10.0.0.2', 53], 'ESTABLISHED'),
        ],
      }),
      node('quiet', 'host', { Name: 'quiet' }),
    );
    before = new Date(world.clock.now()).toISOString();
    world.clock.advance(1_000);
    world.write({ op: 'patch', id: 'web', set: [['Sockets', []]] });
  });
  afterAll(() => world.close());

  /** Names and local ports of what is found. */
  async function found(filter: string): Promise<string[]> {
    const question = `{ node(id: "web", at: "${before}") { ... on Host { sockets(filter: {${filter}}) { nodes { name localPort } } } } }`;
    const { node: web } = await world.data<{ node: { sockets: { nodes: { name: string; localPort: number }[] } } }>(question);
    return web.sockets.nodes.map(({ name, localPort }) => `${name} ${localPort}`);
  }

  it('come in pages, by local port, of the instant that is looked at', async () => {
    const fields = 'protocol state process name pid localAddress localPort remoteAddress remotePort';
    const page = (after: string) => `{ node(id: "web", at: "${before}") { ... on Host {
      sockets(first: 2${after}) { totalCount pageInfo { hasNextPage endCursor } nodes { ${fields} } } } } }`;
    interface Page {
      readonly node: {
        readonly sockets: {
          readonly totalCount: number;
          readonly pageInfo: { hasNextPage: boolean; endCursor: string };
          readonly nodes: object[];
        };
      };
    }
    const { node: first } = await world.data<Page>(page(''));
    expect(first.sockets).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    expect(first.sockets.nodes).toEqual([
      {
        ...{ protocol: 'UDP', state: 'CLOSE', process: '/usr/bin/named', name: 'named', pid: 5 },
        ...{ localAddress: '0.0.0.0', localPort: 53, remoteAddress: '0.0.0.0', remotePort: 0 },
      },
      expect.objectContaining({ name: 'nginx', localPort: 443, state: 'LISTEN' }),
    ]);
    const { node: second } = await world.data<Page>(page(`, after: "${first.sockets.pageInfo.endCursor}"`));
    expect(second.sockets).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: [{ remotePort: 51_000 }, { name: 'dig' }] });
    expect(await world.data('{ node(id: "web") { ... on Host { sockets { totalCount } } } }')).toEqual({
      node: { sockets: { totalCount: 0 } },
    });
    expect(await world.data('{ node(id: "quiet") { ... on Host { sockets { totalCount } } } }')).toEqual({ node: { sockets: null } });
  });

  it.each([
    ['protocol: {eq: "UDP"}', ['named 53', 'dig 40000']],
    ['state: {eq: "LISTEN"}', ['nginx 443']],
    ['name: {startsWith: "n"}, local: {port: {lt: 100}}', ['named 53']],
    ['process: {contains: "dig"}', ['dig 40000']],
    ['pid: {in: [3, 5]}, remote: {port: {ne: 0}}', ['nginx 443', 'dig 40000']],
    ['remote: {address: {within: "10.9.0.0/16"}}', ['nginx 443']],
    ['local: {address: {eq: "10.0.0.1"}}', ['nginx 443', 'dig 40000']],
    ['or: [{name: {eq: "dig"}}, {name: {eq: "named"}}], not: {state: {eq: "CLOSE"}}', ['dig 40000']],
    ['and: [{protocol: {eq: "TCP"}}, {remote: {port: {gt: 0}}}]', ['nginx 443']],
  ])('that match %s', async (filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it('refuse a filter that means nothing, and say where', async () => {
    await expect(found('or: [{name: {regex: "["}}]')).rejects.toThrow(/filter\.or\[0\]\.name\.regex/);
  });
});
