import { fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { LimitsConfig } from '../common/config/config.js';
import { CanopyError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import type { RestContext } from '../compat/rest/context.js';
import { CompatDoor } from '../compat/ws/door.js';
import { serveRest } from '../compat/rest/rest.js';
import type { Services } from '../services/services.js';
import { credentialsOf } from '../common/credentials.js';
import { requireRight, type Viewer } from '../services/viewer.js';
import type { TlsOptions } from './auth/certificates.js';
import type { Gate } from './auth/gate.js';
import { serveSessions, type SessionRoutes } from './auth/sessionRoutes.js';
import type { VisitorDoor } from './auth/visitors.js';
import type { Pipeline } from './graphql/pipeline.js';
import { Operation } from './operation.js';
import { serveFlowFiles } from './flowFiles.js';
import { servePage } from './page/page.js';

/** Milliseconds for which a connection without a request is kept. */
const KEEP_ALIVE_MS = 72_000;

/** Looks for requests that arrive too slowly, in the time that they may take. */
const ARRIVAL_LOOKS = 4;

/** Headers that a page of a welcome origin may send: what GraphQL clients use, and what Apollo's guard against forged requests asks for. */
const ALLOWED_HEADERS = 'authorization, content-type, apollo-require-preflight, x-apollo-operation-name';

/** Seconds for which a browser may remember what it is allowed. */
const PREFLIGHT_SECONDS = 600;

export interface HttpOptions {
  /** Serves TLS with it. */
  readonly tls: TlsOptions | undefined;
  readonly pipeline: Pipeline;
  readonly services: Services;
  readonly visitors: VisitorDoor;
  readonly gate: Gate;
  readonly sessions: Omit<SessionRoutes, 'gate'>;
  readonly limits: Pick<LimitsConfig, 'requestBytes' | 'arrival' | 'deadline'>;
  /** Why the analyzer is not ready; empty when it is. */
  readonly readiness: () => readonly string[];
  /** Why no new query is taken at the moment. */
  readonly overload: () => CanopyError | undefined;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** What only old clients ask for. */
  readonly old: Omit<RestContext, 'services' | 'authenticate' | 'login' | 'overload'>;
  readonly log: Log;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on routes behind the token door. */
    viewer: Viewer | undefined;
  }
}

/** RFC 9110 §15.5.22. */
const UPGRADE_REQUIRED = 426;

/** Every route of the analyzer over HTTP. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { tls, pipeline, services, visitors, gate, limits, readiness, overload, metrics, log } = options;
  // What is served is the same with and without TLS, so that nobody else needs to tell them apart.
  const times = { headersTimeout: limits.arrival, connectionsCheckingInterval: limits.arrival / ARRIVAL_LOOKS };
  const transport = (tls === undefined ? { http: times } : { https: { ...tls, ...times, handshakeTimeout: limits.arrival } }) as object;
  const common = {
    logger: false,
    bodyLimit: limits.requestBytes,
    requestTimeout: limits.arrival,
    // Nothing moves while an answer is worked out; after that somebody does not read it, or is not there any more.
    connectionTimeout: limits.deadline + limits.arrival,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
  } as const;
  const app = fastify({ ...common, ...transport });
  app.decorateRequest('viewer', undefined);

  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('X-Content-Type-Options', 'nosniff')
      .header('Referrer-Policy', 'no-referrer')
      .header('Cross-Origin-Resource-Policy', 'same-origin');
    if (tls !== undefined) reply.header('Strict-Transport-Security', 'max-age=63072000; includeSubDomains');
    const refused = visitors.refusal(request);
    if (refused) throw refused;
    const { origin } = request.headers;
    if (!visitors.isWelcomeOrigin(origin)) return;
    reply.header('Access-Control-Allow-Origin', origin).header('Vary', 'Origin');
  });
  app.setErrorHandler((error, _request, reply) => answerError(reply, error, log));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    if (CompatDoor.serves(path))
      return reply.code(UPGRADE_REQUIRED).header('Upgrade', 'websocket').type('text/plain').send(`${path} is a WebSocket\n`);
    return answerError(reply, new CanopyError('NOT_FOUND', `there is nothing at ${path}; GraphQL is at /graphql`), log);
  });

  const withViewer = async (request: FastifyRequest): Promise<void> => {
    request.viewer = await gate.authenticate({ credentials: credentialsOf(request.headers), from: request.ip });
    if (request.viewer === undefined) throw unauthenticated();
  };

  const graphql = fastifyApolloHandler(pipeline.apollo, {
    context: (request, reply) => {
      const operation = new Operation(services, request.viewer!, request.ip);
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) operation.cancellation.abort(new CanopyError('UNAVAILABLE', 'the client hung up'));
      });
      return Promise.resolve(operation);
    },
  });
  app.options('/graphql', (_request, reply) =>
    reply
      .header('Access-Control-Allow-Methods', 'GET, POST')
      .header('Access-Control-Allow-Headers', ALLOWED_HEADERS)
      .header('Access-Control-Max-Age', PREFLIGHT_SECONDS)
      .code(204)
      .send(),
  );
  app.route({ method: ['GET', 'POST'], url: '/graphql', onRequest: withViewer, handler: graphql });

  const { authenticate, login } = gate;
  await app.register((old) => serveRest(old, { services, authenticate, login, overload, ...options.old }));
  serveSessions(app, { gate, ...options.sessions });

  serveFlowFiles(app, services, withViewer);

  app.get('/healthz', () => ({ status: 'alive' }));
  app.get('/readyz', (_request, reply) => {
    const reasons = readiness();
    return reply.code(reasons.length === 0 ? 200 : 503).send(reasons.length === 0 ? { status: 'ready' } : { status: 'not ready', reasons });
  });
  app.get('/metrics', { onRequest: withViewer }, async (request, reply) => {
    requireRight(request.viewer!, 'metrics', 'read');
    return reply.type(metrics.contentType).send(await metrics.text());
  });
  await app.register(servePage);
  return app;
}

/** RFC 6585 §4. */
const TOO_OFTEN = 429;

const STATUS: Partial<Record<CanopyError['code'], number>> = {
  BAD_INPUT: 400,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 413,
  NOT_FOUND: 404,
  UNAUTHENTICATED: 401,
  UNAVAILABLE: 503,
};

/** Errors outside GraphQL have the shape of a GraphQL answer, so that a client needs to know one only. */
function answerError(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const known = error instanceof CanopyError ? error : fromFastify(error);
  if (known.code === 'INTERNAL') log.error({ error: String(error), stack: (error as Error).stack }, 'a request failed by a fault of ours');
  if (known.code === 'UNAUTHENTICATED') reply.header('WWW-Authenticate', 'Bearer');
  const { retryAfterSeconds } = known.details;
  if (typeof retryAfterSeconds === 'number') reply.header('Retry-After', retryAfterSeconds);
  const code = known.code === 'BAD_INPUT' ? 'BAD_USER_INPUT' : known.code;
  return reply
    .code(retryAfterSeconds === undefined ? (STATUS[known.code] ?? 500) : TOO_OFTEN)
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message: known.message, extensions: { code, retriable: known.retriable, details: known.details } }] });
}

/** Fastify's own errors carry the status that they stand for. */
function fromFastify(error: unknown): CanopyError {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === 413) return new CanopyError('LIMIT_EXCEEDED', `${message} (limits.requestBytes)`);
  if (statusCode !== undefined && statusCode < 500) return new CanopyError('BAD_INPUT', message ?? 'bad request');
  return new CanopyError('INTERNAL', "internal error; the analyzer's log says more");
}

const unauthenticated = (): CanopyError =>
  new CanopyError('UNAUTHENTICATED', 'this analyzer asks who you are: sign in, or send a token as `Authorization: Bearer TOKEN`');
