import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Json } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import type { Asker } from '../../services/asker.js';
import type { Services } from '../../services/services.js';
import { credentialsOf } from '../../common/credentials.js';
import type { Authenticate, Viewer } from '../../services/viewer.js';
import { notKnown } from '../notKnown.js';
import type { ConnectedClient } from '../ws/door.js';

/** What the old routes stand on. */
export interface RestContext {
  readonly services: Services;
  readonly authenticate: Authenticate;
  /** Gives a token to somebody with a name and a password. Throws `UNAUTHENTICATED`, `LIMIT_EXCEEDED`. */
  readonly login: (name: string, password: string, from: string) => Promise<{ readonly viewer: Viewer; readonly token: string }>;
  /** Why no new question is taken at the moment. */
  readonly overload: () => CanopyError | undefined;
  /** Names this analyzer: `api.HOST` is the origin of what is created here. */
  readonly hostId: string;
  readonly version: string;
  /** Old clients that are connected by WebSocket. */
  readonly clients: () => readonly ConnectedClient[];
  /** A value of the configuration by its dotted key; `undefined` where there is none, or it is secret. */
  readonly configured: (key: string) => Json | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks on an old route; set before its body is read. */
    oldViewer: Viewer | undefined;
  }
}

/** Refuses who is not known, before anything of the body is read. */
export const authenticate =
  ({ authenticate: find }: RestContext) =>
  async (request: FastifyRequest): Promise<void> => {
    const credentials = credentialsOf(request.headers, new URL(request.url, 'http://analyzer').searchParams);
    request.oldViewer = await find({ credentials, from: request.ip });
    if (request.oldViewer === undefined) throw notKnown(credentials);
  };

/** Whether the request is more than a question, some of which are asked by `POST` too. */
export const isChange = ({ method, url }: FastifyRequest): boolean =>
  method !== 'GET' && method !== 'HEAD' && url.split('?')[0] !== '/api/topology';

/** Opens what the request reads through; it is released, and a run stopped, when the connection has had its answer or is gone. */
export function openAsker({ services, overload }: RestContext, request: FastifyRequest, reply: FastifyReply): Asker {
  // As in GraphQL: what is written is taken as long as it can be.
  const refused = isChange(request) ? undefined : overload();
  if (refused !== undefined) throw refused;
  const cancellation = new AbortController();
  const scope = services.openScope(request.oldViewer!);
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) cancellation.abort(new CanopyError('UNAVAILABLE', 'the client hung up'));
    scope.release();
  });
  return { viewer: request.oldViewer!, scope, cancellation };
}
