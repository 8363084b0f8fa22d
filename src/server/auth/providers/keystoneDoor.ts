import type { KeystoneConfig } from '../../../common/config/config.js';

/** What Keystone says of a token. */
export interface KeystoneToken {
  readonly id: string;
  readonly name: string;
  /** By name; `undefined` for a token that is for none. */
  readonly project: string | undefined;
  /** Name and id of the domain, where that of the user and that of the project are one. */
  readonly domains: readonly string[];
  readonly isVersion2: boolean;
  /** Names of the roles in the project. */
  readonly roles: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Keystone's interface for identity, as its API reference has it. Rejects, with a reason for people, when it does not answer as it says there. */
export interface KeystoneDoor {
  /** Finds out whether it is there, and which version it speaks. */
  greet(): Promise<void>;
  /** `undefined` for a wrong name or password, and for who is not in the project. */
  signIn(name: string, password: string): Promise<KeystoneToken | undefined>;
  /** `undefined` for a token that is not good. */
  look(token: string): Promise<KeystoneToken | undefined>;
}

/** Milliseconds that it may take for one answer. */
const ANSWER_MS = 10_000;

type DoorConfig = Pick<KeystoneConfig, 'version' | 'domain' | 'project'> & { readonly url: string };

export function openKeystoneDoor({ url, version, domain, project }: DoorConfig): KeystoneDoor {
  const named = /\/v(3|2\.0)$/.exec(url)?.[1];
  const root = named === undefined ? url : url.slice(0, url.lastIndexOf('/'));
  let spoken = version !== 'auto' ? version : named === '3' ? 'v3' : named === '2.0' ? 'v2' : undefined;

  const greeted = async (): Promise<'v2' | 'v3'> => (spoken ??= await newest(root));

  return {
    async greet() {
      const at = (await greeted()) === 'v3' ? `${root}/v3` : `${root}/v2.0`;
      const { status } = await fetch(at, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(refused);
      if (status !== 200) throw new Error(`${at} answered with status ${status}`);
    },
    async signIn(name, password) {
      if ((await greeted()) === 'v2') {
        const auth = { tenantName: project, passwordCredentials: { username: name, password } };
        return version2(await asked(`${root}/v2.0/tokens`, { method: 'POST', body: JSON.stringify({ auth }) }));
      }
      const user = { name, password, domain: domainOf(domain) };
      const auth = {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: project, domain: domainOf(domain) } },
      };
      return version3(await asked(`${root}/v3/auth/tokens`, { method: 'POST', body: JSON.stringify({ auth }) }));
    },
    async look(token) {
      // A token may ask about itself.
      if ((await greeted()) === 'v2')
        return version2(await asked(`${root}/v2.0/tokens/${encodeURIComponent(token)}`, { headers: { 'x-auth-token': token } }));
      return version3(await asked(`${root}/v3/auth/tokens`, { headers: { 'x-auth-token': token, 'x-subject-token': token } }));
    },
  };
}

/** The domain that every Keystone begins with is known by this id whatever it was renamed to. */
const domainOf = (domain: string) => (domain === 'default' ? { id: domain } : { name: domain });

/** https://docs.openstack.org/api-ref/identity/v3/#list-versions */
async function newest(root: string): Promise<'v2' | 'v3'> {
  const answer = await fetch(root, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(refused);
  const { versions } = (await answer.json().catch(() => ({}))) as { versions?: { values?: { id?: string }[] } };
  const ids = versions?.values?.map(({ id }) => id ?? '') ?? [];
  if (ids.some((id) => id.startsWith('v3'))) return 'v3';
  if (ids.some((id) => id.startsWith('v2'))) return 'v2';
  throw new Error(`${root} does not say which versions it speaks (status ${answer.status}): set auth.keystone.version`);
}

interface Said {
  readonly body: unknown;
  readonly token: string | null;
}

/** `undefined` for a token or password that is not good. */
async function asked(url: string, init: RequestInit): Promise<Said | undefined> {
  const headers = { accept: 'application/json', 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  const ask = (): Promise<Response> => fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS) });
  // A server, or a proxy before it, may close a connection that it kept just when it is used again. Nothing is changed by asking twice.
  const answer = await ask().catch(ask).catch(refused);
  if (answer.status === 401 || answer.status === 403 || answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url} answered with status ${answer.status}`);
  const body: unknown = await answer.json().catch(() => undefined);
  return { body, token: answer.headers.get('x-subject-token') };
}

function refused(error: Error): never {
  throw new Error(error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : error.message);
}

interface Named {
  readonly id?: string;
  readonly name?: string;
}

/** https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization */
function version3(said: Said | undefined): KeystoneToken | undefined {
  if (said === undefined) return undefined;
  const { token } = said.body as {
    token?: { user?: Named & { domain?: Named }; project?: Named & { domain?: Named }; roles?: Named[]; expires_at?: string };
  };
  const { user, project, roles = [], expires_at: expires } = token ?? {};
  if (said.token === null || user?.name === undefined || expires === undefined) throw new Error('its answer holds no token');
  const isOneDomain = project === undefined || project.domain?.id === user.domain?.id;
  return {
    id: said.token,
    name: user.name,
    project: project?.name,
    domains: isOneDomain ? [user.domain?.name, user.domain?.id].filter((text) => text !== undefined) : [],
    isVersion2: false,
    roles: roles.flatMap(({ name }) => name ?? []),
    expiresAt: Date.parse(expires),
  };
}

/** https://docs.openstack.org/keystone/pike/api_curl_examples.html, "v2.0": in no Keystone since Queens. */
function version2(said: Said | undefined): KeystoneToken | undefined {
  if (said === undefined) return undefined;
  const { access } = said.body as {
    access?: { token?: { id?: string; expires?: string; tenant?: Named }; user?: Named & { username?: string; roles?: Named[] } };
  };
  const { token, user } = access ?? {};
  const name = user?.username ?? user?.name;
  if (token?.id === undefined || token.expires === undefined || name === undefined) throw new Error('its answer holds no token');
  return {
    id: token.id,
    name,
    project: token.tenant?.name,
    domains: [],
    isVersion2: true,
    roles: user?.roles?.flatMap((role) => role.name ?? []) ?? [],
    expiresAt: Date.parse(token.expires),
  };
}
