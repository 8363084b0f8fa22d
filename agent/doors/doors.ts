import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatListen, isLoopback, parseListen } from '../../src/common/config/listen.js';
import { CanopyError } from '../../src/common/errors.js';
import type { Log } from '../../src/common/log.js';
import type { NodeRevision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';
import { metricsText } from './metrics.js';
import { problemsOf, type AgentReport } from './report.js';

/** What the doors show; asked each time. */
export interface DoorSources {
  report(): AgentReport;
  /** Released after use. */
  view(): GraphView;
}

export interface Doors {
  /** `http://127.0.0.1:8083`. */
  readonly url: string;
  close(): Promise<void>;
}

/** A node as `/nodes` shows it. */
export type ShownNode = Pick<NodeRevision, 'id' | 'metadata' | 'createdAt' | 'updatedAt' | 'revision'> & {
  /** Name of the node that owns it: of an interface its namespace or the host. */
  readonly owner: string | undefined;
};

/** Milliseconds that a request may take to arrive. */
const REQUEST_TIMEOUT = 5_000;

/**
 * The agent's own address, for this machine only: `/health` (503 when something does not work), `/metrics` for Prometheus, `/status` and
 * `/nodes` as JSON. Nobody is asked for a token, so nothing can be changed here. Throws `CONFIG_INVALID` for another address than
 * loopback and `UNAVAILABLE` when it is taken.
 */
export async function openDoors(listen: string, sources: DoorSources, log: Log): Promise<Doors> {
  const { host, port } = parseListen(listen);
  if (!isLoopback(host)) throw new CanopyError('CONFIG_INVALID', `agent.listen must be an address on loopback, and ${listen} is not`);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    answer(request, response, sources).catch((error: unknown) => {
      log.error({ error: String(error) }, 'a question at the door of the agent failed');
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new CanopyError('UNAVAILABLE', `the agent cannot listen on ${listen}: ${cause.message}; choose another agent.listen`, { cause }),
      );
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
  server.unref();
  return {
    url: `http://${formatListen({ host, port: (server.address() as AddressInfo).port })}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, sources: DoorSources): Promise<void> {
  if (!isForThisMachine(request)) return send(response, 403, 'ask by an address of loopback\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'this door only shows\n');
  switch ((request.url ?? '/').split('?')[0]) {
    case '/health': {
      const problems = problemsOf(sources.report());
      return send(response, problems.length === 0 ? 200 : 503, { healthy: problems.length === 0, problems });
    }
    case '/status': {
      const report = sources.report();
      return send(response, 200, { ...report, problems: problemsOf(report) });
    }
    case '/nodes':
      return send(response, 200, nodesOf(sources.view()));
    case '/metrics':
      return send(response, 200, await metricsText(sources.report()));
    default:
      return send(response, 404, 'there are /health, /metrics, /status and /nodes\n');
  }
}

/** A web page that has its name lead to this machine shows that name here. */
function isForThisMachine({ headers }: IncomingMessage): boolean {
  const url = `http://${headers.host ?? ''}`;
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

function nodesOf(view: GraphView): ShownNode[] {
  try {
    const nodes = [...view.nodes()];
    const names = new Map(nodes.map(({ id, metadata }) => [id, String(metadata.Name)]));
    const owners = new Map<string, string | undefined>();
    for (const { parent, child, metadata } of view.edges()) if (metadata.RelationType === 'ownership') owners.set(child, names.get(parent));
    return nodes.map(({ id, metadata, createdAt, updatedAt, revision }) => ({
      id,
      owner: owners.get(id),
      metadata,
      createdAt,
      updatedAt,
      revision,
    }));
  } finally {
    view.release();
  }
}

function send(response: ServerResponse, status: number, body: string | object): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json' });
  response.end(isText ? body : `${JSON.stringify(body)}\n`);
}
