import { unreachable } from '../../client/ask.js';
import { REFRESH_COOKIE, SESSION_COOKIE } from '../../common/credentials.js';
import { CanopyError } from '../../common/errors.js';
import { keepLogin, readLogin, type Login } from './logins.js';

/** Share of a session's life after which the next is fetched: a command may take a while. */
const FRESH_SHARE = 0.5;

/** What a code of a provider is typed into, and how long it is good. */
export interface DeviceSignIn {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete?: string;
  readonly expiresInSeconds: number;
  readonly device: string;
}

/** Signs in and keeps it. Throws what the analyzer refuses with. */
export const signIn = async (url: string, name: string, password: string): Promise<Login> =>
  kept(url, await post(url, 'login', { name, password }));

/** Throws `BAD_INPUT` where there is no provider with codes for programs. */
export async function beginDevice(url: string): Promise<DeviceSignIn> {
  const response = await post(url, 'oidc/device', {}).catch((error: unknown) => {
    if (error instanceof CanopyError && error.code === 'NOT_FOUND')
      throw new CanopyError('BAD_INPUT', 'this analyzer has no provider of OpenID Connect (auth.oidc): sign in with name and password');
    throw error;
  });
  return (await response.json()) as DeviceSignIn;
}

/** Waits until somebody has typed the code. */
export async function finishDevice(url: string, { device }: DeviceSignIn, signal: AbortSignal): Promise<Login> {
  for (;;) {
    const response = await post(url, 'oidc/device/session', { device }, { signal });
    if (response.status !== 202) return kept(url, response);
    await response.body?.cancel();
  }
}

/** The session of who signed in, a fresh one if need be; `undefined` when they have to sign in again. */
export async function currentSession(url: string): Promise<string | undefined> {
  const login = readLogin(url);
  if (login === undefined || Date.now() < login.sessionEndsAt) return login?.session;
  try {
    const response = await post(url, 'refresh', undefined, { cookie: `${REFRESH_COOKIE}=${login.refresh}` });
    return (await kept(url, response, login)).session;
  } catch (error) {
    if (!(error instanceof CanopyError) || error.code !== 'UNAUTHENTICATED') throw error;
    keepLogin(url, undefined);
    throw new CanopyError('UNAUTHENTICATED', `the sign-in of ${login.name} at ${url} has ended\nSign in with \`canopy login\`.`, {
      cause: error,
    });
  }
}

/** Ends the session there and forgets it here; where a browser signs out of the provider too, if there is such a place. `false`: nobody was signed in. */
export async function signOut(url: string): Promise<{ readonly name: string; readonly leaveUrl?: string } | false> {
  const login = readLogin(url);
  if (login === undefined) return false;
  const cookie = `${SESSION_COOKIE}=${login.session}; ${REFRESH_COOKIE}=${login.refresh}`;
  const response = await post(url, 'logout', undefined, { cookie });
  keepLogin(url, undefined);
  const left = response.status === 200 ? ((await response.json()) as { leaveUrl?: string }) : {};
  return { name: login.name, ...left };
}

async function kept(url: string, response: Response, before?: Login): Promise<Login> {
  const { name, expiresInMs } = (await response.json()) as { name: string; expiresInMs: number };
  const now = Date.now();
  const session = cookieIn(response, SESSION_COOKIE)!;
  const refresh = cookieIn(response, REFRESH_COOKIE);
  const login: Login = {
    name,
    session: session.value,
    sessionEndsAt: now + expiresInMs * FRESH_SHARE,
    refresh: refresh?.value ?? before!.refresh,
    refreshEndsAt: refresh === undefined ? before!.refreshEndsAt : now + refresh.lifetimeMs,
  };
  keepLogin(url, login);
  return login;
}

function cookieIn(response: Response, name: string): { readonly value: string; readonly lifetimeMs: number } | undefined {
  const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  if (line === undefined) return undefined;
  return { value: line.slice(name.length + 1).split(';')[0]!, lifetimeMs: Number(/max-age=(\d+)/i.exec(line)?.[1] ?? 0) * 1_000 };
}

interface Extra {
  readonly cookie?: string;
  readonly signal?: AbortSignal;
}

async function post(url: string, what: string, body: object | undefined, { cookie, signal }: Extra = {}): Promise<Response> {
  const headers = { ...(body && { 'content-type': 'application/json' }), ...(cookie !== undefined && { cookie }) };
  const init = { method: 'POST', headers, signal, ...(body && { body: JSON.stringify(body) }) };
  const response = await fetch(`${url}/auth/${what}`, init).catch((error: Error) => {
    throw signal?.aborted ? error : unreachable({ url, token: undefined }, error.cause instanceof Error ? error.cause : error);
  });
  if (response.ok) return response;
  const { errors } = (await response.json().catch(() => ({}))) as {
    errors?: { message: string; extensions: { code: CanopyError['code'] } }[];
  };
  const [said] = errors ?? [];
  throw new CanopyError(
    said?.extensions.code ?? 'UNAVAILABLE',
    `the analyzer at ${url} refused: ${said?.message ?? `status ${response.status}`}`,
  );
}
