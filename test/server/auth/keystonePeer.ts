import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody whom a Keystone knows. */
export interface Person {
  readonly password: string;
  readonly project: string;
  readonly roles: readonly string[];
  /** Of the user and of the project; `Default` unless given. Means nothing in version 2. */
  readonly domain?: string;
}

/** A Keystone as its users see it. */
export interface KeystonePeer {
  readonly url: string;
  /** Project and domain in which everybody is unless their own say otherwise. */
  readonly people: Map<string, Person>;
  /** A token as anybody gets one. */
  token(name: string): Promise<string>;
  /** From now on no token is good. */
  forgetTokens(): void;
  close(): Promise<void>;
}

interface Given {
  readonly name: string;
  readonly id: string;
  readonly expires: string;
}

/**
 * Speaks version 2 as its API reference has it (https://docs.openstack.org/keystone/pike/api_curl_examples.html): no Keystone that can be had today does. And
 * version 3 for what cannot be done to a real one.
 */
export async function startKeystonePeer(version: 'v2' | 'v3'): Promise<KeystonePeer> {
  const people = new Map<string, Person>();
  const tokens = new Map<string, Given>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const give = (name: string): Given => {
    const id = version === 'v2' ? randomBytes(16).toString('hex') : `gAAAAA${randomBytes(90).toString('base64url')}`;
    const given = { name, id, expires: new Date(Date.now() + 3_600_000).toISOString() };
    tokens.set(id, given);
    return given;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    const send = (status: number, json: object, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
    const path = request.url!;
    const paths = version === 'v2' ? { root: '/v2.0', tokens: '/v2.0/tokens' } : { root: '/v3', tokens: '/v3/auth/tokens' };
    if (path === '/') return send(300, { versions: { values: [{ id: version === 'v2' ? 'v2.0' : 'v3.14', status: 'stable' }] } });
    if (path === paths.root) return send(200, { version: { id: version } });
    const given = request.method === 'POST' && path === paths.tokens ? signIn(body) : shown(request, path);
    const person = given && people.get(given.name);
    if (given === undefined || person === undefined) return send(401, { error: { code: 401, title: 'Unauthorized' } });
    const roles = person.roles.map((name) => ({ id: name, name }));
    if (version === 'v2') {
      const token = { id: given.id, expires: given.expires, tenant: { id: 't', name: person.project } };
      return send(200, { access: { token, user: { id: 'u', name: given.name, username: given.name, roles } } });
    }
    const domain = { id: person.domain ?? 'default', name: person.domain ?? 'Default' };
    const token = { user: { name: given.name, domain }, project: { name: person.project, domain }, roles, expires_at: given.expires };
    return send(request.method === 'POST' ? 201 : 200, { token }, { 'x-subject-token': given.id });
  }

  function signIn(body: string): Given | undefined {
    const { auth } = JSON.parse(body) as {
      auth: {
        tenantName?: string;
        passwordCredentials?: { username: string; password: string };
        identity?: { password: { user: { name: string; password: string } } };
        scope?: { project: { name: string } };
      };
    };
    const user = auth.identity?.password.user ?? { name: auth.passwordCredentials!.username, password: auth.passwordCredentials!.password };
    const person = people.get(user.name);
    const project = auth.scope?.project.name ?? auth.tenantName;
    return person !== undefined && person.password === user.password && person.project === project ? give(user.name) : undefined;
  }

  function shown({ headers }: IncomingMessage, path: string): Given | undefined {
    const asker = tokens.get(String(headers['x-auth-token']));
    const subject = version === 'v2' ? path.slice('/v2.0/tokens/'.length) : String(headers['x-subject-token']);
    return asker && tokens.get(subject);
  }

  return {
    url,
    people,
    token: (name) => Promise.resolve(give(name).id),
    forgetTokens: () => tokens.clear(),
    async close() {
      const done = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await done;
    },
  };
}
