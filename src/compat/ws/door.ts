import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../common/clock.js';
import { closeReason } from '../../protocol/closeCodes.js';
import type { Log } from '../../common/log.js';
import { refuseUpgrade, refuseUpgradeFor } from '../../common/refuseUpgrade.js';
import type { Services } from '../../services/services.js';
import { credentialsOf } from '../../common/credentials.js';
import type { Awaitable } from '../../services/awaitable.js';
import { forbidden, whenDismissed, type Authenticate, type Viewer } from '../../services/viewer.js';
import { notKnown } from '../notKnown.js';
import { OLD_ABILITIES, type OldAgents } from '../agents/oldAgents.js';
import { plainAddress } from '../agents/datagrams.js';
import { CompatClient, type ClientCounters } from './client.js';
import { GraphChannels } from './graphChannel.js';
import { queryOf, readGreeting, type Greeting } from './handshake.js';
import { PublisherClient } from './publisher.js';
import { GRAPH } from './graphMessages.js';
import { ALL_FLOWS, OnDemandNotices, FlowNotices } from './notices.js';
import { Subscriber } from './subscriber.js';

/** What an endpoint lets its clients do. */
interface Endpoint {
  /** Its clients are agents of other makes. */
  readonly isForAgents: boolean;
  readonly listens: boolean;
  readonly writes: boolean;
  /** They hear of flows and of nothing else. */
  readonly hearsFlows?: true;
  /** They send flows, without envelopes, and nothing else. */
  readonly sendsFlows?: true;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/ws/subscriber': { isForAgents: false, listens: true, writes: false },
  '/ws/publisher': { isForAgents: false, listens: false, writes: true },
  '/ws/pubsub': { isForAgents: false, listens: true, writes: true },
  '/ws/subscriber/flow': { isForAgents: false, listens: false, writes: false, hearsFlows: true },
  '/ws/agent/topology': { isForAgents: true, listens: false, writes: true },
  '/ws/agent/flow': { isForAgents: true, listens: false, writes: false, sendsFlows: true },
};

/** Longest message that is taken, bytes: a whole picture of a large publisher. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** Clients that may be connected at once. */
const MAX_CLIENTS = 10_000;

/** Whoever may come in at an endpoint may do there what it is for, whatever else they may. */
function atEndpoint(viewer: Viewer, { listens, writes }: Endpoint): Viewer {
  const granted = new Set([...(listens || writes ? ['topology read'] : []), ...(writes ? ['node write', 'edge write'] : [])]);
  return { ...viewer, allows: (object, action) => granted.has(`${object} ${action}`) || viewer.allows(object, action) };
}

function greetingAt({ hearsFlows }: Endpoint, request: IncomingMessage): ReturnType<typeof readGreeting> {
  const greeting = readGreeting(request);
  if ('reason' in greeting || hearsFlows === undefined || greeting.namespaces.size > 0) return greeting;
  return { ...greeting, namespaces: ALL_FLOWS };
}

/** Whose the elements are that a client writes. */
const originOf = ({ clientType, hostId }: Greeting): string => `${clientType}.${hostId}`;

/** An agent by its host, whatever it calls the connection that only brings its flows. */
const agentOf = ({ hostId }: Greeting): string => `agent.${hostId}`;

const CLOSED_NORMALLY = 1000;
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

export interface CompatDoorParts {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** An agent, by its certificate or its credentials. */
  readonly admitAgent: (request: IncomingMessage) => Awaitable<Viewer | undefined>;
  /** Whether an agent of ours is connected under the origin. */
  readonly isOurAgent: (origin: string) => boolean;
  readonly oldAgents: OldAgents;
  /** Cuts whoever takes too long over a message. */
  readonly watchWriter?: (webSocket: WebSocket, socket: Duplex) => void;
  /** Names this analyzer in `X-Host-ID`. */
  readonly hostId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A client as `/api/status` shows it. */
export interface ConnectedClient {
  readonly endpoint: string;
  readonly greeting: Greeting;
  readonly address: { readonly host: string; readonly port: number };
  readonly connectedAt: number;
}

/** WebSockets of old clients. */
export class CompatDoor {
  readonly counters: ClientCounters = { received: 0, refused: 0, sent: 0, tooSlow: 0, silent: 0 };
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  readonly #clients = new Map<string, CompatClient>();
  /** Of clients that are connected, and of those that left more than could be written at once. */
  readonly #publishers = new Set<PublisherClient>();
  readonly #channels: GraphChannels;
  readonly #flowNotices: FlowNotices;
  readonly #onDemandNotices: OnDemandNotices;

  constructor(private readonly parts: CompatDoorParts) {
    this.#channels = new GraphChannels(parts.services, parts.log);
    this.#flowNotices = new FlowNotices(parts.services);
    this.#onDemandNotices = new OnDemandNotices(parts.services);
    this.#server.on('headers', (headers) => headers.push(`X-Host-ID: ${parts.hostId}`, 'X-Service-Type: analyzer'));
  }

  /** Every path of this door. */
  static readonly paths: readonly string[] = Object.keys(ENDPOINTS);

  /** Whether the path is one of this door's. */
  static serves(path: string | undefined): boolean {
    return path !== undefined && Object.hasOwn(ENDPOINTS, path);
  }

  get clients(): readonly ConnectedClient[] {
    return Array.from(this.#clients, ([key, { greeting, address, connectedAt }]) => ({
      endpoint: key.slice(0, key.indexOf(' ')),
      greeting,
      address,
      connectedAt,
    }));
  }

  /** Flows of old agents that wait to be understood. */
  get flowsHeld(): number {
    return this.parts.oldAgents.flowsHeld;
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = new URL(request.url ?? '/', 'http://analyzer').pathname;
    const endpoint = ENDPOINTS[path]!;
    const { authenticate, admitAgent } = this.parts;
    const admit = async (): Promise<void> => {
      const credentials = credentialsOf(request.headers, queryOf(request));
      const viewer = await (endpoint.isForAgents
        ? admitAgent(request)
        : authenticate({ credentials, from: request.socket.remoteAddress ?? '' }));
      if (viewer === undefined) return refuse(socket, '401 Unauthorized', notKnown(credentials).message, { 'WWW-Authenticate': 'Bearer' });
      if (!viewer.allows('websocket', path)) return refuse(socket, '403 Forbidden', forbidden(viewer, 'websocket', path).message);
      this.#greet(path, endpoint, atEndpoint(viewer, endpoint), request, socket, head);
    };
    admit().catch((error: unknown) => refuseUpgradeFor(socket, error, this.parts.log, NO_SNIFFING));
  }

  #greet(path: string, endpoint: Endpoint, viewer: Viewer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const greeting = greetingAt(endpoint, request);
    const key = 'reason' in greeting ? undefined : `${path} ${greeting.hostId}`;
    if (endpoint.isForAgents && 'hostId' in greeting && this.parts.isOurAgent(agentOf(greeting)))
      return refuse(socket, '409 Conflict', 'an agent of this analyzer is connected from that host');
    if (key !== undefined && this.#clients.has(key))
      return refuse(socket, '409 Conflict', 'a client with this X-Host-ID is connected already');
    if (this.#clients.size >= MAX_CLIENTS) return refuse(socket, '503 Service Unavailable', `${MAX_CLIENTS} clients are connected already`);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      this.parts.watchWriter?.(webSocket, socket);
      if ('reason' in greeting) return webSocket.close(CLOSED_NORMALLY, closeReason(greeting.reason));
      this.#accept(key!, endpoint, greeting, viewer, request, webSocket);
    });
  }

  /** Resolves when the last client is gone: what its going brings about needs the services. */
  async close(): Promise<void> {
    const isEmpty = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const client of this.#clients.values()) client.close(GOING_AWAY, 'the analyzer stops');
    for (const publisher of this.#publishers) publisher.close();
    this.#channels.close();
    this.#flowNotices.close();
    this.#onDemandNotices.close();
    for (const webSocket of this.#server.clients) webSocket.terminate();
    await isEmpty;
  }

  #accept(key: string, endpoint: Endpoint, greeting: Greeting, viewer: Viewer, request: IncomingMessage, webSocket: WebSocket): void {
    const { services, clock, log } = this.parts;
    const { remoteAddress = '', remotePort: port = 0 } = request.socket;
    const host = plainAddress(remoteAddress);
    const client = new CompatClient(greeting, { host, port }, webSocket, request.socket, clock, this.counters);
    if (endpoint.sendsFlows) return this.#acceptFlows(key, client, viewer);
    const origin = originOf(greeting);
    let subscriber: Subscriber;
    try {
      subscriber = new Subscriber(
        client,
        { services, channels: this.#channels, viewer, log },
        endpoint.writes ? origin : undefined,
        endpoint.listens,
      );
    } catch (error) {
      return client.close(CLOSED_NORMALLY, (error as Error).message);
    }
    const publisher = endpoint.writes ? this.#openPublisher(origin, endpoint, viewer, client) : undefined;
    this.#clients.set(key, client);
    if (endpoint.writes)
      services.audit.record({ who: viewer.name, from: host, what: `connect ${request.url!.split('?')[0]}`, with: origin, outcome: 'DONE' });
    if (endpoint.isForAgents) this.#arrive(origin, client);
    if (endpoint.hearsFlows) this.#flowNotices.add(client, viewer);
    else if (endpoint.listens) this.#onDemandNotices.add(client, viewer);
    client.onMessage(
      (message) => {
        if (message.namespace !== GRAPH) {
          if (!endpoint.isForAgents || !this.parts.oldAgents.take(origin, message))
            this.#refuse(greeting, `nothing listens to '${message.namespace}'`);
        } else if (message.type === 'SyncRequest') {
          publisher?.flush();
          subscriber.synchronize(message).catch((error: unknown) => log.error({ error: String(error) }, 'a picture could not be made'));
        } else if (publisher !== undefined) {
          publisher.take(message);
          if (endpoint.isForAgents) this.parts.oldAgents.observe(origin, message);
        } else this.#refuse(greeting, `'${message.type}' is for publishers`);
      },
      (error) => log.debug({ client: greeting.hostId, reason: error.message }, 'an old client sent no message'),
    );
    const stopReview = whenDismissed(viewer, clock, () => client.close(POLICY_VIOLATION, 'the token or the user is not good any more'));
    client.onClose(() => {
      stopReview();
      this.#clients.delete(key);
      subscriber.leave();
      if (greeting.leavesNothing && !endpoint.isForAgents) publisher?.takeBack();
      else publisher?.flush();
      if (publisher?.isIdle) this.#publishers.delete(publisher);
      if (endpoint.isForAgents) this.#leave(origin);
    });
  }

  #openPublisher(origin: string, { isForAgents: isAgent }: Endpoint, viewer: Viewer, client: CompatClient): PublisherClient {
    const { services, clock, log } = this.parts;
    const line = {
      pause: () => client.pause(),
      resume: () => {
        client.resume();
        if (!client.isOpen) this.#publishers.delete(publisher);
      },
    };
    const publisher = new PublisherClient(origin, { services, viewer, counters: this.counters, log, isAgent, clock, line });
    this.#publishers.add(publisher);
    return publisher;
  }

  #acceptFlows(key: string, client: CompatClient, viewer: Viewer): void {
    const { oldAgents, clock } = this.parts;
    const origin = agentOf(client.greeting);
    this.#clients.set(key, client);
    client.onFrame((frame) => oldAgents.takeFlows(origin, frame));
    const stopReview = whenDismissed(viewer, clock, () => client.close(POLICY_VIOLATION, 'the token or the user is not good any more'));
    client.onClose(() => {
      stopReview();
      this.#clients.delete(key);
    });
  }

  #arrive(origin: string, client: CompatClient): void {
    const { services, oldAgents } = this.parts;
    services.foreignAgents.arrive(origin);
    oldAgents.add(origin, client);
    services.captures.abilities(origin, OLD_ABILITIES);
    services.flows.live.connected(origin);
    services.captures.connected(origin);
    services.injections.connected(origin);
  }

  #leave(origin: string): void {
    const { services, oldAgents } = this.parts;
    oldAgents.drop(origin);
    services.captures.disconnected(origin);
    services.injections.disconnected(origin);
    services.flows.live.disconnected(origin);
    services.foreignAgents.leave(origin);
  }

  #refuse(greeting: Greeting, reason: string): void {
    this.counters.refused += 1;
    this.parts.log.debug({ client: greeting.hostId, reason }, 'an old client sent what cannot be taken');
  }
}

const NO_SNIFFING = { 'X-Content-Type-Options': 'nosniff' };

function refuse(socket: Duplex, status: string, reason: string, headers: Readonly<Record<string, string>> = {}): void {
  refuseUpgrade(socket, status, reason, { ...headers, ...NO_SNIFFING });
}
