import { createSocket } from 'node:dgram';
import { Packr } from 'msgpackr';
import { CompatDoor } from '../../../src/compat/ws/door.js';
import { encode } from '../../../src/protocol/codec.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../../../src/protocol/session.js';
import { agentMessages } from '../../protocol/builders.js';
import { encode as protobuf } from '../../compat/flows/encode.js';
import { connectAgent, hostGraph } from '../../compat/ws/oldAgent.js';
import { damaged, mutated, mutatedText } from './mutate.js';
import { overSockets, type FuzzedDoor, type Target } from './target.js';

const packr = new Packr({ useRecords: false });
const SAID = agentMessages.map(encode);
const HELLO = SAID[agentMessages.findIndex(({ kind }) => kind === 'hello')]!;

export const agentLink: FuzzedDoor = {
  name: 'the link of agents',
  share: 14,
  send: ({ url, agent }, random, messages) =>
    overSockets(
      url,
      messages,
      () => ({ path: AGENT_PATH, protocols: [SUB_PROTOCOL], headers: { authorization: `Bearer ${agent}` } }),
      (index) => {
        if (index === 0 && random.chance(0.9)) return HELLO;
        const message = random.pick(SAID);
        if (random.chance(0.3)) return message;
        return random.chance(0.5) ? damaged(random, message) : packr.pack(mutated(random, packr.unpack(message)));
      },
    ),
};

const GRAPH = hostGraph('fuzz');
const OLD_MESSAGES = [
  { Namespace: 'Graph', Type: 'SyncRequest', Obj: { Time: 0, GremlinFilter: "G.V().Has('Type', 'device').SubGraph()" } },
  { Namespace: 'Graph', Type: 'Sync', Obj: GRAPH },
  { Namespace: 'Graph', Type: 'NodeAdded', Obj: GRAPH.Nodes[1] },
  {
    Namespace: 'Graph',
    Type: 'NodePartiallyUpdated',
    Obj: { ID: 'fuzz-eth0', Revision: 2, UpdatedAt: 1, Ops: [{ Type: 1, Key: 'a.b', Value: 1 }] },
  },
  { Namespace: 'Graph', Type: 'EdgeAdded', Obj: GRAPH.Edges[0] },
  { Namespace: 'Graph', Type: 'NodeDeleted', Obj: GRAPH.Nodes[1] },
  { Namespace: 'OnDemandNotification', Type: 'CaptureStarted', Obj: { NodeID: 'fuzz-eth0' } },
  { Namespace: 'Flow', Type: 'TableResult', Obj: { status: 200, reply: ['AAAA'] } },
].map((message) => ({ UUID: 'fuzz', Status: 200, ...message }));

/** Each old endpoint, in JSON and in protobuf. */
export const oldEndpoints: FuzzedDoor = {
  name: "Skydive's WebSockets",
  share: 12,
  send({ url, administrator, agent }, random, messages) {
    let isBinary = false;
    let connections = 0;
    return overSockets(
      url,
      messages,
      () => {
        const path = CompatDoor.paths[connections++ % CompatDoor.paths.length]!;
        isBinary = random.chance(0.5);
        const headers = {
          authorization: `Bearer ${path.startsWith('/ws/agent') ? agent : administrator}`,
          ...{ 'x-host-id': `fuzz-${connections}`, 'x-client-type': 'fuzz', 'x-client-protocol': isBinary ? 'protobuf' : 'json' },
          ...(random.chance(0.2) && {
            'x-gremlin-filter': mutatedText(random, "G.V().Has('Name', 'ä').SubGraph()")
              .replace(/[^\x20-\xff]/gu, '?')
              .slice(0, 2_000),
          }),
          ...(random.chance(0.2) && { 'x-update-policy': 'partial', 'x-persistence-policy': 'DeleteOnDisconnect' }),
        };
        return { path, headers };
      },
      () => {
        const { Namespace, Type, UUID, Status, Obj } = (mutated(random, random.pick(OLD_MESSAGES)) ?? {}) as (typeof OLD_MESSAGES)[number];
        if (!isBinary) return JSON.stringify({ Namespace, Type, UUID, Status, Obj });
        const fields = [Namespace, Type, UUID, Status, 0].map(wireValue);
        return damaged(
          random,
          protobuf([...fields, Buffer.from(JSON.stringify(Obj) ?? '')].map((value, index) => [index + 1, value] as const)),
        );
      },
    );
  },
};
const wireValue = (value: unknown): number | string =>
  typeof value === 'number' && Number.isSafeInteger(value) ? Math.abs(value) : String(value);

const NOW = 1_700_000_000_000;
const ENDS = (a: string, b: string, protocol: number): Uint8Array =>
  protobuf([
    [1, protocol],
    [2, a],
    [3, b],
    [4, 1],
  ]);
/** A flow as an agent tells of it (flows.md §1.1). */
const FLOW = protobuf([
  ...([
    [1, 'fuzz-flow'],
    [2, 'Ethernet/IPv4/TCP'],
    [3, 'TCP'],
    [10, NOW],
    [11, NOW + 1_000],
  ] as [number, string | number][]),
  ...([
    [20, ENDS('02:00:00:00:00:01', '02:00:00:00:00:02', 0)],
    [21, ENDS('10.0.0.1', '10.0.0.2', 1)],
  ] as [number, Uint8Array][]),
  [
    32,
    protobuf([
      [1, 3],
      [2, 300],
      [3, 2],
      [4, 200],
      [5, NOW],
      [6, NOW + 1_000],
    ]),
  ],
  [33, 'fuzz-tid'],
  [
    36,
    protobuf([
      [1, NOW],
      [2, 1],
      [3, Buffer.alloc(60)],
      [4, 1],
    ]),
  ],
]);
const DATAGRAMS = [
  FLOW,
  protobuf([[1, FLOW]]),
  protobuf([
    [
      2,
      protobuf([
        [1, 'capture'],
        [2, 7],
      ]),
    ],
  ]),
];

/** Pauses that let the analyzer read: what is sent faster is lost in the kernel, and tried by nobody. */
const DATAGRAMS_AT_ONCE = 100;

export const flowDatagrams: FuzzedDoor = {
  name: 'flows as datagrams',
  share: 8,
  async send({ url, agent }: Target, random, messages) {
    const peer = await connectAgent(url, 'fuzz-udp', 'protobuf', { authorization: `Bearer ${agent}` });
    const socket = createSocket('udp4');
    const { hostname, port } = new URL(url);
    for (let sent = 0; sent < messages; sent += 1) {
      await new Promise((resolve) => socket.send(damaged(random, random.pick(DATAGRAMS)), Number(port), hostname, resolve));
      if (sent % DATAGRAMS_AT_ONCE === 0) await fetch(`${url}/healthz`).then((answer) => answer.arrayBuffer());
    }
    socket.close();
    peer.close();
  },
};
