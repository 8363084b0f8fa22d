import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../../common/json.js';
import type { AgentStatus } from '../../services/status.js';
import type { ConnectedClient } from '../ws/door.js';
import { sendJson } from './answers.js';
import { requireRight } from '../../services/viewer.js';
import { openAsker, type RestContext } from './context.js';

/** `/api`, `/api/status`, `/api/config/KEY`: what the analyzer says of itself. */
export function serveStatus(app: FastifyInstance, context: RestContext): void {
  const { services, hostId, version } = context;
  app.get('/api', { exposeHeadRoute: false }, (request, reply) => {
    openAsker(context, request, reply);
    return sendJson(reply, 200, { Host: hostId, Version: version, Service: 'analyzer' });
  });
  app.get('/api/status', { exposeHeadRoute: false }, (request, reply) => {
    const asker = openAsker(context, request, reply);
    const { agents } = services.status.read(asker);
    // Who else is connected, from where, is not for somebody who sees a part.
    const clients = asker.scope.sight?.isPartial ? [] : context.clients();
    return sendJson(reply, 200, {
      Agents: {
        ...Object.fromEntries(agents.filter(({ state }) => state === 'CONNECTED').map((agent) => [agent.host, agentJson(agent)])),
        ...connections(clients, ['/ws/agent/topology']),
      },
      Peers: { Incomers: {}, Outgoers: {} },
      Publishers: connections(clients, ['/ws/publisher', '/ws/pubsub']),
      Subscribers: connections(clients, ['/ws/subscriber', '/ws/pubsub']),
      Alerts: { IsMaster: true },
      Captures: { IsMaster: true },
      Probes: {},
    });
  });
  app.get('/api/config/*', { exposeHeadRoute: false }, (request, reply) => {
    requireRight(openAsker(context, request, reply).viewer, 'config', 'read');
    return sendJson(reply, 200, context.configured((request.params as { '*': string })['*']) ?? '');
  });
}

const agentJson = ({ host, address, connectedAt }: AgentStatus): JsonObject =>
  connection('agent', 'protobuf', address ?? '', 0, connectedAt ?? 0, host);

function connections(clients: readonly ConnectedClient[], endpoints: readonly string[]): JsonObject {
  const found = clients.filter(({ endpoint }) => endpoints.includes(endpoint));
  return Object.fromEntries(
    found.map(({ greeting: { hostId, clientType, protocol }, address, connectedAt }) => [
      hostId,
      connection(clientType, protocol, address.host, address.port, connectedAt, hostId),
    ]),
  );
}

const connection = (type: string, protocol: string, address: string, port: number, since: number, host: string): JsonObject => ({
  ServiceType: type,
  ClientProtocol: protocol,
  Addr: address,
  Port: port,
  IsConnected: true,
  ConnectTime: new Date(since).toISOString(),
  RemoteHost: host,
  RemoteServiceType: type,
});
