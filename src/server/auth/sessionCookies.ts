import type { FastifyReply, FastifyRequest } from 'fastify';
import { cameOverTls, REFRESH_COOKIE, SESSION_COOKIE } from '../../common/credentials.js';
import type { Gate } from './gate.js';
import type { Identity } from './sessions.js';

/** Milliseconds. */
export interface SessionLifetimes {
  readonly session: number;
  readonly signIn: number;
}

/** The refresh cookie goes nowhere else. */
export const AUTH_FOLDER = '/auth';

/** Begins and goes on with sessions, in cookies that no script of a page can read. */
export interface SessionCookies {
  /** Somebody signed in: what refreshes, and the first session. */
  begin(request: FastifyRequest, reply: FastifyReply, identity: Identity): void;
  /** The next session. */
  goOn(request: FastifyRequest, reply: FastifyReply, identity: Identity): void;
  clear(request: FastifyRequest, reply: FastifyReply): void;
}

export function openSessionCookies({ sessions }: Gate, lifetimes: SessionLifetimes): SessionCookies {
  const goOn = (request: FastifyRequest, reply: FastifyReply, identity: Identity): void =>
    setCookie(request, reply, {
      name: SESSION_COOKIE,
      value: sessions.issue(identity, 'session', lifetimes.session),
      path: '/',
      lifetimeMs: lifetimes.session,
    });
  return {
    goOn,
    begin(request, reply, known) {
      const identity = { ...known, visit: sessions.newVisit(lifetimes.signIn) };
      const value = sessions.issue(identity, 'refresh', lifetimes.signIn);
      setCookie(request, reply, { name: REFRESH_COOKIE, value, path: AUTH_FOLDER, lifetimeMs: lifetimes.signIn });
      goOn(request, reply, identity);
    },
    clear(request, reply) {
      setCookie(request, reply, { name: SESSION_COOKIE, value: '', path: '/', lifetimeMs: 0 });
      setCookie(request, reply, { name: REFRESH_COOKIE, value: '', path: AUTH_FOLDER, lifetimeMs: 0 });
    },
  };
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly lifetimeMs: number;
  /** `Strict` unless it has to come along when another site leads here. */
  readonly sameSite?: 'Strict' | 'Lax';
}

/** Sets a cookie that no script can read, over TLS only where the browser came over TLS. */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, value, path, lifetimeMs, sameSite = 'Strict' }: Cookie,
): void {
  const attributes = [`${name}=${value}`, `Path=${path}`, `Max-Age=${Math.floor(lifetimeMs / 1_000)}`, 'HttpOnly', `SameSite=${sameSite}`];
  reply.header('Set-Cookie', [...attributes, ...(cameOverTls(request) ? ['Secure'] : [])].join('; '));
}
