/** The session of somebody who signed in: cookies that this page cannot see, which the browser sends by itself. */

/** Why somebody could not sign in, in the analyzer's words; `undefined` when they could. */
export async function signIn(name: string, password: string): Promise<string | undefined> {
  const response = await post('login', { name, password });
  if (response?.ok) return undefined;
  const body = (await response?.json().catch(() => undefined)) as { errors?: readonly { message: string }[] } | undefined;
  return body?.errors?.[0]?.message ?? 'the analyzer cannot be reached';
}

let refreshing: Promise<boolean> | undefined;

/** Gets the next session; `false` when a password is needed again. Whoever asks at the same time waits for the same answer. */
export function refreshSession(): Promise<boolean> {
  refreshing ??= post('refresh')
    .then((response) => response?.ok === true)
    .finally(() => (refreshing = undefined));
  return refreshing;
}

const post = (what: string, body?: object): Promise<Response | undefined> =>
  fetch(`/auth/${what}`, {
    method: 'POST',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
