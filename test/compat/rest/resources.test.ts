import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, type Rig } from '../../server/rig.js';
import { askWhenFree, eventually } from '../asking.js';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig.close());

interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  readonly json: () => Record<string, never>;
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, url = rig.url): Promise<Answered> {
  const response = await askWhenFree(`${url}/api${path}`, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text,
    json: () => JSON.parse(text) as Record<string, never>,
  };
}
const gremlin = async (query: string): Promise<unknown> => (await call('POST', '/topology', { GremlinQuery: query })).json();
const node = (id: string, more: object = {}) => ({ ID: id, Host: 'h', Metadata: { Name: id, Type: 'thing', ...more } });

describe('nodes and edges', () => {
  it('are made, read, changed and removed', async () => {
    const made = await call('POST', '/node', { ...node('n1', { Deep: { A: 1 } }), CreatedAt: 1_600_000_000_000 });
    expect(made).toMatchObject({ status: 201, type: 'application/json; charset=UTF-8' });
    expect(made.json()).toMatchObject({
      ID: 'n1',
      Host: 'h',
      Origin: expect.stringMatching(/^api\../) as string,
      Revision: 1,
      DeletedAt: null,
    });
    expect(made.json().CreatedAt).toBe(1_600_000_000_000);
    expect((await call('POST', '/node', node('n2'))).status).toBe(201);
    const edge = { ID: 'e/1', Parent: 'n1', Child: 'n2', Metadata: { RelationType: 'layer2' } };
    expect((await call('POST', '/edge', edge)).json()).toMatchObject({ ID: 'e/1', Parent: 'n1', Child: 'n2' });
    expect(Object.keys((await call('GET', '/node')).json())).toEqual(expect.arrayContaining(['n1', 'n2']));
    expect((await call('GET', '/edge/e/1')).json()).toMatchObject({ ID: 'e/1' });

    const patched = await call('PATCH', '/node/n1', [
      { op: 'add', path: '/Metadata/Colour', value: 'red' },
      { op: 'remove', path: '/Metadata/Deep' },
      { op: 'replace', path: '/Metadata/Type', value: 'other' },
    ]);
    expect(patched).toMatchObject({ status: 200 });
    expect(patched.json()).toMatchObject({ Revision: 2, Metadata: { Name: 'n1', Type: 'thing', Colour: 'red' } });
    expect(patched.json().Metadata).not.toHaveProperty('Deep');
    expect(await call('PATCH', '/node/n1', [{ op: 'add', path: '/Metadata/Colour', value: 'red' }])).toMatchObject({
      status: 304,
      text: '',
    });

    expect(await call('DELETE', '/node/n1')).toMatchObject({ status: 200, text: '', type: 'text/plain' });
    expect((await call('GET', '/node/n1')).status).toBe(404);
    expect((await call('GET', '/edge/e/1')).status).toBe(404);
  });

  it.each<[what: string, method: string, path: string, body: unknown, status: number, text: string | RegExp]>([
    ['no id', 'POST', '/node', { Metadata: { Name: 'x', Type: 'y' } }, 400, 'No ID found for graph element\n'],
    ['no type', 'POST', '/node', { ID: 'x', Metadata: { Name: 'x' } }, 400, /^invalid schema: .*Type/],
    ['a namespace without path', 'POST', '/node', { ID: 'x', Metadata: { Name: 'x', Type: 'netns' } }, 400, /^invalid schema: .*Path/],
    [
      'an edge from nowhere',
      'POST',
      '/edge',
      { ID: 'x', Parent: 'no', Child: 'no', Metadata: { RelationType: 'a' } },
      400,
      'Parent node not found\n',
    ],
    ['an edge without parent', 'POST', '/edge', { ID: 'x', Child: 'no', Metadata: { RelationType: 'a' } }, 400, 'parent ID wrong format\n'],
    ['no JSON', 'POST', '/node', '{', 400, /^the body is not JSON/],
    ['an unknown node', 'GET', '/node/nobody', undefined, 404, "Node 'nobody' not found\n"],
    ['an unknown node to remove', 'DELETE', '/node/nobody', undefined, 404, "Node 'nobody' not found\n"],
    ['an unknown node to change', 'PATCH', '/node/nobody', [], 404, ''],
    ['another method', 'PUT', '/node/nobody', {}, 405, ''],
    ['a HEAD', 'HEAD', '/node', undefined, 405, ''],
    ['a slash too many', 'GET', '/node/', undefined, 301, ''],
  ])('refuse %s', async (_what, method, path, body, status, text) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    if (typeof text === 'string') expect(answer.text).toBe(text);
    else expect(answer.text).toMatch(text);
  });

  it('are whose the client says, as long as that is nobody of ours', async () => {
    const origin = async (id: string, said: string): Promise<unknown> =>
      (await call('POST', '/node', { ...node(id), Origin: said })).json().Origin;
    expect(await origin('o1', 'cli.somewhere')).toBe('cli.somewhere');
    expect(await origin('o2', 'agent.somewhere')).toMatch(/^api\./);
    expect((await call('PATCH', '/node/o1', [{ op: 'add', path: '/Metadata/A', value: 1 }])).status).toBe(200);
    expect((await call('DELETE', '/node/o1')).status).toBe(200);
  });

  it('refuse a patch that cannot be applied, and a second of the same id', async () => {
    await call('POST', '/node', node('n9'));
    expect(await call('POST', '/node', node('n9'))).toMatchObject({ status: 400, text: 'Node ID conflict\n' });
    expect(await call('POST', '/node', { ...node('n10'), Metadata: { Name: 'odd', Type: 'constructor' } })).toMatchObject({ status: 201 });
    expect((await call('PATCH', '/node/n9', [{ op: 'replace', path: '/Metadata/None', value: 1 }])).text).toMatch(
      /^applying JSON patch to resource/,
    );
    expect((await call('PATCH', '/node/n9', { op: 'add' })).text).toMatch(/^incorrect JSON patch/);
  });
});

describe('node rules', () => {
  it('make a node and lay metadata over others, as long as they are there', async () => {
    const made = (await call('POST', '/noderule', { Action: 'create', Metadata: { Name: 'tor', Type: 'fabric' } })).json();
    expect(made).toMatchObject({ UUID: expect.any(String) as string, Action: 'create', Metadata: { Name: 'tor' }, Query: '' });
    await eventually(async () => (await gremlin("G.V().Has('Type', 'fabric', 'Probe', 'fabric').Count()")) === 1);

    await call('POST', '/node', node('r1', { Kind: 'ruled' }));
    const update = { Action: 'update', Query: "G.V().Has('Kind', 'ruled')", Metadata: { Site: { Rack: 'r12' } } };
    const rule = (await call('POST', '/noderule', update)).json();
    await eventually(async () => (await gremlin("G.V().Has('Site.Rack', 'r12').Count()")) === 1);
    await call('POST', '/node', node('r2', { Kind: 'ruled' }));
    await eventually(async () => (await gremlin("G.V().Has('Site.Rack', 'r12').Count()")) === 2);
    await call('PATCH', '/node/r1', [{ op: 'remove', path: '/Metadata/Kind' }]);
    await eventually(async () => (await gremlin("G.V().Has('Site.Rack', 'r12').Count()")) === 1);

    await call('DELETE', `/noderule/${String(rule.UUID)}`);
    await eventually(async () => (await gremlin("G.V().Has('Site.Rack').Count()")) === 0);
    await call('DELETE', `/noderule/${String(made.UUID)}`);
    await eventually(async () => (await gremlin("G.V().Has('Type', 'fabric').Count()")) === 0);
  });

  it('do not lose what they find by what they lay over it', async () => {
    let own = await openRig();
    try {
      const at = (method: string, path: string, body?: unknown) => call(method, path, body, {}, own.url);
      const ask = async (query: string): Promise<unknown> => (await at('POST', '/topology', { GremlinQuery: query })).json();
      for (const id of ['s1', 's2']) await at('POST', '/node', node(id, { Kind: 'bare' }));
      const sites = async (): Promise<unknown> => ask("G.V().Has('Site.Rack').Sort('Name').Values('Name')");
      await at('POST', '/noderule', {
        Action: 'update',
        Query: "G.V().Has('Kind', 'bare').HasNot('Site')",
        Metadata: { 'Site.Rack': 'r1' },
      });
      // Two that rule each other out: one of them stays.
      for (const [mine, other] of [
        ['Odd', 'Even'],
        ['Even', 'Odd'],
      ])
        await at('POST', '/noderule', { Action: 'update', Query: `G.V('s1').HasNot('${other}')`, Metadata: { [mine!]: true } });
      await at('POST', '/noderule', { Action: 'update', Query: "G.V().Has('Site.Rack', 'r1')", Metadata: { Site: { Row: 7 } } });
      await eventually(async () => (await ask("G.V().Has('Site.Rack', 'r1', 'Site.Row', 7).Count()")) === 2);
      const revisions = (): Promise<unknown> => ask("G.V().Has('Type', 'thing').Sort('Name').Values('@Revision')");
      // They look again whenever something happens: what happens here is nothing to them.
      const staysSo = async (): Promise<void> => {
        await eventually(async () => (await ask("G.V('s1').HasEither('Odd', true, 'Even', true).Count()")) === 1);
        const before = JSON.stringify(await revisions());
        for (let round = 0; round < 5; round += 1) {
          await at('POST', '/node', { ID: `other${Math.random()}`, Metadata: { Name: 'other', Type: 'other' } });
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
        expect(JSON.stringify(await revisions())).toBe(before);
      };
      await staysSo();
      own = await own.restart();
      await staysSo();
      expect(await sites()).toEqual(['s1', 's2']);
      await at('PATCH', '/node/s1', [{ op: 'remove', path: '/Metadata/Kind' }]);
      await eventually(async () => JSON.stringify(await sites()) === '["s2"]');
    } finally {
      await own.close();
    }
  });

  it('share a node that two of them want', async () => {
    const [one, two] = await Promise.all(
      ['a', 'b'].map(async (key) =>
        (await call('POST', '/noderule', { Action: 'create', Metadata: { Name: 'shared', Type: 'pdu', [key]: 1 } })).json(),
      ),
    );
    await eventually(async () => (await gremlin("G.V().Has('Type', 'pdu', 'a', 1, 'b', 1).Count()")) === 1);
    await call('DELETE', `/noderule/${String(one!.UUID)}`);
    await eventually(async () => (await gremlin("G.V().Has('Type', 'pdu').HasNot('a').Count()")) === 1);
    await call('DELETE', `/noderule/${String(two!.UUID)}`);
    await eventually(async () => (await gremlin("G.V().Has('Type', 'pdu').Count()")) === 0);
  });

  it('are still followed after a restart, and what went meanwhile is cleared away', async () => {
    let own = await openRig();
    try {
      const at = (method: string, path: string, body?: unknown) => call(method, path, body, {}, own.url);
      const rule = (await at('POST', '/noderule', { Action: 'create', Metadata: { Name: 'kept', Type: 'ups' } })).json();
      const count = async () => (await at('POST', '/topology', { GremlinQuery: "G.V().Has('Type', 'ups').Count()" })).text;
      await eventually(async () => (await count()) === '1\n');
      own = await own.restart();
      expect(await count()).toBe('1\n');
      await at('DELETE', `/noderule/${String(rule.UUID)}`);
      await eventually(async () => (await count()) === '0\n');
    } finally {
      await own.close();
    }
  });

  it.each([
    [{ Action: 'destroy', Metadata: {} }, /neither create nor update/],
    [{ Action: 'create', Metadata: { Name: 'x' } }, /^invalid schema/],
    [{ Action: 'update', Metadata: { A: 1 }, Query: '' }, /^Query: /],
    [{ Action: 'update', Metadata: { A: 1 }, Query: 'G.V(' }, /^Query: Not a valid Gremlin expression/],
    [{ Action: 'update', Metadata: { A: 1 }, Query: 'G.V().Count()' }, /^Query: a query that finds nodes/],
    [{ Action: 'update', Metadata: { Type: 'x' }, Query: 'G.V()' }, /^Name and Type fields can not be changed/],
  ])('refuse %j', async (rule, text) => {
    const answer = await call('POST', '/noderule', rule);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(text);
  });
});

describe('edge rules', () => {
  it('link all pairs, now and later, and take their edges along', async () => {
    for (const id of ['s1', 's2', 't1']) await call('POST', '/node', node(id, { Role: id[0] }));
    const rule = { Src: "G.V().Has('Role', 's')", Dst: "G.V().Has('Role', 't')", Metadata: { RelationType: 'wire' } };
    const { UUID } = (await call('POST', '/edgerule', rule)).json();
    const links = () => gremlin("G.E().Has('RelationType', 'wire').Count()");
    await eventually(async () => (await links()) === 2);
    await call('POST', '/node', node('t2', { Role: 't' }));
    await eventually(async () => (await links()) === 4);
    await call('DELETE', '/node/s1');
    await eventually(async () => (await links()) === 2);
    await call('POST', '/node', node('s1', { Role: 's' }));
    await eventually(async () => (await links()) === 4);
    await call('DELETE', `/edgerule/${String(UUID)}`);
    await eventually(async () => (await links()) === 0);
  });
});

describe('what cannot be changed', () => {
  it('is told so after all that is wrong with the question', async () => {
    const plain = (await call('POST', '/capture', { GremlinQuery: "G.V().Has('Name', 'fixed')" })).json();
    expect(plain).toMatchObject({ SamplingRate: 0, PollingInterval: 0 });
    const path = `/capture/${String(plain.UUID)}`;
    expect((await call('PATCH', path, {})).text).toMatch(/^incorrect JSON patch/);
    expect(await call('PATCH', '/capture/none', [])).toMatchObject({ status: 404, text: '' });
    expect((await call('PATCH', path, [{ op: 'replace', path: '/None', value: 1 }])).text).toMatch(/^applying JSON patch to resource/);
    expect(await call('PATCH', path, [{ op: 'add', path: '/Name', value: 'x' }])).toMatchObject({
      status: 400,
      text: 'updating resource with patched version: resource not updatable\n',
    });
    expect((await call('DELETE', path)).status).toBe(200);
  });
});

describe('captures, alerts and workflows', () => {
  it('are kept and listed', async () => {
    const capture = (
      await call('POST', '/capture', {
        GremlinQuery: "G.V().Has('Name', 'nothing')",
        SamplingRate: 1,
        PollingInterval: 10,
        ExtraLayers: 255,
      })
    ).json();
    expect(capture).toMatchObject({ Count: 0, LayerKeyMode: 'L2', SamplingRate: 1, PollingInterval: 10, ExtraLayers: 255 });
    expect(capture).toMatchObject({ ExtraTCPMetric: false });
    expect((await call('GET', '/capture')).json()).toHaveProperty(String(capture.UUID));
    expect(capture).not.toHaveProperty('HeaderSize');
    expect(await call('POST', '/capture', { GremlinQuery: "G.V().Has('Name', 'nothing')" })).toMatchObject({
      status: 409,
      text: 'duplicated resource\n',
    });
    expect((await call('DELETE', `/capture/${String(capture.UUID)}`)).status).toBe(200);
    expect((await call('GET', `/capture/${String(capture.UUID)}`)).text).toBe(`Capture '${String(capture.UUID)}' not found\n`);

    const alert = (await call('POST', '/alert', { Expression: 'G.V().Has("MTU", Lt(1500))' })).json();
    expect(alert).toMatchObject({
      Action: '',
      Trigger: 'graph',
      Expression: 'G.V().Has("MTU", Lt(1500))',
      CreateTime: expect.any(String) as string,
    });
    const changed = await call('PATCH', `/alert/${String(alert.UUID)}`, [{ op: 'add', path: '/Name', value: 'small' }]);
    expect(changed.json()).toMatchObject({ UUID: alert.UUID, Name: 'small' });
    expect((await call('PATCH', `/alert/${String(alert.UUID)}`, [{ op: 'replace', path: '/UUID', value: 'x' }])).status).toBe(400);
    const workflow = await call('POST', '/workflow', 'Name: check\nSource: return 1\n', { 'content-type': 'application/yaml' });
    expect(workflow.json()).toMatchObject({ Name: 'check', Source: 'return 1' });
    expect(await call('POST', '/workflow', { Name: 'check', Source: 'return 2' })).toMatchObject({
      status: 400,
      text: 'Duplicate workflow, name=check\n',
    });
    expect(await call('POST', `/workflow/${String(workflow.json().UUID)}/call`, { Params: [] })).toMatchObject({ status: 501 });
    expect(await call('POST', '/workflow/none/call', {})).toMatchObject({ status: 400, text: 'No workflow found with ID: none\n' });
    const bundled = Object.values((await call('GET', '/workflow')).json() as Record<string, Record<string, string>>);
    expect(bundled.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['CheckConnectivity', 'CheckMTU', 'FlowMatrix', 'FlowValidation', 'check']),
    );
    const mtu = `/workflow/${bundled.find(({ Name }) => Name === 'CheckMTU')!.UUID}`;
    expect((await call('GET', mtu)).json()).toMatchObject({ Parameters: [{ Name: 'source', Type: 'node' }, { Name: 'destination' }] });
    expect((await call('DELETE', mtu)).status).toBe(400);
    expect((await call('PATCH', mtu, [{ op: 'add', path: '/Title', value: 'x' }])).status).toBe(400);
    expect((await call('POST', '/workflow', { Name: 'CheckMTU', Source: 'x' })).text).toBe('Duplicate workflow, name=CheckMTU\n');
  });

  it('go by themselves where they were given a time', async () => {
    const { UUID } = (await call('POST', '/alert', { Expression: 'true' }, { 'X-Resource-TTL': '1s' })).json();
    expect((await call('GET', `/alert/${String(UUID)}`)).status).toBe(200);
    await eventually(async () => (await call('GET', `/alert/${String(UUID)}`)).status === 404);
  });

  it.each([
    [{ Type: 'arp', Src: 'G.V()' }, 'given type is not supported\n'],
    [{ Type: 'icmp4', Mode: 'odd', Src: 'G.V()' }, 'given mode is not supported\n'],
    [{ Type: 'icmp4', Src: "G.V().Has('Name', 'nobody')" }, "Not able to find a source node for 'G.V().Has('Name', 'nobody')'\n"],
    [{ Type: 'icmp4', Src: 7 }, 'Src: a text is needed, not 7\n'],
  ])('refuse an injection %j', async (body, text) => {
    expect(await call('POST', '/injectpacket', body)).toMatchObject({ status: 400, text });
    expect((await call('GET', '/injectpacket')).json()).toEqual({});
  });

  it.each([
    ['/capture', {}, /^GremlinQuery: Not a valid Gremlin expression: found "", expected `G`\n$/],
    ['/capture', { GremlinQuery: 'G.V(' }, /^GremlinQuery: Not a valid Gremlin expression: Expected right parenthesis\n$/],
    ['/capture', { GremlinQuery: 'G.V().Count()' }, /^GremlinQuery: .*finds nodes/],
    ['/capture', { GremlinQuery: 'G.V()', Type: 'magic' }, /^Type: Not a valid capture type: magic, available types: \[afpacket/],
    ['/capture', { GremlinQuery: 'G.V()', HeaderSize: 3 }, /^HeaderSize: 3 is not valid; give 0/],
    ['/capture', { GremlinQuery: 'G.V()', RawPacketLimit: -1 }, /^RawPacketLimit: A valid raw packet limit size is > 0 && <= 10\n$/],
    ['/capture', { GremlinQuery: 'G.V()', BPFFilter: 'tcpx' }, /^BPFFilter: /],
    ['/capture', { GremlinQuery: 'G.V()', Type: 'ebpf', RawPacketLimit: 2 }, /^ebpf capture doesn't support raw packet capture/],
    ['/alert', { Expression: '' }, /^Expression/],
    ['/alert', { Expression: 'x', Trigger: 'duration:0s' }, /^Trigger/],
    ['/alert', { Expression: 'x', Trigger: 'sometimes' }, /^Trigger: regular expression mismatch/],
    ['/workflow', { Source: 'x' }, /^Name/],
  ])('refuse at %s %j', async (path, body, text) => {
    const answer = await call('POST', path, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(text);
  });

  it('refuse a time that is none', async () => {
    expect((await call('POST', '/alert', { Expression: 'x' }, { 'X-Resource-TTL': 'soon' })).text).toMatch(/^invalid ttl: /);
  });

  it('take no time at all for none', async () => {
    const made = await call('POST', '/alert', { Expression: 'true' }, { 'X-Resource-TTL': '0s' });
    expect(made.status).toBe(201);
    expect((await call('DELETE', `/alert/${String(made.json().UUID)}`)).status).toBe(200);
  });
});

describe('what the analyzer says of itself', () => {
  it('at /api, /api/status and /api/config', async () => {
    expect((await call('GET', '')).json()).toMatchObject({
      Service: 'analyzer',
      Host: expect.any(String) as string,
      Version: expect.any(String) as string,
    });
    expect(await call('GET', '/')).toMatchObject({ status: 301 });
    expect((await call('GET', '/status')).json()).toMatchObject({
      Agents: {},
      Publishers: {},
      Subscribers: {},
      Alerts: { IsMaster: true },
    });
    expect((await call('GET', '/config/analyzer.listen')).text).toBe('"127.0.0.1:0"\n');
    for (const [key, value] of [
      ['etcd.embedded', true],
      ['etcd.servers', []],
      ['flow.update', 60],
      ['flow.expire', 600],
      ['flow.max_entries', 500_000],
      ['logging.level', 'INFO'],
      ['agent.topology.netlink.metrics_update', 30],
    ] as const)
      expect([key, (await call('GET', `/config/${key}`)).json()]).toEqual([key, value]);
    expect((await call('GET', '/config/tokens.writers')).text).toBe('""\n');
    for (const key of ['nothing.such', 'constructor', '__proto__', 'toString'])
      expect((await call('GET', `/config/${key}`)).text, key).toBe('""\n');
  });
});

describe('who asks', () => {
  it('shows a token, or gets one at /login', async () => {
    const guarded = await openRig({ config: { 'tokens.readers': ['look'], 'tokens.writers': ['write'] } });
    try {
      const at = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
        call(method, path, body, headers, guarded.url);
      expect(await at('GET', '', {})).toMatchObject({ status: 401, text: expect.stringMatching(/credentials/) as string });
      expect((await at('GET', '/node', { 'x-auth-token': 'look' })).status).toBe(200);
      for (const authorization of ['look', 'Bearer look', 'basic look'])
        expect((await at('GET', '/node', { authorization })).status).toBe(200);
      expect((await at('GET', '/node', { authorization: 'Any look' })).status).toBe(401);
      expect((await at('POST', '/node', { 'x-auth-token': 'look' }, node('x'))).status).toBe(405);
      expect((await at('POST', '/node', { cookie: 'authtoken=write' }, node('x'))).status).toBe(201);
      const login = (form: string) =>
        fetch(`${guarded.url}/login`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
      expect((await login('username=a&password=wrong')).status).toBe(401);
      const answer = await login('username=a&password=look');
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(['authtoken', 'permissions']);
      expect(await answer.json()).toMatchObject({
        Token: 'look',
        Permissions: expect.arrayContaining([{ Object: 'node', Action: 'write', Allowed: false }]) as unknown,
      });
      expect((await fetch(`${guarded.url}/login`, { redirect: 'manual' })).status).toBe(302);
    } finally {
      await guarded.close();
    }
  });
});
