import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, publish, type Rig } from '../../server/rig.js';
import { PATIENCE } from '../../patience.js';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
  await publish(rig.url, {
    nodes: [
      { id: 'bridge-0000001', name: 'br0', type: 'bridge', host: 'web-1', metadata: { State: 'UP', IPV4: ['10.0.0.1/24', '10.0.1.1/24'] } },
      { id: 'veth-000000001', name: 'veth"1', type: 'veth', host: 'web-1' },
      { id: 'host-000000001', name: 'web-1', type: 'host', host: 'web-1' },
    ],
    edges: [
      { id: 'l2', source: 'bridge-0000001', target: 'veth-000000001', relationType: 'layer2' },
      { id: 'own', source: 'host-000000001', target: 'bridge-0000001', relationType: 'ownership' },
    ],
  });
});
afterAll(() => rig.close());

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function send(body: string | undefined, headers: Record<string, string> = {}, url = rig.url): Promise<Answered> {
  const response = await fetch(`${url}/api/topology`, { method: 'POST', headers, body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}
const ask = (query: string, headers: Record<string, string> = {}): Promise<Answered> =>
  send(JSON.stringify({ GremlinQuery: query }), headers);
const json = { accept: 'application/json' };
/** Times are of the clock. */
const timeless = (text: string): string => text.replace(/\d{13}/g, '0');

describe('answers', () => {
  it.each(['gzip', 'deflate'])('are packed by %s for who takes it, where that saves something', async (encoding) => {
    const get = (accepted: string) => fetch(`${rig.url}/api/topology`, { headers: { 'accept-encoding': accepted } });
    const packed = await get(encoding);
    expect(packed.headers.get('content-encoding')).toBe(encoding);
    expect(await packed.text()).toBe(await (await get('identity')).text());
  });

  it.each(['application/json', '*/*', 'text/html'])('are packed for who takes %s', async (accept) => {
    const response = await fetch(`${rig.url}/api/topology`, {
      method: 'POST',
      headers: { accept, 'accept-encoding': 'gzip' },
      body: '{"GremlinQuery":"G"}',
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(JSON.parse(await response.text())).toMatchObject([{ Nodes: expect.any(Array) as unknown }]);
  });
});

describe('POST /api/topology', () => {
  it.each([
    ['G.V().Count()', '3\n'],
    ["G.V().Has('Type', 'none')", '[]\n'],
    ["G.V().Values('None')", 'null\n'],
    ["G.V().Has('Type', 'none').SubGraph()", '[{"Nodes":null,"Edges":null}]\n'],
    ['G.V().Metrics()', '[]\n'],
    [
      "G.V('host-000000001')",
      '[{"ID":"host-000000001","Metadata":{"Name":"web-1","Type":"host"},"Host":"web-1","Origin":"pub.test","CreatedAt":0,"UpdatedAt":0,"DeletedAt":null,"Revision":1}]\n',
    ],
    [
      "G.E('own')",
      '[{"ID":"own","Metadata":{"RelationType":"ownership"},"Host":"","Origin":"pub.test","CreatedAt":0,"UpdatedAt":0,"DeletedAt":null,"Revision":1,"Parent":"host-000000001","Child":"bridge-0000001"}]\n',
    ],
    [
      "G.V('host-000000001').SubGraph()",
      '[{"Nodes":[{"ID":"host-000000001","Metadata":{"Name":"web-1","Type":"host"},"Host":"web-1","Origin":"pub.test","CreatedAt":0,"UpdatedAt":0,"DeletedAt":null,"Revision":1}],"Edges":null}]\n',
    ],
  ])('answers %s byte by byte', async (query, body) => {
    const answer = await ask(query, json);
    expect({ ...answer, body: timeless(answer.body) }).toEqual({ status: 200, type: 'application/json; charset=UTF-8', body });
  });

  it('gives the whole graph to its question', async () => {
    const [graph] = JSON.parse((await ask('G', json)).body) as { Nodes: { ID: string }[]; Edges: { ID: string }[] }[];
    expect(graph!.Nodes.map(({ ID }) => ID).sort()).toEqual(['bridge-0000001', 'host-000000001', 'veth-000000001']);
    expect(graph!.Edges.map(({ ID }) => ID).sort()).toEqual(['l2', 'own']);
  });

  it.each([
    ['an empty body', undefined],
    ['an empty string', '{"GremlinQuery":""}'],
    ['no string', '{}'],
  ])('has nothing to say to %s', async (_name, body) => {
    expect(await send(body)).toEqual({ status: 204, type: null, body: '' });
  });

  it.each([
    ['application/json', 'application/json; charset=UTF-8'],
    ['*/*', '*/*; charset=UTF-8'],
    ['text/html', 'text/html; charset=UTF-8'],
  ])('says back what is accepted: %s', async (accept, type) => expect((await ask('G.V().Count()', { accept })).type).toBe(type));

  it('takes the body for JSON whatever its type says, and keys in any case', async () => {
    const body = '{"gremlinquery":"G.V().Count()","Other":1}';
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/yaml'])
      expect((await send(body, { 'content-type': type })).body, type).toBe('3\n');
  });

  it.each([
    ["G.V().Hass('a')", 'Expected step function, got: Hass\n'],
    ['V()', 'found "V", expected `G`\n'],
    ["G.V('x')", "Node 'x' does not exist\n"],
    ['G.E().Sort()', "Invalid step 'Sort' on '*traversal.GraphTraversalE'\n"],
    [`G.V()${'.Out()'.repeat(1_000)}`, 'a query has at most 256 steps\n'],
  ])('refuses %s as text', async (query, body) => {
    expect(await ask(query, json)).toEqual({ status: 400, type: 'text/plain; charset=utf-8', body });
  });

  it.each(['{', '[]', '"G"', '{"GremlinQuery":1}'])('refuses the body %s', async (body) => {
    expect(await send(body)).toMatchObject({ status: 400, type: 'text/plain; charset=utf-8' });
  });

  it('draws a graph', async () => {
    const answer = await ask('G', { accept: 'text/vnd.graphviz' });
    expect([answer.status, answer.type]).toEqual([200, 'text/vnd.graphviz; charset=UTF-8']);
    const lines = answer.body.split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['digraph g {', '}']);
    expect(lines.slice(1, -1).sort()).toEqual(
      [
        String.raw`"br0-bridge-0" [label="br0-bridge-0\nType = bridge\nState = UP\nIPV4 = [10.0.0.1/24 10.0.1.1/24]"]`,
        String.raw`"br0-bridge-0" -> "veth\"1-veth-000" [label=layer2,dir=both]`,
        String.raw`"veth\"1-veth-000" [label="veth\"1-veth-000\nType = veth"]`,
        String.raw`"web-1-host-000" -> "br0-bridge-0" [label=ownership,dir=forward]`,
        String.raw`"web-1-host-000" [label="web-1-host-000\nType = host"]`,
      ].sort(),
    );
  });

  it.each([
    ['text/vnd.graphviz', 'Error while encoding response: Only graph can be outputted as dot\n'],
    ['application/vnd.tcpdump.pcap', 'Error while encoding response: Only RawPackets step result can be outputted as pcap\n'],
  ])('cannot write nodes as %s', async (accept, body) => {
    expect(await ask('G.V()', { accept })).toEqual({ status: 406, type: 'text/plain; charset=utf-8', body });
  });
});

describe('GET /api/topology', () => {
  it('is the whole graph as text', async () => {
    const response = await fetch(`${rig.url}/api/topology`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const text = await response.text();
    expect(text.endsWith('}\n')).toBe(true);
    const graph = JSON.parse(text) as { Nodes: unknown[]; Edges: unknown[] };
    expect([graph.Nodes.length, graph.Edges.length]).toEqual([3, 2]);
  });

  it('is the only other way', async () => {
    for (const method of ['HEAD', 'PUT', 'DELETE']) expect((await fetch(`${rig.url}/api/topology`, { method })).status).toBe(405);
  });
});

describe('the door', () => {
  it('asks for a token where GraphQL does', async () => {
    const locked = await openRig({ config: { 'tokens.readers': ['secret'] } });
    try {
      const body = '{"GremlinQuery":"G.V().Count()"}';
      expect(await send(body, {}, locked.url)).toMatchObject({ status: 401, type: 'text/plain; charset=utf-8' });
      expect(await send(body, { authorization: 'Bearer wrong' }, locked.url)).toMatchObject({ status: 401 });
      expect(await send(body, { authorization: 'Bearer secret' }, locked.url)).toMatchObject({ status: 200, body: '0\n' });
      expect((await fetch(`${locked.url}/api/topology`)).status).toBe(401);
    } finally {
      await locked.close();
    }
  });

  it('lets no page of another origin in', async () => {
    expect((await ask('G', { origin: 'https://elsewhere.example' })).status).toBe(403);
  });
});

it('a large answer arrives whole, and a client that hangs up leaves nothing open', async () => {
  const many = await openRig();
  try {
    const nodes = Array.from({ length: 3_000 }, (_, index) => ({
      id: `n${index}`,
      name: `n${index}`,
      type: 'thing',
      metadata: { Text: 'x'.repeat(500) },
    }));
    for (let from = 0; from < nodes.length; from += 500) await publish(many.url, { nodes: nodes.slice(from, from + 500) });
    const answer = await send('{"GremlinQuery":"G.V()"}', json, many.url);
    expect((JSON.parse(answer.body) as unknown[]).length).toBe(3_000);
    const { hostname, port } = new URL(many.url);
    const socket = connect(Number(port), hostname);
    const query = '{"GremlinQuery":"G.V()"}';
    socket.write(`POST /api/topology HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${query.length}\r\n\r\n${query}`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await expect
      .poll(async () => /canopy_open_views (\d+)/.exec(await (await fetch(`${many.url}/metrics`)).text())?.[1] ?? 'no figure', PATIENCE)
      .toBe('0');
  } finally {
    await many.close();
  }
});
