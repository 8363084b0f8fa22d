import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendText } from './answers.js';

/** What a page of a welcome origin may send: what Skydive allows, and what it forgot (`PATCH`, `X-Resource-TTL`). */
const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const ALLOWED_HEADERS = 'X-Requested-With, Content-Type, Authorization, X-Auth-Token, X-Resource-TTL';

/** Seconds for which a browser may remember what it is allowed. */
const PREFLIGHT_SECONDS = '600';

/** Methods besides `OPTIONS`, which is answered to everybody. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route for what no other serves. */
    isFallback?: boolean;
  }
}

/** The routes of a scope, by what they match. */
export interface RouteList {
  /** Methods that are served at a path; none where nothing is. */
  methodsAt(path: string): readonly string[];
  /** Whether something is at exactly this path, and not only below a branch of it. */
  isExact(path: string): boolean;
}

/** Lists every route that is added from now on, but for those of this file. */
export function listRoutes(app: FastifyInstance): RouteList {
  const exact = new Map<string, string[]>();
  const branches = new Map<string, string[]>();
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.isFallback) return;
    const [map, key] = url.endsWith('/*') ? [branches, url.slice(0, -1)] : [exact, url];
    map.set(key, [...(map.get(key) ?? []), ...[method].flat()]);
  });
  return {
    methodsAt: (path) => exact.get(path) ?? [...branches].find(([branch]) => path.startsWith(branch))?.[1] ?? [],
    isExact: (path) => exact.has(path),
  };
}

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0]!;

/** A stroke too many leads to the path without it; who asks, and how, is asked there. */
export function redirectStrokes(app: FastifyInstance, routes: RouteList): void {
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (!path.endsWith('/') || !routes.isExact(path.slice(0, -1))) return;
    return reply.redirect(path.slice(0, -1) + request.url.slice(path.length), 301);
  });
  // Below `/api` something is served at every path.
  app.route({ method: METHODS, url: '/login/', config: { isFallback: true }, handler: (_request, reply) => reply.redirect('/login', 301) });
}

/** Another method than those of a path is refused, and what is not there is not there. */
const answerFallback =
  (routes: RouteList) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = routes.methodsAt(pathOf(request));
    if (methods.length === 0) return sendText(reply, 404, '404 page not found\n');
    return reply
      .code(405)
      .header('Allow', [...new Set(methods)].join(', '))
      .send();
  };

/** What is left below `/api`. */
export function serveRemaining(app: FastifyInstance, routes: RouteList): void {
  const handler = answerFallback(routes);
  app.route({ method: METHODS.slice(1), url: '/api', config: { isFallback: true }, handler });
  app.route({ method: METHODS, url: '/api/*', config: { isFallback: true }, handler });
}

/**
 * Lets pages of the configured origins ask, with cookies too; browsers ask first whether they may, and do not say then who they are. Skydive lets the
 * pages of everybody ask, so that any page in a browser that reaches the analyzer could change the network.
 */
export function serveForeignPages(app: FastifyInstance, routes: RouteList): void {
  const isWelcome = (reply: FastifyReply): boolean => reply.hasHeader('Access-Control-Allow-Origin');
  app.addHook('onRequest', (_request, reply, done) => {
    if (isWelcome(reply)) reply.header('Access-Control-Allow-Credentials', 'true');
    done();
  });
  const refuse = answerFallback(routes);
  for (const url of ['/api', '/api/*', '/login']) {
    app.options(url, { config: { isFallback: true } }, (request, reply) => {
      if (!isWelcome(reply) || request.headers['access-control-request-method'] === undefined) return refuse(request, reply);
      return reply
        .code(200)
        .header('Access-Control-Allow-Methods', ALLOWED_METHODS)
        .header('Access-Control-Allow-Headers', ALLOWED_HEADERS)
        .header('Access-Control-Max-Age', PREFLIGHT_SECONDS)
        .send();
    });
  }
}

/** Where Skydive's own page was: ours is at the root. */
export function redirectPage(app: FastifyInstance): void {
  for (const url of ['/ui', '/ui/*', '/ui_v2', '/ui_v2/*']) {
    app.get(url, { exposeHeadRoute: false, config: { isFallback: true } }, (_request, reply) => reply.redirect('/', 302));
  }
}
