import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openRig } from '../../server/rig.js';
import { eventually } from '../asking.js';
import { withClients } from './clients.js';
import { Peer } from './peer.js';

const clients = withClients();
const { connect, gremlin } = clients;

const node = (id: string, more: object = {}) => ({ ID: id, Host: 'h', Metadata: { Name: id, Type: 'thing', ...more } });
const edge = (id: string, parent: string, child: string) => ({
  ID: id,
  Host: 'h',
  Parent: parent,
  Child: child,
  Metadata: { RelationType: 'layer2' },
});
const idsIn = ({ Obj }: { Obj: unknown }) => {
  const { Nodes, Edges } = Obj as Record<'Nodes' | 'Edges', { ID: string }[] | null>;
  return [...(Nodes ?? []), ...(Edges ?? [])].map(({ ID }) => ID).sort();
};

describe.each(['json', 'protobuf'] as const)('old clients that speak %s', (protocol) => {
  const name = (text: string) => `${protocol}-${text}`;

  it('publish and hear what is published', async () => {
    const listener = await connect('/ws/subscriber', { protocol });
    const publisher = await connect('/ws/publisher', { protocol, headers: { 'X-Host-ID': name('p1'), 'X-Client-Type': 'kit' } });
    const [a, b, ab] = [name('a'), name('b'), name('ab')];
    publisher.send('NodeAdded', node(a));
    publisher.send('NodeAdded', node(b));
    publisher.send('EdgeAdded', edge(ab, a, b));
    publisher.send('NodeUpdated', node(a, { Colour: 'red' }));
    const updated = await listener.until(({ Type, Obj }) => Type === 'NodeUpdated' && (Obj as { ID: string }).ID === a);
    expect(updated).toMatchObject({
      Namespace: 'Graph',
      Status: 200,
      Obj: { Origin: `kit.${name('p1')}`, Revision: 2, Metadata: { Colour: 'red' } },
    });
    publisher.send('NodeDeleted', node(b));
    await listener.until(({ Type, Obj }) => Type === 'NodeDeleted' && (Obj as { ID: string }).ID === b);
    const own = listener.told.filter((line) => line.includes(protocol));
    expect(own).toEqual([
      `NodeAdded ${a}`,
      `NodeAdded ${b}`,
      `EdgeAdded ${ab}`,
      `NodeUpdated ${a}`,
      `EdgeDeleted ${ab}`,
      `NodeDeleted ${b}`,
    ]);
  });

  it('get a picture on request, and with a filter its part of it', async () => {
    const publisher = await connect('/ws/publisher', { protocol });
    publisher.send('NodeAdded', node(name('x'), { Type: name('kind') }));
    publisher.send('NodeAdded', node(name('y')));
    const listener = await connect('/ws/subscriber', { protocol });
    await eventually(async () => idsIn(await listener.synchronize()).includes(name('y')));
    const filter = `G.V().Has('Type', '${name('kind')}').SubGraph()`;
    expect(idsIn(await listener.synchronize({ GremlinFilter: filter }))).toEqual([name('x')]);
    const before = listener.received.length;
    publisher.send('NodeUpdated', node(name('y'), { Type: name('kind') }));
    publisher.send('NodeUpdated', node(name('x'), { Type: name('kind'), Size: 3 }));
    await listener.until(({ Type, Obj }) => Type === 'NodeUpdated' && (Obj as { ID: string }).ID === name('x'));
    publisher.send('NodeUpdated', node(name('y')));
    await listener.until(({ Type, Obj }) => Type === 'NodeDeleted' && (Obj as { ID: string }).ID === name('y'));
    expect(listener.told.slice(before)).toEqual([`NodeAdded ${name('y')}`, `NodeUpdated ${name('x')}`, `NodeDeleted ${name('y')}`]);
    expect(idsIn(await listener.synchronize({ GremlinFilter: '' }))).toContain(name('y'));
  });

  it('are told what changed only, where they want it so', async () => {
    const publisher = await connect('/ws/publisher', { protocol });
    const listener = await connect('/ws/subscriber', { protocol, headers: { 'X-Update-Policy': 'Partial' } });
    const id = name('partial');
    publisher.send('NodeAdded', node(id, { Deep: { A: 1, B: 2 } }));
    publisher.send('NodePartiallyUpdated', {
      ID: id,
      Revision: 2,
      UpdatedAt: Date.now(),
      Ops: [
        { Type: 1, Key: 'Deep.A', Value: 7 },
        { Type: 2, Key: 'Deep.B' },
      ],
    });
    const { Obj } = await listener.until(({ Type }) => Type === 'NodePartiallyUpdated');
    expect(Obj).toMatchObject({ ID: id, Revision: 2 });
    const { Ops } = Obj as { Ops: { Key: string }[] };
    expect(Ops.sort((x, y) => (x.Key < y.Key ? -1 : 1))).toEqual([
      { Type: 1, Key: 'Deep.A', Value: 7 },
      { Type: 2, Key: 'Deep.B' },
    ]);
  });
});

describe('a publisher', () => {
  it('takes its elements along where it wants to leave nothing', async () => {
    const headers = { 'X-Host-ID': 'guest', 'X-Client-Type': 'kit', 'X-Persistence-Policy': 'DeleteOnDisconnect' };
    const publisher = await connect('/ws/publisher', { headers });
    publisher.send('NodeAdded', node('guest-1'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'guest-1').Count()")) === 1);
    publisher.close();
    await eventually(async () => (await gremlin("G.V().Has('Name', 'guest-1').Count()")) === 0);
  });

  it('is heard to its last word, also when its line is cut', async () => {
    const publisher = await connect('/ws/publisher');
    for (let index = 0; index < 6; index++) publisher.send('NodeAdded', node(`last-${index}`));
    await new Promise((resolve) => publisher.webSocket.once('pong', resolve) && publisher.webSocket.ping());
    publisher.close();
    await eventually(async () => (await gremlin("G.V().Has('Name', Regex('last-.*')).Count()")) === 6);
  });

  it('replaces everything of its own by a picture', async () => {
    const headers = { 'X-Host-ID': 'mover', 'X-Client-Type': 'kit' };
    const publisher = await connect('/ws/publisher', { headers });
    for (const id of ['m1', 'm2']) publisher.send('NodeAdded', node(id, { Set: 'movers' }));
    publisher.send('Sync', { Nodes: [node('m2', { Set: 'movers' }), node('m3', { Set: 'movers' })], Edges: [edge('m23', 'm2', 'm3')] });
    await eventually(async () => JSON.stringify(await gremlin("G.V().Has('Set', 'movers').Values('Name')")) === '["m2","m3"]');
    expect(await gremlin("G.V('m2').OutE().Count()")).toBe(1);
    expect(await gremlin("G.V('m2').Values('@Revision')")).toEqual([1]);
  });

  it('is not heard with what is wrong, and goes on', async () => {
    const publisher = await connect('/ws/publisher');
    const other = await connect('/ws/publisher');
    publisher.send('NodeAdded', { ID: 'bad-1', Metadata: { Name: 'no type' } });
    publisher.send('NodeAdded', { ID: 'bad-2', Metadata: { Name: 'ns', Type: 'netns' } });
    publisher.send('NodeAdded', { Metadata: { Name: 'no id', Type: 'thing' } });
    publisher.send('NodeAdded', { ID: 'bad-3', CreatedAt: '2020-01-01', Metadata: { Name: 'x', Type: 'thing' } });
    publisher.send('EdgeAdded', { ID: 'bad-4', Parent: '', Child: 'x', Metadata: { RelationType: 'layer2' } });
    publisher.send('NodeUpdated', node('bad-5'));
    publisher.send('Nonsense', {});
    publisher.send('NodeAdded', 7);
    publisher.webSocket.send('no JSON');
    publisher.webSocket.send(Buffer.from([1, 2, 3]));
    publisher.send('NodeAdded', node('good'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'good').Count()")) === 1);
    expect(await gremlin("G.V().Has('@ID', Regex('bad.*')).Count()")).toBe(0);
    other.send('NodeDeleted', node('good'));
    other.send('NodeUpdated', node('good', { Stolen: true }));
    other.send('NodeAdded', node('witness'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'witness').Count()")) === 1);
    expect(await gremlin("G.V('good').Values('Stolen')")).toBeNull();
  });

  it('hears of others and not of itself, where it also listens', async () => {
    const both = await connect('/ws/pubsub');
    const publisher = await connect('/ws/publisher');
    both.send('NodeAdded', node('echo-own'));
    publisher.send('NodeAdded', node('echo-other'));
    await both.until(({ Obj }) => (Obj as { ID: string }).ID === 'echo-other');
    expect(both.told).not.toContain('NodeAdded echo-own');
    expect(idsIn(await both.synchronize())).toContain('echo-own');
  });
});

describe('a picture', () => {
  it('is of the time that is asked for', async () => {
    const publisher = await connect('/ws/publisher');
    publisher.send('NodeAdded', node('past'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'past').Count()")) === 1);
    const then = Date.now();
    // The axis of time goes on before the next change.
    await new Promise((resolve) => setTimeout(resolve, 20));
    publisher.send('NodeDeleted', node('past'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'past').Count()")) === 0);
    const listener = await connect('/ws/subscriber');
    expect(idsIn(await listener.synchronize({ Time: then, GremlinFilter: null }))).toContain('past');
    expect(idsIn(await listener.synchronize())).not.toContain('past');
  });
});

describe('the heart', () => {
  it('beats at once and goes on; who does not answer is given up', async () => {
    const dead = new WebSocket(`${clients.url.replace('http', 'ws')}/ws/subscriber`, {
      headers: { 'X-Host-ID': 'dead', 'X-Client-Type': 'test' },
      autoPong: false,
    });
    let pings = 0;
    dead.on('ping', () => (pings += 1));
    const closed = new Promise<void>((resolve) => dead.once('close', () => resolve()));
    await eventually(() => pings > 1);
    await closed;
  });
});

describe('the door', () => {
  it('says who it is', async () => {
    const { upgrade } = await connect('/ws/subscriber');
    expect(upgrade!.headers).toMatchObject({ 'x-service-type': 'analyzer', 'x-host-id': expect.stringMatching(/./) as string });
  });

  it('lets in one client of a name', async () => {
    const headers = { 'X-Host-ID': 'twin' };
    await connect('/ws/subscriber', { headers });
    await expect(connect('/ws/subscriber', { headers })).rejects.toThrow('refused with 409');
    await connect('/ws/publisher', { headers });
  });

  it.each<[string, Record<string, string>]>([
    ['no type', { 'X-Client-Type': '' }],
    ['an unknown protocol', { 'X-Client-Protocol': 'xml' }],
    ['an unknown update policy', { 'X-Update-Policy': 'some' }],
    ['a filter that is none', { 'X-Gremlin-Filter': 'G.V(' }],
    ['a filter that gives no graph', { 'X-Gremlin-Filter': 'G.V()' }],
  ])('closes on a client with %s', async (_what, headers) => {
    const peer = await connect('/ws/subscriber', { headers });
    expect((await peer.untilClosed()).code).toBe(1000);
  });

  it('answers a bad filter', async () => {
    const peer = await connect('/ws/subscriber', { headers: { 'X-Host-ID': 'filterer' } });
    const reply = await peer.synchronize({ GremlinFilter: 'G.V().Nope()' });
    expect(reply).toMatchObject({ Type: 'SyncReply', Status: 400 });
    expect(reply.Obj).toBe("Invalid Gremlin filter 'G.V().Nope()' for client filterer");
  });

  it('tells a namespace only to who asked for it', async () => {
    const deaf = await connect('/ws/subscriber', { headers: { 'X-Websocket-Namespace': ['Alert', 'Other'] } });
    const publisher = await connect('/ws/publisher');
    const listener = await connect('/ws/subscriber', { headers: { 'X-Websocket-Namespace': ['Alert', 'Graph'] } });
    publisher.send('NodeAdded', node('heard'));
    await listener.until(({ Obj }) => (Obj as { ID: string }).ID === 'heard');
    expect(deaf.received).toEqual([]);
  });

  it('takes what a client cannot put into headers from the address', async () => {
    const peer = await connect(`/ws/subscriber?x-gremlin-filter=${encodeURIComponent("G.V().Has('Name', 'query').SubGraph()")}`);
    const publisher = await connect('/ws/publisher');
    publisher.send('NodeAdded', node('noise'));
    publisher.send('NodeAdded', node('query'));
    await peer.until(({ Obj }) => (Obj as { ID: string }).ID === 'query');
    expect(peer.told).toEqual(['NodeAdded query']);
  });

  it('asks for a token where one is needed, in any of the ways that clients know', async () => {
    const guarded = await openRig({ config: { 'tokens.readers': ['look'], 'tokens.writers': ['write'] } });
    try {
      const open = async (path: string, headers: Record<string, string>) => {
        const peer = await Peer.connect(guarded.url, path, { headers });
        peer.close();
      };
      await expect(open('/ws/subscriber', {})).rejects.toThrow('refused with 401');
      await expect(open('/ws/subscriber', { Cookie: 'authtoken=wrong' })).rejects.toThrow('refused with 401');
      await expect(open('/ws/publisher', { 'X-Auth-Token': 'look' })).rejects.toThrow('refused with 403');
      await open('/ws/subscriber', { 'X-Auth-Token': 'look' });
      await open('/ws/subscriber', { Authorization: 'Bearer look' });
      await open('/ws/publisher', { Cookie: 'other=1; authtoken=write' });
      await open('/ws/publisher', { Cookie: 'authtoken=stale', Authorization: 'Basic write' });
      await open('/ws/publisher?x-auth-token=write', {});
    } finally {
      await guarded.close();
    }
  });
});
