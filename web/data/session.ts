import { forgetToken } from './token.js';

/** The session of somebody who signed in: cookies that this page cannot see, which the browser sends by itself. */

/** Why somebody could not sign in, in the analyzer's words; `undefined` when they could. */
export async function signIn(name: string, password: string): Promise<string | undefined> {
  const response = await post('login', { name, password });
  if (response?.ok) return undefined;
  const body = (await response?.json().catch(() => undefined)) as { errors?: readonly { message: string }[] } | undefined;
  return body?.errors?.[0]?.message ?? 'the analyzer cannot be reached';
}

/** Whether somebody is asked who they are, and where else they can sign in. */
export interface Asked {
  readonly isOpen: boolean;
  readonly provider: { readonly name: string; readonly startUrl: string } | null;
}

/** `undefined` where the analyzer cannot be reached. */
export async function readAsked(): Promise<Asked | undefined> {
  const response = await fetch('/auth').catch(() => undefined);
  return response?.ok ? ((await response.json()) as Asked) : undefined;
}

/** Where somebody wanted to go before they were asked who they are: a path here and nowhere else. `undefined`: nowhere else than here. */
export function wantedPath(): string | undefined {
  const next = new URLSearchParams(location.search).get('next');
  return next !== null && /^\/(?![/\\])/.test(next) && new URL(next, location.origin).origin === location.origin ? next : undefined;
}

let refreshing: Promise<boolean> | undefined;

/** Gets the next session; `false` when a password is needed again. Whoever asks at the same time waits for the same answer. */
export function refreshSession(): Promise<boolean> {
  refreshing ??= post('refresh')
    .then((response) => response?.ok === true)
    .finally(() => (refreshing = undefined));
  return refreshing;
}

/** Ends the session and forgets the token: nobody is signed in on this page any more. Returns where the provider ends its session too. */
export async function signOut(): Promise<string | undefined> {
  forgetToken();
  const response = await post('logout');
  const answer = (await response?.json().catch(() => undefined)) as { leaveUrl?: string } | undefined;
  return answer?.leaveUrl;
}

const post = (what: string, body?: object): Promise<Response | undefined> =>
  fetch(`/auth/${what}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
