import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../common/config/listen.js';
import { CanopyError } from '../../common/errors.js';

/** Which names a request may use for us, and from which web pages it may come. */
export interface VisitorDoor {
  /** Why the request may not come in; `undefined` when it may. */
  refusal(request: Pick<IncomingMessage, 'headers'>): CanopyError | undefined;
  /** Whether a page of another origin may read answers: one of the configured `origins`. */
  isWelcomeOrigin(origin: string | undefined): origin is string;
}

/**
 * A browser sends `Origin` with every request that a foreign page makes, and we refuse those; what has none is no browser. A page can still
 * give its own name our address (DNS rebinding): then it is of our origin, but `Host` carries its name, so that on loopback only loopback
 * names are answered.
 */
export function openVisitorDoor(listenHost: string, origins: readonly string[]): VisitorDoor {
  const welcome = new Set(origins.map((origin) => new URL(origin).origin));
  const welcomeHosts = new Set([...welcome].map((origin) => new URL(origin).host));
  const onLoopback = isLoopback(listenHost);
  return {
    refusal({ headers }) {
      const { host, origin } = headers;
      if (onLoopback && host !== undefined && !isLoopback(hostName(host)) && !welcomeHosts.has(host)) {
        return new CanopyError('FORBIDDEN', `this address does not answer to the name '${host}'; add it to 'origins' if it should`, {
          details: { host },
        });
      }
      if (origin === undefined || welcome.has(origin) || isOwn(origin, host)) return undefined;
      return new CanopyError('FORBIDDEN', `web pages of '${origin}' may not call this analyzer; add it to 'origins' if they should`, {
        details: { origin },
      });
    },
    isWelcomeOrigin: (origin): origin is string => origin !== undefined && welcome.has(origin),
  };
}

/** The name in a Host header without port and brackets. */
const hostName = (host: string): string =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

function isOwn(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false; // `null`: a sandboxed frame or a local file
  }
}
