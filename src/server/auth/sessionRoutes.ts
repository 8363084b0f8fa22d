import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cookiesIn, REFRESH_COOKIE, SESSION_COOKIE } from '../../common/credentials.js';
import { CanopyError } from '../../common/errors.js';
import type { Gate } from './gate.js';
import { serveOidc, type OidcDoor } from './oidcRoutes.js';
import { AUTH_FOLDER, openSessionCookies, type SessionLifetimes } from './sessionCookies.js';
import type { Identity } from './sessions.js';

export interface SessionRoutes {
  readonly gate: Gate;
  readonly lifetimes: SessionLifetimes;
  /** Where people can sign in with a provider of OpenID Connect. */
  readonly oidc: OidcDoor | undefined;
}

/**
 * Signing in and out with cookies that no script of a page can read. Bodies are JSON, which a foreign page cannot send, and the cookies do not come with
 * requests of other sites.
 */
export function serveSessions(app: FastifyInstance, { gate, lifetimes, oidc }: SessionRoutes): void {
  const { sessions } = gate;
  const cookies = openSessionCookies(gate, lifetimes);
  const elsewhere = oidc === undefined ? undefined : serveOidc(app, { ...oidc, gate, cookies, answer });

  function answer(reply: FastifyReply, identity: Identity): FastifyReply {
    const { name, roles } = gate.viewerOf(identity);
    return reply.send({ name, roles, expiresInMs: lifetimes.session });
  }

  app.get(AUTH_FOLDER, () => ({ isOpen: gate.isOpen, provider: elsewhere?.shown() ?? null }));

  app.post(`${AUTH_FOLDER}/login`, async (request, reply) => {
    const { name, password } = (request.body ?? {}) as { readonly name?: unknown; readonly password?: unknown };
    if (typeof name !== 'string' || typeof password !== 'string') throw new CanopyError('BAD_INPUT', 'give {"name": "…", "password": "…"}');
    const identity = await gate.signIn(name, password, request.ip);
    cookies.begin(request, reply, identity);
    return answer(reply, identity);
  });

  app.post(`${AUTH_FOLDER}/refresh`, async (request, reply) => {
    const session = sessions.read(cookiesIn(request.headers.cookie).get(REFRESH_COOKIE), 'refresh');
    const renewed = session && (await gate.renew(session));
    if (renewed === undefined) throw new CanopyError('UNAUTHENTICATED', 'sign in again');
    cookies.goOn(request, reply, renewed);
    return answer(reply, renewed);
  });

  app.post(`${AUTH_FOLDER}/logout`, (request, reply) => {
    const leaveUrl = endSessions(request);
    cookies.clear(request, reply);
    return leaveUrl === undefined ? reply.code(204).send() : reply.send({ leaveUrl });
  });

  /** Where the browser signs out of the provider too, where there is such a place. */
  function endSessions(request: FastifyRequest): string | undefined {
    const shown = cookiesIn(request.headers.cookie);
    let leaveUrl: string | undefined;
    for (const [cookie, kind] of [
      [SESSION_COOKIE, 'session'],
      [REFRESH_COOKIE, 'refresh'],
    ] as const) {
      const session = sessions.read(shown.get(cookie), kind);
      if (session === undefined) continue;
      sessions.end(session.visit);
      const signIn = gate.leave(session);
      if (signIn !== undefined) leaveUrl = elsewhere?.leaveUrl(request, signIn);
    }
    return leaveUrl;
  }
}
