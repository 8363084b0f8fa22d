import { describe, expect, it } from 'vitest';
import { askWhenFree, eventually } from '../asking.js';
import { encodeMessage } from '../flows/encode.js';
import { withClients } from './clients.js';
import { connectAgent, connectFlows, hostGraph } from './oldAgent.js';
import type { Message, Peer } from './peer.js';

const clients = withClients();
const { connect, keep, gremlin } = clients;

/** Connects as an agent; `more` is on its interface already. */
async function agent(host: string, more: object = {}, protocol: 'json' | 'protobuf' = 'protobuf'): Promise<Peer> {
  const peer = keep(await connectAgent(clients.url, host, protocol));
  peer.send('Sync', hostGraph(host, more));
  await eventually(async () => (await gremlin(`G.V().Has('@Origin', 'agent.${host}').Count()`)) === 2);
  return peer;
}

/** Makes a resource of the old interface, and gives its id. */
async function make(path: string, body: object): Promise<string> {
  const answer = await askWhenFree(`${clients.url}/api/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  expect(answer.status, text).toBe(201);
  return (JSON.parse(text) as { UUID: string }).UUID;
}
const remove = (path: string, id: string): Promise<Response> => fetch(`${clients.url}/api/${path}/${id}`, { method: 'DELETE' });

const CAPTURE = 'OnDemandCapture';
const INJECTION = 'OnDemandPacketInjection';
const capture = (host: string): Promise<string> =>
  make('capture', { GremlinQuery: `G.V().Has('TID', '${host}-tid')`, BPFFilter: 'icmp', Name: 'try' });
const commandOf =
  (namespace: string, type: string, id: string) =>
  ({ Namespace, Type, Obj }: Message): boolean =>
    Namespace === namespace && Type === type && (Obj as { Resource: { UUID: string } }).Resource.UUID === id;
const stateOf = async (host: string): Promise<string> =>
  JSON.stringify(await gremlin(`G.V().Has('TID', '${host}-tid').Values('Captures')`));
/** What an agent writes on a node where something runs. */
const entry = (ID: string, more: object = {}) => ({ ID, State: 'active', ...more });
let revision = 10;
const says = (peer: Peer, host: string, key: string, entries: object[]): void =>
  peer.send('NodePartiallyUpdated', {
    ...{ ID: `${host}-eth0`, Revision: (revision += 1), UpdatedAt: Date.now() },
    Ops: entries.length === 0 ? [{ Type: 2, Key: key }] : [{ Type: 1, Key: key, Value: entries }],
  });

describe.each(['protobuf', 'json'] as const)('captures on an old agent that speaks %s', (protocol) => {
  const named = (name: string): string => `${name}-${protocol}`;

  it('start and end with what they are asked for', async () => {
    const host = named('cap-1');
    const one = await agent(host, {}, protocol);
    const id = await capture(host);
    const start = await one.until(commandOf(CAPTURE, 'Start', id));
    expect(start.Obj).toMatchObject({ NodeID: `${host}-eth0`, Resource: { UUID: id, BPFFilter: 'icmp', LayerKeyMode: 'L2' } });
    one.send('StartReply', start.Obj, start.UUID, CAPTURE);
    await eventually(async () => (await stateOf(host)).includes('"active"'));
    await remove('capture', id);
    const stop = await one.until(commandOf(CAPTURE, 'Stop', id));
    expect(stop.Obj).toMatchObject({ NodeID: `${host}-eth0`, Resource: { UUID: id } });
    one.send('StopReply', stop.Obj, stop.UUID, CAPTURE);
  });

  it('say why they do not run', async () => {
    const host = named('cap-2');
    const one = await agent(host, {}, protocol);
    const id = await capture(host);
    const start = await one.until(commandOf(CAPTURE, 'Start', id));
    one.send('StartReply', 'no such interface', start.UUID, CAPTURE, 500);
    await eventually(async () => (await stateOf(host)).includes('the agent answered with status 500: no such interface'));
    await remove('capture', id);
  });

  it('go on while the connection is lost, and are not started twice', async () => {
    const host = named('cap-3');
    const first = await agent(host, {}, protocol);
    const id = await capture(host);
    const start = await first.until(commandOf(CAPTURE, 'Start', id));
    first.send('StartReply', start.Obj, start.UUID, CAPTURE);
    await eventually(async () => (await stateOf(host)).includes('"active"'));
    first.close();
    const second = await agent(host, { Captures: [entry(id, { PacketsDropped: 7 })] }, protocol);
    await eventually(async () => JSON.stringify(await gremlin(`G.V('${host}-eth0').Values('Captures.PacketsDropped')`)).includes('7'));
    expect(second.received.filter(({ Type }) => Type === 'Start')).toEqual([]);
    await remove('capture', id);
  });
});

describe('an old agent that comes back', () => {
  it('ends what was given up while it was away', async () => {
    const one = await agent('stray', { Captures: [entry('given-up')] });
    const stop = await one.until(commandOf(CAPTURE, 'Stop', 'given-up'));
    expect(stop.Obj).toMatchObject({ NodeID: 'stray-eth0' });
  });

  it('shows only what the analyzer knows of captures', async () => {
    const one = await agent('marks');
    says(one, 'marks', 'Captures', [entry('from-elsewhere')]);
    await one.until(commandOf(CAPTURE, 'Stop', 'from-elsewhere'));
    expect(await stateOf('marks')).not.toContain('from-elsewhere');
  });
});

it('counts what the statistics of a capture say', async () => {
  const one = await agent('counts');
  const id = await capture('counts');
  const start = await one.until(commandOf(CAPTURE, 'Start', id));
  one.send('StartReply', start.Obj, start.UUID, CAPTURE);
  const pushing = await connectFlows(clients.url, 'counts');
  try {
    // Each tells what was counted since the one before.
    for (const PacketsReceived of [100, 50]) pushing.send(encodeMessage([], { CaptureID: id, FlowCount: 4, PacketsReceived }));
    await eventually(async () => JSON.stringify(await gremlin("G.V('counts-eth0').Values('Captures.PacketsReceived')")).includes('150'));
  } finally {
    pushing.terminate();
  }
  await remove('capture', id);
});

describe('injections through an old agent', () => {
  const injection = (host: string, more: object = {}): Promise<string> =>
    make('injectpacket', {
      ...{ Src: `G.V().Has('TID', '${host}-tid')`, DstIP: '10.9.0.2', DstMAC: '02:00:00:00:00:02', Type: 'icmp4' },
      ...{ Count: 3, Interval: 10, ...more },
    });
  const shown = async (id: string): Promise<string> => {
    const query = `{ injection(id: "${id}") { state sent error } }`;
    const answer = await fetch(`${clients.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return answer.text();
  };

  it('are sent with what was found out for them, and are done when the agent shows them no more', async () => {
    const one = await agent('inject-1');
    const listener = await connect('/ws/subscriber', {
      headers: { 'X-Websocket-Namespace': 'OnDemandPacketInjectionNotification' },
    });
    const id = await injection('inject-1');
    const start = await one.until(({ Namespace, Type }) => Namespace === INJECTION && Type === 'Start');
    const { Resource } = start.Obj as { Resource: { UUID: string } };
    expect(start.Obj).toMatchObject({
      NodeID: 'inject-1-eth0',
      Resource: {
        SrcIP: '10.9.0.1',
        DstIP: '10.9.0.2',
        SrcMAC: '02:00:00:00:00:01',
        DstMAC: '02:00:00:00:00:02',
        Type: 'icmp4',
        Count: 3,
        TTL: 64,
      },
    });
    one.send('StartReply', start.Obj, start.UUID, INJECTION);
    says(one, 'inject-1', 'PacketInjections', [entry(Resource.UUID, { UUID: Resource.UUID, Count: 3, PacketCount: 0 })]);
    says(one, 'inject-1', 'PacketInjections', []);
    await eventually(async () => (await shown(id)).includes('"state":"DONE","sent":3'));
    const heard = ({ Type, Obj }: Message): string => `${Type} ${(Obj as { UUID: string }).UUID === id}`;
    await eventually(() => ['Added true', 'NodeUpdated true'].every((one) => listener.received.map(heard).includes(one)));
    await remove('injectpacket', id);
    await listener.until((message) => heard(message) === 'Deleted true');
  });

  it('fail with what the agent says', async () => {
    const one = await agent('inject-2');
    const id = await injection('inject-2');
    const start = await one.until(({ Namespace, Type }) => Namespace === INJECTION && Type === 'Start');
    one.send('StartReply', 'no route', start.UUID, INJECTION, 500);
    await eventually(async () => (await shown(id)).includes('the agent answered with status 500: no route'));
  });

  it('end when they are deleted', async () => {
    const one = await agent('inject-3');
    const id = await injection('inject-3', { Count: 1_000, Interval: 1_000 });
    const start = await one.until(({ Namespace, Type }) => Namespace === INJECTION && Type === 'Start');
    one.send('StartReply', start.Obj, start.UUID, INJECTION);
    expect((await remove('injectpacket', id)).status).toBe(200);
    const stop = await one.until(({ Namespace, Type }) => Namespace === INJECTION && Type === 'Stop');
    one.send('StopReply', stop.Obj, stop.UUID, INJECTION);
    await eventually(async () => (await shown(id)).includes('"CANCELLED"'));
  });
});
