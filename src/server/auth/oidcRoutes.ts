import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cameOverTls, cookiesIn } from '../../common/credentials.js';
import { CanopyError } from '../../common/errors.js';
import type { Gate } from './gate.js';
import { problemPage } from './problemPage.js';
import type { Begun, DeviceCode, OidcProvider } from './providers/oidc.js';
import type { SignIn } from './providers/signIns.js';
import { AUTH_FOLDER, setCookie, type SessionCookies } from './sessionCookies.js';
import type { Identity } from './sessions.js';

const FOLDER = `${AUTH_FOLDER}/oidc`;

/** Cookie of a sign-in that has begun; it has to come along when the provider leads back here. */
const BEGUN_COOKIE = 'canopy_oidc';
const BEGUN_LIFETIME_MS = 10 * 60_000;

/** How long one request waits for somebody to type a device's code, ms: shorter than proxies wait. */
const DEVICE_WAIT_MS = 20_000;

export interface OidcDoor {
  readonly provider: OidcProvider;
  /** Where browsers reach the analyzer; `undefined`: where the request says that it went. */
  readonly publicUrl: string | undefined;
}

export interface OidcRoutes extends OidcDoor {
  readonly gate: Gate;
  readonly cookies: SessionCookies;
  readonly answer: (reply: FastifyReply, identity: Identity) => FastifyReply;
}

interface Kept extends Begun {
  readonly next: string;
  readonly redirect: string;
}

/** Signing in with a provider: by browser with the code flow, and for programs with a device's code. Also says what pages show of it. */
export function serveOidc(app: FastifyInstance, { provider, publicUrl, gate, cookies, answer }: OidcRoutes) {
  const { sessions } = gate;
  const home = (request: FastifyRequest): string =>
    publicUrl ?? `${cameOverTls(request) ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;

  app.get(`${FOLDER}/start`, (request, reply) =>
    orPage(reply, async () => {
      const next = localPath((request.query as Record<string, unknown>).next);
      const redirect = `${home(request)}${FOLDER}/callback`;
      const { url, begun } = await provider.begin(redirect);
      const kept: Kept = { ...begun, next, redirect };
      keep(request, reply, sessions.seal('oidc', kept, BEGUN_LIFETIME_MS), BEGUN_LIFETIME_MS);
      return reply.header('Cache-Control', 'no-store').redirect(url, 302);
    }),
  );

  app.get(`${FOLDER}/callback`, (request, reply) =>
    orPage(reply, async () => {
      const kept = sessions.unseal('oidc', cookiesIn(request.headers.cookie).get(BEGUN_COOKIE)) as Kept | undefined;
      if (kept === undefined)
        throw new CanopyError(
          'UNAUTHENTICATED',
          'this browser has no sign-in that waits, or it waited for more than ten minutes: sign in again',
        );
      keep(request, reply, '', 0);
      const returned = new URL(kept.redirect);
      returned.search = new URL(request.url, 'http://analyzer').search;
      const known = await provider.finish(returned, kept);
      cookies.begin(request, reply, gate.enter(provider, known, request.ip));
      return reply.header('Cache-Control', 'no-store').redirect(kept.next, 302);
    }),
  );

  app.post(`${FOLDER}/device`, async (_request, reply) => {
    const { device, ...shown } = await provider.beginDevice();
    return reply.send({ ...shown, device: sessions.seal('device', device, shown.expiresInSeconds * 1_000) });
  });

  app.post(`${FOLDER}/device/session`, async (request, reply) => {
    const { device: sealed } = (request.body ?? {}) as { readonly device?: unknown };
    const device = sessions.unseal('device', typeof sealed === 'string' ? sealed : undefined) as DeviceCode['device'] | undefined;
    if (device === undefined) throw new CanopyError('UNAUTHENTICATED', 'this code is not good any more: begin again');
    const known = await provider.waitForDevice(device, AbortSignal.any([AbortSignal.timeout(DEVICE_WAIT_MS), hangUp(reply)]));
    if (known === undefined) return reply.code(202).send({ state: 'pending' });
    const identity = gate.enter(provider, known, request.ip);
    cookies.begin(request, reply, identity);
    return answer(reply, identity);
  });

  const keep = (request: FastifyRequest, reply: FastifyReply, value: string, lifetimeMs: number): void =>
    setCookie(request, reply, { name: BEGUN_COOKIE, value, path: FOLDER, lifetimeMs, sameSite: 'Lax' });

  return {
    /** What a page shows: the words on the button, and where it leads. */
    shown: () => ({ name: provider.status().name, startUrl: `${FOLDER}/start` }),
    leaveUrl: (request: FastifyRequest, { source, secrets }: SignIn): string | undefined =>
      source === provider.source ? provider.leaveUrl(secrets, `${home(request)}/`) : undefined,
  };
}

/** A browser stands here by itself: it gets a page to read, not JSON. */
async function orPage(reply: FastifyReply, serve: () => Promise<FastifyReply>): Promise<FastifyReply> {
  try {
    return await serve();
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    return problemPage(reply, error, `${FOLDER}/start`);
  }
}

/** Where to go afterwards: a path here and nowhere else, whatever somebody wrote into a link. */
function localPath(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/';
  const url = new URL(next, 'http://analyzer');
  return url.host === 'analyzer' ? `${url.pathname}${url.search}${url.hash}` : '/';
}

function hangUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
