import type { IncomingMessage } from 'node:http';
import type { ClientProtocol } from './envelope.js';

/** What a client says of itself when it connects, in headers or, where it cannot set any, in the address. */
export interface Greeting {
  /** Names it among the clients of an endpoint. */
  readonly hostId: string;
  readonly clientType: string;
  readonly protocol: ClientProtocol;
  /** Namespaces that it wants to hear of; empty: all. */
  readonly namespaces: ReadonlySet<string>;
  /** Gremlin string of the part of the graph that it wants. */
  readonly filter: string | undefined;
  /** Updates as whole elements, or as what changed of them. */
  readonly updates: 'full' | 'partial';
  /** Whether what it published goes with it. */
  readonly leavesNothing: boolean;
}

/** Why a greeting is not understood; the connection is made and closed again, as old clients know it. */
export interface NotUnderstood {
  readonly reason: string;
}

export function readGreeting(request: IncomingMessage): Greeting | NotUnderstood {
  const query = queryOf(request);
  const said = (header: string): string => {
    const value = request.headers[header] ?? query.get(header) ?? '';
    return Array.isArray(value) ? value[0]! : value;
  };
  const clientType = said('x-client-type');
  if (clientType === '') return { reason: 'the header X-Client-Type is missing' };
  const protocol = said('x-client-protocol') || 'json';
  if (protocol !== 'json' && protocol !== 'protobuf') return { reason: `X-Client-Protocol is json or protobuf, not '${protocol}'` };
  const updates = said('x-update-policy').toLowerCase() || 'full';
  if (updates !== 'full' && updates !== 'partial') return { reason: `X-Update-Policy is full or partial, not '${updates}'` };
  return {
    hostId: said('x-host-id') || `${request.socket.remoteAddress}:${request.socket.remotePort}`,
    clientType,
    protocol,
    namespaces: namespacesOf(request, query),
    filter: said('x-gremlin-filter') || undefined,
    updates,
    leavesNothing: request.headers['x-persistence-policy'] === 'DeleteOnDisconnect',
  };
}

export const queryOf = (request: IncomingMessage): URLSearchParams => new URL(request.url ?? '/', 'http://analyzer').searchParams;

const NAMESPACE = 'x-websocket-namespace';

function namespacesOf(request: IncomingMessage, query: URLSearchParams): ReadonlySet<string> {
  const { rawHeaders } = request;
  const named = query.getAll(NAMESPACE);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    // Node joins repeated headers with commas; the list as it came has each alone.
    if (rawHeaders[index]!.toLowerCase() === NAMESPACE) named.push(rawHeaders[index + 1]!);
  }
  const wanted = new Set(named.filter((name) => name !== ''));
  return wanted.has('*') ? new Set() : wanted;
}
