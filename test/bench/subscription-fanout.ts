import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { systemClock } from '../../src/common/clock.js';
import { configWith } from '../../src/common/config/load.js';
import { silentLog } from '../../src/common/log.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { openRecorder } from '../../src/journal/recorder.js';
import { openSamples } from '../../src/samples/duckdb/sampleStore.js';
import { createPipeline } from '../../src/server/graphql/pipeline.js';
import { Operation } from '../../src/server/operation.js';
import { journalOf } from '../../src/server/status.js';
import { openClientSocket } from '../../src/server/subscriptions/clientSocket.js';
import { Groups } from '../../src/server/subscriptions/groups.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';
import { noAgents } from '../../src/services/captures/agents.js';
import { LiveService } from '../../src/services/live/liveService.js';
import { createServices } from '../../src/services/services.js';
import { everybody } from '../../src/services/viewer.js';
import { buildCanopySchema } from '../../resolvers/build.js';
import { type Bench, moreIsBetter } from './bench.js';
import type { Order, Report } from './fanout/clients.js';

const SUBSCRIBERS = 500;
/** Nodes in the graph, and nodes that one event is about. */
const NODES = 200;
const NODES_PER_EVENT = 5;
const EVENTS = 600;
/** Stock execution is so much slower that fewer events give as steady a figure. */
const BASELINE_EVENTS = 10;
const WARM_UP_EVENTS = 4;

/** One event for each batch of deltas on both sides: otherwise who is slow would be paid for merging events. */
const QUERY = `subscription {
  topologyChanges(batch: { every: "0ms", max: ${NODES_PER_EVENT} }) {
    __typename
    ... on TopologySnapshot { nodes { id name type state } edges { id relationType } complete snapshotCursor: cursor }
    ... on TopologyChanges { cursor changes { op at element { ... on Node { id name type state host } } paths { path before after } } }
  }
}`;

/** Both servers stand on the same rooms and speak to the same clients. */
async function openRooms() {
  const dataDir = mkdtempSync(join(tmpdir(), 'canopy-fanout-'));
  const config = configWith({ dataDir });
  const recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: config.history });
  const history = new EmbeddedHistory(recorder, config.history);
  const samples = await openSamples({ ...config.samples, folder: join(dataDir, 'samples'), clock: systemClock, log: silentLog });
  const live = new LiveService({ recorder, history, clock: systemClock });
  const status = {
    version: 'bench',
    agents: () => [],
    journal: () => journalOf(recorder),
    connections: () => ({ open: 0, mostOfOneAddress: 0, refused: 0, slow: 0, silent: 0 }),
    subscriptions: () => ({ connections: 0, subscriptions: 0, groups: 0 }),
  };
  const registry = new EmbeddedRegistry({ folder: join(dataDir, 'registry'), clock: systemClock });
  const flowStore = openFlowStore({ ...config.flows, folder: join(dataDir, 'flows'), clock: systemClock, log: silentLog });
  const services = createServices({
    ...config,
    recorder,
    history,
    samples,
    live,
    registry,
    agents: noAgents,
    flowStore,
    liveFlows: config.flows.maxLive,
    clock: systemClock,
    log: silentLog,
    status,
  });
  return {
    config,
    recorder,
    services,
    schema: buildCanopySchema(),
    async close() {
      live.close();
      await services.close();
      await registry.close();
      await samples.close();
      await recorder.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
type Rooms = Awaited<ReturnType<typeof openRooms>>;

/** Our way: groups over rings. */
async function serveGroups(server: Server, { schema, services, config }: Rooms): Promise<() => Promise<void>> {
  const common = { schema, services, limits: config.limits, clock: systemClock, log: silentLog };
  const pipeline = await createPipeline({ ...common, overload: () => undefined });
  const groups = new Groups({ execute: pipeline.execute, formatError: pipeline.formatError, clock: systemClock });
  const clients = openClientSocket({ ...common, pipeline, groups, authenticate: () => everybody });
  server.on('upgrade', (request, socket, head) => clients.handleUpgrade(request, socket, head));
  return async () => {
    await clients.close();
    await pipeline.apollo.stop();
  };
}

/** The stock way: graphql-ws runs one execution for each subscriber and event. */
function serveStock(server: Server, { schema, services }: Rooms): Promise<() => Promise<void>> {
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const stock = useServer({ schema, context: () => new Operation(services, everybody, '') }, sockets);
  return Promise.resolve(async () => {
    for (const client of sockets.clients) client.terminate();
    await stock.dispose();
  });
}

const report = async (clients: ChildProcess, kind: Report['kind']): Promise<void> => {
  for (;;) {
    const [message] = (await once(clients, 'message')) as [Report];
    if (message.kind === kind) return;
  }
};

/** Messages a second until the last subscriber has got the last event. */
async function measure(serve: (server: Server, rooms: Rooms) => Promise<() => Promise<void>>, events: number): Promise<number> {
  const rooms = await openRooms();
  let round = 0;
  const publish = () => {
    round += 1;
    const deltas = Array.from({ length: NODES_PER_EVENT }, (_, index) => node((round * NODES_PER_EVENT + index) % NODES, round));
    rooms.recorder.record({ origin: 'bench.fanout', deltas, immediate: true });
  };
  rooms.recorder.record({ origin: 'bench.fanout', deltas: Array.from({ length: NODES }, (_, index) => node(index, 0)) });
  const server = createServer();
  const close = await serve(server, rooms);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = fork(new URL('./fanout/clients.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const order = (message: Order) => clients.send(message);
  const subscribed = report(clients, 'subscribed');
  order({ kind: 'subscribe', port: (server.address() as AddressInfo).port, subscribers: SUBSCRIBERS, query: QUERY });
  await subscribed;

  const run = async (count: number, alreadyReceived: number) => {
    const received = report(clients, 'received');
    order({ kind: 'expect', messages: alreadyReceived + count * SUBSCRIBERS });
    const started = performance.now();
    for (let event = 0; event < count; event++) {
      publish();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await received;
    return (count * SUBSCRIBERS * 1_000) / (performance.now() - started);
  };
  await run(WARM_UP_EVENTS, 0);
  const rate = await run(events, WARM_UP_EVENTS * SUBSCRIBERS);
  order({ kind: 'end' });
  await close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rooms.close();
  return rate;
}

const node = (index: number, round: number) => ({
  op: 'putNode' as const,
  id: `node-${index}`,
  host: 'bench',
  metadata: { Name: `eth${index}`, Type: 'device', State: round % 2 === 0 ? 'UP' : 'DOWN', MTU: 1_500 + round, MAC: '02:00:00:00:00:01' },
});

export const bench: Bench = {
  name: 'subscription-fanout',
  measures: `messages a second to ${SUBSCRIBERS} equal subscribers over real sockets, ${NODES_PER_EVENT} changes each; baseline: graphql-ws with one execution each`,
  async run() {
    const baseline = await measure(serveStock, BASELINE_EVENTS);
    const value = await measure(serveGroups, EVENTS);
    return [moreIsBetter('subscription-fanout', value, 'deliveries/s', baseline)];
  },
};
