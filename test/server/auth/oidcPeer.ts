import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

export const CLIENT = { id: 'canopy', secret: 'canopy-client-secret-of-tests' };
export const ROBOT = { id: 'robot', secret: 'robot-client-secret-of-tests-only' };

/** What machines ask a token for. */
export const AUDIENCE = 'https://canopy.test';

/** A real provider of OpenID Connect. Everybody in `people` can sign in there with any password. */
export interface OidcPeer {
  readonly issuer: string;
  /** From now on it answers, and leads back to this analyzer and nowhere else; before it is away. */
  serve(analyzer: string): void;
  /** From now on it is away. */
  goAway(): void;
  /** Groups by name; whoever is removed is not known any more. */
  readonly people: Map<string, readonly string[]>;
  /** A token for the robot, as it gets one from the provider. */
  robotToken(audience?: string): Promise<string>;
  close(): Promise<void>;
}

export async function startOidcPeer(): Promise<OidcPeer> {
  const people = new Map<string, readonly string[]>();
  const away: RequestListener = (_request, response) => response.writeHead(503).end();
  let answer = away;
  let provider: RequestListener | undefined;
  const server = createServer((request, response) => answer(request, response));
  const issuer = `http://127.0.0.1:${await listening(server)}`;
  return {
    issuer,
    people,
    serve(analyzer) {
      answer = provider ??= quietly(() => new Provider(issuer, configuration(analyzer, people)).callback());
    },
    goAway: () => void (answer = away),
    async robotToken(audience = AUDIENCE) {
      const answer = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${ROBOT.id}:${ROBOT.secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
      });
      const { access_token: token } = (await answer.json()) as { access_token: string };
      return token;
    },
    close: () => closed(server),
  };
}

const configuration = (analyzer: string, people: ReadonlyMap<string, readonly string[]>): Configuration => ({
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      redirect_uris: [`${analyzer}/auth/oidc/callback`],
      post_logout_redirect_uris: [`${analyzer}/`],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    },
    { client_id: ROBOT.id, client_secret: ROBOT.secret, redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  cookies: { keys: ['of tests'] },
  issueRefreshToken: () => Promise.resolve(true),
  rotateRefreshToken: true,
  findAccount: (_context, id) =>
    people.has(id)
      ? {
          accountId: id,
          claims: () => Promise.resolve({ sub: id, preferred_username: id, groups: [...people.get(id)!], email: `${id}@x.test` }),
        }
      : undefined,
  extraTokenClaims: (_context, token) => ('clientId' in token && token.clientId === ROBOT.id ? { groups: ['robots'] } : undefined),
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, audience) => ({ audience, scope: '', accessTokenFormat: 'jwt', accessTokenTTL: 600 }),
    },
  },
});

/** Without its warnings about what is meant for development: that is what we are doing. */
function quietly<T>(make: () => T): T {
  const { warn, info } = console;
  Object.assign(console, { warn: () => undefined, info: () => undefined });
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await done;
}
