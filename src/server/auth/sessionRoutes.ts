import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cookiesIn, REFRESH_COOKIE, SESSION_COOKIE } from '../../common/credentials.js';
import { CanopyError } from '../../common/errors.js';
import type { Gate } from './gate.js';
import type { Identity } from './sessions.js';

/** Milliseconds. */
export interface SessionLifetimes {
  readonly session: number;
  readonly signIn: number;
}

/** The refresh cookie goes nowhere else. */
const FOLDER = '/auth';

/**
 * Signing in and out with cookies that no script of a page can read. Bodies are JSON, which a foreign page cannot send, and the cookies do not come with
 * requests of other sites.
 */
export function serveSessions(app: FastifyInstance, gate: Gate, lifetimes: SessionLifetimes): void {
  const { sessions } = gate;

  const begin = (request: FastifyRequest, reply: FastifyReply, identity: Identity): FastifyReply => {
    setCookie(request, reply, SESSION_COOKIE, sessions.issue(identity, 'session', lifetimes.session), '/', lifetimes.session);
    const { name, roles } = gate.viewerOf(identity);
    return reply.send({ name, roles, expiresInMs: lifetimes.session });
  };

  app.get(FOLDER, () => ({ isOpen: gate.isOpen }));

  app.post(`${FOLDER}/login`, async (request, reply) => {
    const { name, password } = (request.body ?? {}) as { readonly name?: unknown; readonly password?: unknown };
    if (typeof name !== 'string' || typeof password !== 'string') throw new CanopyError('BAD_INPUT', 'give {"name": "…", "password": "…"}');
    const identity = await gate.signIn(name, password, request.ip);
    setCookie(request, reply, REFRESH_COOKIE, sessions.issue(identity, 'refresh', lifetimes.signIn), FOLDER, lifetimes.signIn);
    return begin(request, reply, identity);
  });

  app.post(`${FOLDER}/refresh`, (request, reply) => {
    const session = sessions.read(cookiesIn(request.headers.cookie).get(REFRESH_COOKIE), 'refresh');
    if (session === undefined || !gate.vouchesFor(session)) throw new CanopyError('UNAUTHENTICATED', 'sign in again');
    return begin(request, reply, session);
  });

  app.post(`${FOLDER}/logout`, (request, reply) => {
    const cookies = cookiesIn(request.headers.cookie);
    for (const [cookie, kind, path] of [
      [SESSION_COOKIE, 'session', '/'],
      [REFRESH_COOKIE, 'refresh', FOLDER],
    ] as const) {
      const session = sessions.read(cookies.get(cookie), kind);
      if (session !== undefined) sessions.end(session);
      setCookie(request, reply, cookie, '', path, 0);
    }
    return reply.code(204).send();
  });
}

function setCookie(request: FastifyRequest, reply: FastifyReply, name: string, value: string, path: string, lifetimeMs: number): void {
  // Behind a proxy with TLS it says so itself; who lies about that harms nobody else.
  const isSecure = request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
  const attributes = [`${name}=${value}`, `Path=${path}`, `Max-Age=${Math.floor(lifetimeMs / 1_000)}`, 'HttpOnly', 'SameSite=Strict'];
  reply.header('Set-Cookie', [...attributes, ...(isSecure ? ['Secure'] : [])].join('; '));
}
