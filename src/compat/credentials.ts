import type { IncomingHttpHeaders } from 'node:http';
import type { Viewer } from '../services/viewer.js';

/**
 * What old clients show to be let in, most telling first: the cookie that `/login` gave, an `Authorization` header of any scheme, the
 * `X-Auth-Token` header, and `x-auth-token` in the address. All of them are tried, so that a stale cookie hides no good header.
 */
export function credentialsOf(headers: IncomingHttpHeaders, query: URLSearchParams): string[] {
  const shown = [
    cookiesIn(headers.cookie).get('authtoken'),
    headers.authorization?.trim().replace(/^\w+\s+/, ''),
    single(headers['x-auth-token']),
    query.get('x-auth-token'),
  ];
  return shown.filter((token): token is string => typeof token === 'string' && token !== '');
}

/** The first that is known: a stale cookie hides no good header. */
export function viewerAmong(
  credentials: readonly string[],
  viewerOf: (token: string | undefined) => Viewer | undefined,
): Viewer | undefined {
  for (const token of credentials) {
    const viewer = viewerOf(token);
    if (viewer !== undefined) return viewer;
  }
  return viewerOf(undefined);
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function cookiesIn(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header?.split(';') ?? []) {
    const split = pair.indexOf('=');
    if (split > 0)
      cookies.set(
        pair.slice(0, split).trim(),
        pair
          .slice(split + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return cookies;
}
