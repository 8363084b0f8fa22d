import type { IncomingHttpHeaders } from 'node:http';

/** Cookie of the page's session, and the one that only gets the next session. */
export const SESSION_COOKIE = 'canopy_session';
export const REFRESH_COOKIE = 'canopy_refresh';

/** Cookie that Skydive's `/login` gives. */
const OLD_COOKIE = 'authtoken';

/**
 * What a request shows to be let in, most telling first: an `Authorization` header, the cookie that signing in gave, the `X-Auth-Token` header, and, at old
 * doors, `x-auth-token` in the address. All of them are tried, so that a stale cookie hides no good header.
 */
export function credentialsOf(headers: IncomingHttpHeaders, query?: URLSearchParams): string[] {
  const cookies = cookiesIn(headers.cookie);
  const shown = [
    authorization(headers.authorization?.trim()),
    cookies.get(SESSION_COOKIE),
    cookies.get(OLD_COOKIE),
    single(headers['x-auth-token']),
    query?.get('x-auth-token'),
  ];
  return shown.filter((token): token is string => typeof token === 'string' && token !== '');
}

/** A token alone, as clients of old send it, or after one of the two schemes that are known. */
function authorization(header: string | undefined): string | undefined {
  const [, scheme, token] = /^(?:(\S+)\s+)?(\S+)$/.exec(header ?? '') ?? [];
  return scheme === undefined || /^(?:basic|bearer)$/i.test(scheme) ? token : undefined;
}

/** Whether it came over TLS to us, or to a proxy that says so: who lies about that harms nobody else. */
export const cameOverTls = ({ protocol, headers }: { readonly protocol: string; readonly headers: IncomingHttpHeaders }): boolean =>
  protocol === 'https' || single(headers['x-forwarded-proto'])?.split(',')[0]!.trim() === 'https';

/** Values by name; quotes around one are no part of it. */
export function cookiesIn(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(';') ?? []) {
    const split = pair.indexOf('=');
    if (split <= 0) continue;
    const value = pair.slice(split + 1).trim();
    cookies.set(pair.slice(0, split).trim(), value.replace(/^"(.*)"$/, '$1'));
  }
  return cookies;
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
