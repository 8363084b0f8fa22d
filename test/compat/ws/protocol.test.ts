import { describe, expect, it } from 'vitest';
import { openRig } from '../../server/rig.js';
import { askWhenFree, eventually, gremlinAt } from '../asking.js';
import { withClients } from './clients.js';
import { connectAgent, hostGraph } from './oldAgent.js';
import { Peer } from './peer.js';

const clients = withClients();
const { connect, keep, gremlin } = clients;
const node = (id: string, more: object = {}, around: object = {}) => ({
  ...{ ID: id, Host: 'h', Metadata: { Name: id, Type: 'thing', ...more } },
  ...around,
});
const edge = (id: string, parent: string, child: string) => ({
  ...{ ID: id, Host: 'h', Parent: parent, Child: child, Metadata: { RelationType: 'layer2' } },
});
const hears = (id: string) => (message: { Obj: unknown }) => (message.Obj as { ID?: string } | null)?.ID === id;

describe('what is told of an element', () => {
  it('has the fields, their order and their kinds that old clients know', async () => {
    const listener = await connect('/ws/subscriber');
    const frames: string[] = [];
    listener.webSocket.on('message', (data: Buffer) => frames.push(data.toString()));
    const publisher = await connect('/ws/publisher', { headers: { 'X-Host-ID': 'exact', 'X-Client-Type': 'kit' } });
    publisher.send(
      'NodeAdded',
      node(
        'exact-1',
        { Speed: 1.0, Ratio: 1.5, Flag: false, Nothing: null, Label: { b: '<&>', a: 2 ** 60 } },
        { CreatedAt: 1_600_000_000_000, UpdatedAt: 1_650_000_000_000, DeletedAt: null },
      ),
    );
    publisher.send('NodeAdded', node('exact-2', {}, { Host: null, Origin: null }));
    publisher.send('EdgeAdded', edge('exact-12', 'exact-1', 'exact-2'));
    await listener.until(hears('exact-12'));
    const of = (id: string): string => frames.find((frame) => frame.includes(`"ID":"${id}"`))!;
    expect(of('exact-1').replace(/"UUID":"[0-9a-f-]{36}"/, '"UUID":"-"')).toBe(
      '{"Namespace":"Graph","Type":"NodeAdded","UUID":"-","Status":200,"Obj":{"ID":"exact-1","Metadata":{"Flag":false,"Label":{"a":1152921504606846976,"b":"\\u003c\\u0026\\u003e"},"Name":"exact-1","Nothing":null,"Ratio":1.5,"Speed":1,"Type":"thing"},"Host":"h","Origin":"kit.exact","CreatedAt":1600000000000,"UpdatedAt":1650000000000,"DeletedAt":null,"Revision":1}}',
    );
    expect(JSON.parse(of('exact-2'))).toMatchObject({ Obj: { Host: '', Origin: 'kit.exact' } });
    const { Obj } = JSON.parse(of('exact-12')) as { Obj: object };
    expect(Object.keys(Obj)).toEqual([
      'ID',
      'Metadata',
      'Host',
      'Origin',
      'CreatedAt',
      'UpdatedAt',
      'DeletedAt',
      'Revision',
      'Parent',
      'Child',
    ]);
  });

  it('ends with its edges first, then itself, with the time of its end', async () => {
    const listener = await connect('/ws/subscriber');
    const publisher = await connect('/ws/publisher');
    for (const id of ['end-1', 'end-2']) publisher.send('NodeAdded', node(id));
    publisher.send('EdgeAdded', edge('end-12', 'end-1', 'end-2'));
    publisher.send('NodeDeleted', node('end-1'));
    const gone = await listener.until(({ Type, Obj }) => Type === 'NodeDeleted' && hears('end-1')({ Obj }));
    expect((gone.Obj as { DeletedAt: unknown }).DeletedAt).toBeTypeOf('number');
    expect(listener.told.filter((line) => line.includes('end-')).slice(-2)).toEqual(['EdgeDeleted end-12', 'NodeDeleted end-1']);
  });

  it('comes to a part of the graph in the order that old analyzers kept', async () => {
    const publisher = await connect('/ws/publisher');
    for (const id of ['part-1', 'part-2']) publisher.send('NodeAdded', node(id, { Part: id === 'part-1' }));
    publisher.send('EdgeAdded', edge('part-12', 'part-1', 'part-2'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'part-1').OutE().Count()")) === 1);
    const listener = await connect('/ws/subscriber', { headers: { 'X-Gremlin-Filter': "G.V().Has('Part', true).SubGraph()" } });
    publisher.send('NodeUpdated', node('part-2', { Part: true }, { Revision: 2 }));
    await listener.until(({ Type, Obj }) => Type === 'EdgeAdded' && hears('part-12')({ Obj }));
    publisher.send('NodeUpdated', node('part-2', { Part: false }, { Revision: 3 }));
    await listener.until(({ Type, Obj }) => Type === 'EdgeDeleted' && hears('part-12')({ Obj }));
    expect(listener.told).toEqual(['NodeAdded part-2', 'EdgeAdded part-12', 'NodeDeleted part-2', 'EdgeDeleted part-12']);
  });
});

describe('what publishers send', () => {
  it('may be JSON in a binary frame, with names in any case', async () => {
    const publisher = await connect('/ws/publisher');
    publisher.webSocket.send(
      Buffer.from(
        JSON.stringify({
          namespace: 'Graph',
          type: 'NodeAdded',
          uuid: 'x',
          obj: { id: 'binary', metadata: { Name: 'binary', Type: 'thing' } },
        }),
      ),
    );
    await eventually(async () => (await gremlin("G.V().Has('Name', 'binary').Count()")) === 1);
  });

  it.each<[string, object, boolean]>([
    ['a type', { Type: 'thing' }, true],
    ['no type', {}, false],
    ['an empty type', { Type: '' }, false],
    ['a namespace', { Type: 'netns', Path: '/run/netns/a' }, true],
    ['a namespace without a path', { Type: 'netns' }, false],
    ['a path and no type', { Path: '/run/netns/a' }, true],
    ['a port of a switch', { Type: 'ovsport', UUID: 'u' }, true],
    ['a port of a switch without a UUID', { Type: 'ovsport', Path: '/x' }, false],
    ['a UUID and no type', { UUID: 'u' }, true],
    ['an empty name', { Name: '', Type: 'thing' }, false],
  ])('is a node with %s', async (what, metadata, isTaken) => {
    const publisher = await connect('/ws/publisher');
    const id = `schema ${what}`;
    publisher.send('NodeAdded', { ID: id, Metadata: { Name: 'schema', ...metadata } });
    publisher.send('NodeAdded', node(`after ${what}`));
    await eventually(async () => (await gremlin(`G.V().Has('Name', 'after ${what}').Count()`)) === 1);
    expect(await gremlin(`G.V().Has('@ID', '${id}').Count()`)).toBe(isTaken ? 1 : 0);
  });

  it('is of themselves only', async () => {
    const agent = keep(await connectAgent(clients.url, 'owner'));
    agent.send('Sync', hostGraph('owner'));
    const other = await connect('/ws/publisher');
    for (const id of ['theirs-1', 'theirs-2']) other.send('NodeAdded', node(id));
    other.send('EdgeAdded', edge('theirs-12', 'theirs-1', 'theirs-2'));
    await eventually(async () => (await gremlin("G.V().Has('Name', 'theirs-1').OutE().Count()")) === 1);
    await eventually(async () => (await gremlin("G.V().Has('@Origin', 'agent.owner').Count()")) === 2);
    const made = await fetch(`${clients.url}/api/node`, { method: 'POST', body: JSON.stringify(node('by-rest')) });
    expect(made.status).toBe(201);

    for (const path of ['/ws/publisher', '/ws/pubsub']) {
      const thief = await connect(path);
      for (const id of ['theirs-1', 'by-rest', 'owner-eth0']) {
        thief.send('NodeUpdated', node(id, { Stolen: true }, { Revision: 99, Origin: 'agent.owner' }));
        thief.send('NodePartiallyUpdated', { ID: id, Revision: 99, UpdatedAt: Date.now(), Ops: [{ Type: 1, Key: 'Stolen', Value: true }] });
        thief.send('NodeDeleted', node(id));
      }
      thief.send('EdgeDeleted', edge('theirs-12', 'theirs-1', 'theirs-2'));
      thief.send('Sync', { Nodes: [node('theirs-2', { Stolen: true }), node(`thief ${path}`)], Edges: null });
      await eventually(async () => (await gremlin(`G.V().Has('Name', 'thief ${path}').Count()`)) === 1);
    }
    expect(await gremlin("G.V().HasKey('Stolen').Count()")).toBe(0);
    expect(await gremlin("G.V().Has('@ID', Within('theirs-1', 'theirs-2', 'by-rest', 'owner-eth0')).Count()")).toBe(4);
    expect(await gremlin("G.V('theirs-1').OutE().Count()")).toBe(1);
  });

  it('waits, and is not lost, where it comes faster than allowed', async () => {
    const slow = await openRig({ config: { 'quota.changesPerSecond': 100 } });
    try {
      const publisher = await Peer.connect(slow.url, '/ws/publisher', { headers: { 'X-Persistence-Policy': 'DeleteOnDisconnect' } });
      for (let index = 0; index < 1_300; index += 1) publisher.send('NodeAdded', node(`fast-${index}`));
      publisher.send('NodeUpdated', node('fast-0', { Colour: 'red' }, { Revision: 2 }));
      const count = (): Promise<unknown> => gremlinAt(slow.url, "G.V().Has('Name', Regex('fast-.*')).Count()");
      // Others are heard meanwhile.
      const other = await Peer.connect(slow.url, '/ws/publisher');
      other.send('NodeAdded', node('other'));
      await eventually(async () => (await gremlinAt(slow.url, "G.V().Has('Name', 'other').Count()")) === 1);
      expect(await count()).toBeLessThan(1_300);
      await eventually(async () => (await count()) === 1_300);
      await eventually(async () => JSON.stringify(await gremlinAt(slow.url, "G.V('fast-0').Values('Colour')")) === '["red"]');
      expect(publisher.closed).toBeUndefined();
      publisher.close();
      await eventually(async () => (await count()) === 0);
      other.close();
    } finally {
      await slow.close();
    }
  });
});

describe('a client that reads too slowly', () => {
  it.each(['/ws/subscriber', '/ws/pubsub'])('at %s is closed with the reason, and counted', { timeout: 120_000 }, async (path) => {
    const ample = 'x'.repeat(4_000_000);
    const tooSlow = async (): Promise<number> =>
      Number(/old_clients_too_slow_total (\d+)/.exec(await (await fetch(`${clients.url}/metrics`)).text())?.[1]);
    const before = await tooSlow();
    const publisher = await connect('/ws/publisher');
    let tries = 0;
    let closed: { readonly code: number; readonly reason: string };
    // Who reads nothing answers no pings either: on a busy machine it may be given up for that first.
    do {
      const hostId = `slow-${++tries}`;
      const slow = await connect(path, { headers: { 'X-Host-ID': hostId } });
      slow.webSocket.pause();
      const id = `ample ${path} ${tries}`;
      publisher.send('NodeAdded', node(id));
      // Fewer than are told at once of one element: later ones would be held back for a second each.
      for (let revision = 2; revision < 10; revision += 1)
        publisher.send('NodeUpdated', node(id, { Ample: ample, Step: revision }, { Revision: revision }));
      const isThere = async (): Promise<boolean> => (await (await askWhenFree(`${clients.url}/api/status`)).text()).includes(hostId);
      await eventually(async () => (await tooSlow()) > before || !(await isThere()));
      slow.webSocket.resume();
      closed = await slow.untilClosed();
      publisher.send('NodeDeleted', node(id));
    } while (closed.code === 1006);
    expect(closed).toEqual({ code: 1013, reason: expect.stringContaining('synchronize') as string });
    expect(await tooSlow()).toBeGreaterThan(before);
  });
});

describe('a handshake that fails', () => {
  it('says what is wrong', async () => {
    const plain = await fetch(`${clients.url}/ws/subscriber`);
    expect(plain.status).toBe(426);
    const guarded = await openRig({ config: { 'tokens.readers': ['look'] } });
    try {
      const refused = (path: string, headers: Record<string, string>) =>
        Peer.connect(guarded.url, path, { headers }).then((peer) => peer.close());
      await expect(refused('/ws/publisher', {})).rejects.toThrow('refused with 401');
      await expect(refused('/ws/publisher', { 'X-Auth-Token': 'look' })).rejects.toThrow('refused with 403');
      await expect(refused('/ws/nothing', { 'X-Auth-Token': 'look' })).rejects.toThrow('refused with 404');
    } finally {
      await guarded.close();
    }
  });
});
