import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Server as TlsServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { OperationTypeNode } from 'graphql';
import type { Clock } from '../common/clock.js';
import type { Config } from '../common/config/config.js';
import { formatListen, parseListen } from '../common/config/listen.js';
import { CanopyError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import { refuseUpgrade } from '../common/refuseUpgrade.js';
import { programVersion } from '../common/version.js';
import { CompatDoor } from '../compat/ws/door.js';
import { openFlowDatagrams, type FlowDatagrams } from '../compat/agents/datagrams.js';
import { OldAgents } from '../compat/agents/oldAgents.js';
import { openFlowStore } from '../flowstore/duckdb/flowStore.js';
import { Hub } from '../hub/hub.js';
import { openRecorder } from '../journal/recorder.js';
import { openRegistry } from '../registry/open.js';
import { openSamples } from '../samples/duckdb/sampleStore.js';
import type { AgentPort } from '../services/captures/agents.js';
import { LiveService } from '../services/live/liveService.js';
import { createServices } from '../services/services.js';
import { NOTHING_SEEN } from '../services/sight/sight.js';
import { buildCanopySchema } from '../../resolvers/build.js';
import { agentEvents } from './agentEvents.js';
import { createAgentDoor } from './agentSocket.js';
import { oldConfiguration } from '../compat/rest/configured.js';
import { makeAdministrator, needsAdministrator, type FirstAdministrator } from './auth/address.js';
import { followCertificates, readCertificates } from './auth/certificates.js';
import { authFiles, openGate } from './auth/gate.js';
import { openPolicy } from './auth/policy.js';
import { openProviders } from './auth/providers/open.js';
import { openVisitorDoor } from './auth/visitors.js';
import { Connections } from './connections.js';
import { figures } from './figures.js';
import { createPipeline } from './graphql/pipeline.js';
import { openHistory } from './history.js';
import { createHttp } from './http.js';
import { LoadGate, watchLoad } from './load.js';
import { createMetrics } from './metrics.js';
import { keepRetention } from './retention.js';
import { recordSamples } from './samples.js';
import { agentsOf, journalOf } from './status.js';
import { openClientSocket } from './subscriptions/clientSocket.js';
import { Groups } from './subscriptions/groups.js';

export interface AnalyzerSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** Token of the agent that the same process runs. */
  readonly ownAgentToken?: string;
}

export interface RunningAnalyzer {
  /** `http://HOST:PORT` on which it serves; `https://` with a certificate. */
  readonly url: string;
  /** Made at this start, because others can reach the address and nobody was there: their password has to be told. */
  readonly firstAdministrator: FirstAdministrator | undefined;
  /** Ends subscriptions, closes doors, and makes durable what is not yet. Within three seconds. */
  stop(): Promise<void>;
}

/** Folder below the data folder. */
const SAMPLES_FOLDER = 'samples';
const REGISTRY_FOLDER = 'registry';
const FLOWS_FOLDER = 'flows';

/**
 * Puts the analyzer together from its rooms and opens its doors. Throws `CONFIG_INVALID` for an address that cannot be had and for what
 * is wrong in files that the configuration names, `DATA_…` for a data folder that cannot be used.
 */
export async function startAnalyzer(config: Config, { clock, log, ownAgentToken }: AnalyzerSurroundings): Promise<RunningAnalyzer> {
  const listen = parseListen(config.listen);
  const closing = new Closing(log);
  try {
    const recorder = await openRecorder({
      dataDir: config.dataDir,
      clock,
      log,
      limits: { maxTailBytes: config.history.maxTailBytes },
    });
    closing.add(() => recorder.close());
    const past = await openHistory(config.history, recorder, clock, log);
    closing.add(() => past.close());
    const { history, embedded } = past;
    const samples = await openSamples({ ...config.samples, folder: join(config.dataDir, SAMPLES_FOLDER), clock, log });
    closing.add(() => samples.close());
    closing.add(recordSamples(recorder, samples));
    const live = new LiveService({ recorder, history: embedded, clock });
    closing.add(() => live.close());
    const registry = await openRegistry({ folder: join(config.dataDir, REGISTRY_FOLDER), etcd: config.registry.etcd, clock, log });
    closing.add(() => registry.close());
    const flowStore = openFlowStore({ ...config.flows, folder: join(config.dataDir, FLOWS_FOLDER), clock, log });
    closing.add(() => flowStore.close());
    const { auth, tokens, dataDir } = config;
    const certificates = readCertificates(config.tls);
    const needsCertificate = config.tls.requireClientCertificate;
    const noteSignIn = (who: string, from: string, isRight: boolean): void =>
      services.audit.record({ who, from, what: 'sign in', with: '', outcome: isRight ? 'DONE' : 'REFUSED' });
    const policy = await openPolicy(auth);
    const { oidc, providers } = openProviders({ auth, hasRole: policy.hasRole, clock, log });
    for (const provider of providers) closing.add(() => provider.close());
    const gate = openGate({
      auth,
      tokens,
      dataDir,
      needsCertificate,
      ownAgentToken,
      policy,
      providers,
      noteSignIn,
      clock,
      log,
    });
    const isFirstStart = needsAdministrator({ host: listen.host, isOpen: gate.isOpen, isInsecure: config.insecure, log });
    if (isFirstStart) gate.lock();
    const visitors = openVisitorDoor(listen.host, config.origins);
    const oldAgents = new OldAgents({ services: () => services, clock, log });
    closing.add(() => oldAgents.close());
    const agents: AgentPort = {
      send: (origin, message) => hub.send(origin, message) || oldAgents.send(origin, message),
      connected: () => [...hub.connected(), ...oldAgents.connected()],
    };
    const services = createServices({
      recorder,
      history,
      samples,
      live,
      registry,
      flowStore,
      liveFlows: config.flows.maxLive,
      agents,
      clock,
      log,
      dataDir: config.dataDir,
      limits: config.limits,
      audit: config.audit,
      quota: config.quota,
      agentGraceMs: config.grace.agentLost,
      sightOf: ({ nodes, hides }) => policy.scopes.sightOf([...nodes, ...hides]) ?? NOTHING_SEEN,
      status: {
        version: programVersion(),
        agents: () => [...agentsOf(hub), ...oldAgents.status()],
        journal: () => journalOf(recorder),
        projection: () => past.projection(),
        signIn: () => providers.map((provider) => provider.status()),
        connections: () => ({
          open: connections.open,
          mostOfOneAddress: connections.mostOfOneAddress,
          refused: connections.refused,
          slow: connections.slow,
          silent: clients.silent + oldClients.counters.silent,
        }),
        subscriptions: () => ({ connections: clients.connections, subscriptions: clients.subscriptions, groups: groups.size }),
      },
    });
    closing.add(() => services.close());
    const hub: Hub = new Hub({
      recorder,
      clock,
      log,
      quota: config.quota,
      limits: { graceMs: config.grace.agentLost },
      software: programVersion(),
      events: agentEvents(services),
    });
    closing.add(() => hub.close());
    closing.add(keepRetention({ config, history, samples, flows: flowStore, clock, log }));

    let datagrams = undefined as FlowDatagrams | undefined;
    closing.add(() => datagrams?.close());
    const load = new LoadGate();
    const connections = new Connections(config.limits, clock, log);
    closing.add(() => connections.close());
    const watchWriter = (webSocket: WebSocket, socket: Duplex): void => connections.writers.watch(webSocket, socket);
    closing.add(watchLoad(load, clock));
    const schema = buildCanopySchema();
    const pipeline = await createPipeline({ schema, limits: config.limits, clock, log, overload: (operation) => load.refusal(operation) });
    closing.add(() => pipeline.apollo.stop());
    const groups = new Groups({ execute: pipeline.execute, formatError: pipeline.formatError, clock });
    const { authenticate } = gate;
    const clients = openClientSocket({ pipeline, groups, schema, services, limits: config.limits, clock, log, authenticate, watchWriter });
    const metrics = createMetrics(
      figures({
        ...{ recorder, past, samples, hub, groups, clients, load, connections, flowStore },
        liveFlows: () => services.flows.live.size,
        oldClients: () => oldClients,
        datagrams: () => datagrams,
      }),
    );
    closing.add(() => metrics.close());
    const overload = () => load.refusal(OperationTypeNode.QUERY);
    const readiness = () => notReady(recorder.status());
    const hostId = hostname();
    const oldClients = new CompatDoor({
      services,
      authenticate,
      admitAgent: (request) => gate.admitAgent(request),
      isOurAgent: (origin) => hub.connected().includes(origin),
      oldAgents,
      watchWriter,
      hostId,
      clock,
      log,
    });
    const old = { hostId, version: programVersion(), clients: () => oldClients.clients, configured: oldConfiguration(config), clock, log };
    const http = await createHttp({
      tls: certificates,
      pipeline,
      services,
      visitors,
      gate,
      sessions: { lifetimes: auth, oidc: oidc && { provider: oidc, publicUrl: auth.oidc.publicUrl } },
      limits: config.limits,
      readiness,
      overload,
      metrics,
      old,
      log,
    });
    const agentDoor = createAgentDoor(hub, (request) => gate.admitAgent(request), clock, log, watchWriter);
    if (certificates !== undefined) closing.add(followCertificates(http.server as unknown as TlsServer, config.tls, { clock, log }));
    connections.watch(http.server);
    http.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      const refused = visitors.refusal(request);
      const path = request.url?.split('?')[0];
      if (refused) refuseUpgrade(socket, '403 Forbidden', refused.message);
      else if (path === '/agent') agentDoor.handleAgentUpgrade(request, socket, head);
      else if (path === '/graphql') clients.handleUpgrade(request, socket, head);
      else if (CompatDoor.serves(path)) oldClients.handleUpgrade(request, socket, head);
      else
        refuseUpgrade(
          socket,
          '404 Not Found',
          'WebSockets are at /graphql, /agent, and for old clients at /ws/subscriber, /ws/publisher and /ws/pubsub',
        );
    });
    closing.add(async () => {
      const closed = http.close(); // nobody new; resolves when the last socket is gone
      hub.close();
      await clients.close();
      agentDoor.close();
      await oldClients.close();
      await closed;
    });
    await http.listen({ host: listen.host, port: listen.port }).catch((cause: NodeJS.ErrnoException) => {
      throw cannotListen(config.listen, cause);
    });
    const { address, port } = http.server.address() as AddressInfo;
    datagrams = openFlowDatagrams({ host: address, port, take: (from, bytes) => oldAgents.takeDatagram(from, bytes), log });
    const url = `${certificates === undefined ? 'http' : 'https'}://${formatListen({ host: address, port })}`;
    const firstAdministrator = isFirstStart ? await makeAdministrator(authFiles(config).users) : undefined;
    log.info({ url, dataDir, authentication: !gate.isOpen }, 'the analyzer serves');
    return { url, firstAdministrator, stop: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** What has to be closed, in the opposite order of its opening. */
class Closing {
  readonly #steps: (() => unknown)[] = [];

  constructor(private readonly log: Log) {}

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** A step that fails does not keep the others from closing. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        this.log.error({ error: String(error) }, 'something did not close cleanly');
      }
    }
  }
}

function notReady({ error, isFull }: { readonly error: string | undefined; readonly isFull: boolean }): string[] {
  const reasons: string[] = [];
  if (error !== undefined) reasons.push(`the journal cannot write: ${error}`);
  if (isFull) reasons.push('too much waits for the disk: writes are held up');
  return reasons;
}

function cannotListen(listen: string, cause: NodeJS.ErrnoException): CanopyError {
  const why: Partial<Record<string, string>> = {
    EADDRINUSE: 'another program listens there; stop it, or choose another address with --listen',
    EACCES: 'this needs more rights; choose a port above 1023 with --listen',
    EADDRNOTAVAIL: 'this machine does not have that address; see `ip address`',
  };
  return new CanopyError('CONFIG_INVALID', `cannot listen on ${listen}: ${why[cause.code ?? ''] ?? cause.message}`, {
    cause,
    details: { listen, reason: cause.code },
  });
}
