import { createSocket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Flow } from '../../../src/flow/flow.js';
import { http, openRig, type Rig } from '../../server/rig.js';
import { eventually, gremlinAt } from '../asking.js';
import { encodeFlow, encodeMessage, encodeReply } from '../flows/encode.js';
import { connectAgent, connectFlows, hostGraph } from './oldAgent.js';
import { Peer, type Message } from './peer.js';

let rig: Rig;
const peers: Peer[] = [];
const sockets: WebSocket[] = [];
beforeAll(async () => {
  rig = await openRig();
});
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => rig.close());

async function agent(host: string, protocol: 'json' | 'protobuf' = 'protobuf'): Promise<Peer> {
  const peer = await connectAgent(rig.url, host, protocol);
  peers.push(peer);
  peer.send('Sync', hostGraph(host));
  await eventually(async () => (await gremlin(`G.V().Has('@Origin', 'agent.${host}').Count()`)) === 2);
  return peer;
}
async function flowsOf(host: string): Promise<WebSocket> {
  const socket = await connectFlows(rig.url, host);
  sockets.push(socket);
  return socket;
}
const gremlin = (query: string): Promise<unknown> => gremlinAt(rig.url, query);

/** Answers each question about flows with these. */
function answering(peer: Peer, flows: () => readonly Flow[]): Message[] {
  const questions: Message[] = [];
  peer.webSocket.on('message', () => {
    const question = peer.received.find((message) => message.Type === 'TableQuery' && !questions.includes(message));
    if (question === undefined) return;
    questions.push(question);
    peer.sendBytes('TableResult', encodeReply(200, [flows().map((flow) => encodeFlow(flow))]), question.UUID, 'Flow');
  });
  return questions;
}

const flow = (host: string, uuid: string, more: Partial<Flow> = {}): Flow => {
  const now = Date.now();
  const metric = { ABPackets: 3, ABBytes: 300, BAPackets: 2, BABytes: 200, Start: now - 5_000, Last: now - 1_000 };
  return {
    UUID: uuid,
    LayersPath: 'Ethernet/IPv4/UDP/DNS',
    Application: 'DNS',
    Link: { Protocol: 'ETHERNET', A: '02:00:00:00:00:01', B: '02:00:00:00:00:02', ID: 0 },
    Network: { Protocol: 'IPV4', A: '10.9.0.1', B: '10.9.0.2', ID: 0 },
    Transport: { Protocol: 'UDP', A: 40_000, B: 53, ID: 0 },
    LastUpdateMetric: metric,
    Metric: metric,
    Start: metric.Start,
    Last: metric.Last,
    TrackingID: `aa${uuid}`,
    L3TrackingID: `bb${uuid}`,
    ParentUUID: '',
    NodeTID: `${host}-tid`,
    CaptureID: 'a-capture',
    RawPacketsCaptured: 0,
    ...more,
  };
};

describe('flows that an old agent pushes', () => {
  it('over a WebSocket are live, are stored, and are told to who listens', async () => {
    await agent('push-1');
    const listener = await Peer.connect(rig.url, '/ws/subscriber/flow', { headers: { 'X-Websocket-Namespace': 'flow' } });
    peers.push(listener);
    const pushing = await flowsOf('push-1');
    const sent = flow('push-1', 'c01');
    pushing.send(encodeMessage([encodeFlow(sent)]));
    const told = await listener.until(({ Type }) => Type === 'store');
    expect(told.Obj).toEqual([sent]);
    expect(await gremlin("G.V().Has('TID', 'push-1-tid').Flows()")).toEqual([sent]);
    expect(await gremlin("G.Flows().Has('UUID', 'c01').CaptureNode().Values('Name')")).toEqual(['eth0']);
    await eventually(
      async () => ((await gremlin("G.Context(NOW, 3600).Flows().Has('UUID', 'c01')").catch(() => [])) as object[]).length === 1,
    );
    const { data } = await http.ask(rig.url, {
      query: '{ flows(filter: { application: { eq: "DNS" } }) { nodes { id captureNode { id } } } }',
    });
    expect(data).toMatchObject({ flows: { nodes: [{ captureNode: { id: 'push-1-eth0' } }] } });
  });

  it('bring what a capture counted since they came last, which is told as it is', async () => {
    const one = await agent('stats-1');
    const made = await fetch(`${rig.url}/api/capture`, {
      method: 'POST',
      body: JSON.stringify({ GremlinQuery: "G.V().Has('TID', 'stats-1-tid')" }),
    });
    const { UUID: CaptureID } = (await made.json()) as { UUID: string };
    const start = await one.until(({ Namespace, Type }) => Namespace === 'OnDemandCapture' && Type === 'Start');
    one.send('StartReply', null, start.UUID, 'OnDemandCapture');
    const listener = await Peer.connect(rig.url, '/ws/subscriber/flow', { headers: { 'X-Websocket-Namespace': 'stats' } });
    peers.push(listener);
    const pushing = await flowsOf('stats-1');
    const none = { FlowDropped: 0, KernelFlowDropped: 0, PacketsDropped: 0 };
    const first = { ...none, CaptureID, FlowCount: 3, PacketsReceived: 10 };
    const second = { ...none, CaptureID, FlowCount: 2, FlowDropped: 4, PacketsReceived: 15 };
    const told = (): object[] =>
      listener.received.map(({ Obj }) => Obj as { PacketsReceived: number }).filter((stats) => stats.PacketsReceived > 0);
    pushing.send(encodeMessage([], first));
    await eventually(() => told().length === 1);
    pushing.send(encodeMessage([], second));
    await eventually(() => told().length === 2);
    expect(told()).toEqual([first, second]);
    await fetch(`${rig.url}/api/capture/${CaptureID}`, { method: 'DELETE' });
  });

  it('end where they say so', async () => {
    await agent('push-2');
    const pushing = await flowsOf('push-2');
    pushing.send(encodeMessage([encodeFlow(flow('push-2', 'c02')), encodeFlow(flow('push-2', 'c03'))]));
    await eventually(async () => (await gremlin("G.V().Has('TID', 'push-2-tid').Flows().Count()")) === 2);
    pushing.send(encodeMessage([encodeFlow(flow('push-2', 'c02', { FinishType: 1 }))]));
    await eventually(async () => JSON.stringify(await gremlin("G.V().Has('TID', 'push-2-tid').Flows().Values('UUID')")) === '["c03"]');
  });

  it('may come as datagrams, from a host whose agent is connected', async () => {
    await agent('push-3');
    const socket = createSocket('udp4');
    try {
      // A datagram may be lost on a busy machine; an agent says it again at the next update.
      await eventually(async () => {
        socket.send(encodeMessage([encodeFlow(flow('push-3', 'c04'))]), Number(new URL(rig.url).port), '127.0.0.1');
        return (await gremlin("G.V().Has('TID', 'push-3-tid').Flows().Count()")) === 1;
      });
      expect(await (await fetch(`${rig.url}/metrics`)).text()).toMatch(/old_flow_datagrams_total [1-9]/);
    } finally {
      socket.close();
    }
  });

  it('are those of the agent on whose node they were captured, where several send from one address', async () => {
    const [one, other] = [await agent('push-5'), await agent('push-6')];
    const own = (host: string) => [flow(host, host === 'push-5' ? 'c06' : 'c07')];
    answering(one, () => own('push-5'));
    answering(other, () => own('push-6'));
    const socket = createSocket('udp4');
    const ask = '{ agents { id flows { received } } }';
    try {
      await eventually(async () => {
        for (const host of ['push-5', 'push-6'])
          socket.send(encodeMessage(own(host).map((one) => encodeFlow(one))), Number(new URL(rig.url).port), '127.0.0.1');
        const { data } = await http.ask(rig.url, { query: ask });
        const agents = data!.agents as { id: string; flows: { received: number } }[];
        return ['agent.push-5', 'agent.push-6'].every((id) => agents.some((one) => one.id === id && one.flows.received > 0));
      });
      // The answer of one does not end the flows of the other.
      await eventually(
        async () =>
          (await gremlin("G.Flows().Has('UUID', 'c06').Count()")) === 1 && (await gremlin("G.Flows().Has('UUID', 'c07').Count()")) === 1,
      );
    } finally {
      socket.close();
    }
  });

  it('are counted in the status of their agent, with what could not be read', async () => {
    await agent('push-4');
    const pushing = await flowsOf('push-4');
    const withDns = Buffer.concat([encodeFlow(flow('push-4', 'c05')), Buffer.from([0xca, 0x3e, 2, 0x08, 7])]);
    pushing.send(encodeMessage([withDns]));
    pushing.send(Buffer.from('no flow at all'));
    const query = '{ agents { id state flows { received notStored lost { reason count } unread { part count } } } }';
    const seen = { received: 1, notStored: 0, lost: [{ reason: 'not understood', count: 1 }], unread: [{ part: 'DNS', count: 1 }] };
    await eventually(async () => {
      const { data } = await http.ask(rig.url, { query });
      const own = (data!.agents as { id: string; flows: object }[]).find(({ id }) => id === 'agent.push-4');
      return JSON.stringify(own?.flows) === JSON.stringify(seen);
    });
  });
});

describe('the tables of an old agent', () => {
  it('are asked when somebody asks for live flows, and what is in them no more is live no more', async () => {
    const one = await agent('table-1');
    let flows = [flow('table-1', 'd01'), flow('table-1', 'd02', { FinishType: 2 })];
    const questions = answering(one, () => flows);
    await eventually(async () => (await gremlin("G.V().Has('TID', 'table-1-tid').Flows().Count()")) === 2);
    // The text of the kind, and a search for everything.
    expect(Buffer.from(questions[0]!.Obj as Buffer).toString('latin1')).toBe('\n\x0bSearchQuery\x12\0');
    expect(questions[0]).toMatchObject({ Namespace: 'Flow', Type: 'TableQuery' });
    flows = [flows[1]!];
    await eventually(async () => JSON.stringify(await gremlin("G.V().Has('TID', 'table-1-tid').Flows().Values('UUID')")) === '["d02"]');
  });

  it('are asked in JSON of an agent that speaks it', async () => {
    const one = await agent('table-2', 'json');
    one.webSocket.on('message', () => {
      const question = one.received.at(-1)!;
      if (question.Type !== 'TableQuery') return;
      const [set] = [encodeMessage([encodeFlow(flow('table-2', 'd03'))])];
      one.send('TableResult', { Status: 200, FlowSetBytes: [Buffer.from(set).toString('base64')] }, question.UUID, 'Flow');
    });
    await eventually(async () => (await gremlin("G.V().Has('TID', 'table-2-tid').Flows().Count()")) === 1);
  });

  it('that cannot be read leave the flows that were pushed', async () => {
    const one = await agent('table-3');
    const pushing = await flowsOf('table-3');
    pushing.send(encodeMessage([encodeFlow(flow('table-3', 'd04'))]));
    one.webSocket.on('message', () => {
      const question = one.received.at(-1)!;
      if (question.Type === 'TableQuery') one.sendBytes('TableResult', encodeReply(500, []), question.UUID, 'Flow');
    });
    const live = (): Promise<unknown> => gremlin("G.V().Has('TID', 'table-3-tid').Flows().Count()");
    // An answer of a moment ago is not asked for again.
    await eventually(async () => (await live()) === 1 && one.received.some(({ Type }) => Type === 'TableQuery'));
    expect(await live()).toBe(1);
  });
});
