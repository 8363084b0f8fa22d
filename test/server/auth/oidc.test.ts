import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigPath } from '../../../src/common/config/keys.js';
import { eventually } from '../../compat/asking.js';
import { client, http, openRig, webSocket, type Rig } from '../rig.js';
import { Browsing } from './browser.js';
import { AUDIENCE, CLIENT, startOidcPeer, type OidcPeer } from './oidcPeer.js';
import { folderWith } from './people.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const WHO = '{ viewer { name roles } }';

let peer: OidcPeer;
let rig: Rig;
let browser: Browsing;
const folders: string[] = [];

async function analyzerWith(config: Partial<Record<ConfigPath, unknown>> = {}, dataDir?: string): Promise<Rig> {
  const oidc = {
    'auth.oidc.issuer': peer.issuer,
    'auth.oidc.clientId': CLIENT.id,
    'auth.oidc.clientSecret': CLIENT.secret,
    'auth.oidc.name': 'Example Login',
    'auth.oidc.roles': { netops: 'operator', robots: ['reader'] },
    'auth.oidc.audiences': [AUDIENCE],
  };
  return openRig({ config: { ...oidc, ...config }, dataDir });
}

/** As the page asks. */
async function ask(query: string) {
  await browser.go(`${rig.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return JSON.parse(browser.text) as { data?: { viewer: unknown }; errors?: { message: string; extensions: { code: string } }[] };
}
const post = (path: string) => browser.go(`${rig.url}${path}`, { method: 'POST' });

async function signIn(name: string, next = '/explorer'): Promise<void> {
  await browser.go(`${rig.url}/auth/oidc/start?next=${encodeURIComponent(next)}`);
  await browser.signInAt(name);
}

beforeEach(() => {
  browser = new Browsing();
  // The provider reminds of what it is not configured for.
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe('a provider of OpenID Connect', () => {
  beforeAll(async () => {
    peer = await startOidcPeer();
    rig = await analyzerWith();
    peer.serve(rig.url);
  });
  afterAll(async () => {
    await rig?.close();
    await peer?.close();
  });
  beforeEach(() => {
    peer.people.clear();
    peer.people.set('anna', ['netops', 'others']).set('bob', ['others']);
  });

  it('is shown to who has to sign in', async () => {
    await browser.go(`${rig.url}/auth`);
    expect(JSON.parse(browser.text)).toEqual({ isOpen: false, provider: { name: 'Example Login', startUrl: '/auth/oidc/start' } });
    expect((await ask(WHO)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('signs people in with the code flow, PKCE, state and nonce, and leads back to where they were', async () => {
    await browser.go(`${rig.url}/auth/oidc/start?next=/explorer`);
    const asked = new URL((await fetch(`${rig.url}/auth/oidc/start`, { redirect: 'manual' })).headers.get('location')!);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile email offline_access',
      state: expect.stringMatching(/.{20}/) as string,
      nonce: expect.stringMatching(/.{20}/) as string,
      redirect_uri: `${rig.url}/auth/oidc/callback`,
    });
    await browser.signInAt('anna');
    expect(browser.url).toBe(`${rig.url}/explorer`);
    expect(await ask(WHO)).toEqual({ data: { viewer: { name: 'anna', roles: ['OPERATOR'] } } });
    const ours = browser.cookiesSet.filter((line) => /^canopy_(session|refresh)=./.test(line));
    expect(ours.length).toBe(2);
    for (const line of ours) expect(line).toMatch(/HttpOnly; SameSite=Strict/);
    const folder = join(rig.dataDir, 'auth', 'sign-ins');
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it.each(['//evil.test/', '/\\evil.test', 'https://evil.test/', '/\n/evil.test', 'explorer'])('leads nowhere else: %j', async (next) => {
    await signIn('anna', next);
    expect(browser.url).toBe(`${rig.url}/`);
  });

  it('says why somebody without a role may not come in', async () => {
    await signIn('bob');
    expect(browser.status).toBe(403);
    expect(browser.text).toMatch(/&#39;bob&#39; is known, but is in no group that has a role here.*auth\.oidc\.roles/);
    expect(browser.cookie(rig.url, 'canopy_session')).toBeUndefined();
  });

  it('takes no answer that belongs to no sign-in of this browser', async () => {
    await browser.go(`${rig.url}/auth/oidc/callback?code=abc&state=def`);
    expect([browser.status, browser.text]).toEqual([401, expect.stringContaining('no sign-in that waits')]);
    await browser.go(`${rig.url}/auth/oidc/start`);
    await browser.go(`${rig.url}/auth/oidc/callback?code=abc&state=def&iss=${encodeURIComponent(peer.issuer)}`);
    expect([browser.status, browser.text]).toEqual([401, expect.stringContaining('does not belong to this sign-in')]);
  });

  it('forgets a sign-in with its answer, and shows what the provider said, as text', async () => {
    const begun = await fetch(`${rig.url}/auth/oidc/start`, { redirect: 'manual' });
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!;
    const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
    const said = new URLSearchParams({ error: 'access_denied', error_description: '<b>no</b>', state, iss: peer.issuer });
    const answer = await fetch(`${rig.url}/auth/oidc/callback?${said}`, { headers: { cookie } });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('&lt;b&gt;no&lt;/b&gt;')]);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^canopy_oidc=; .*Max-Age=0/);
  });

  it('signs out here and at the provider', async () => {
    await signIn('anna');
    const session = browser.cookie(rig.url, 'canopy_session')!;
    await post('/auth/logout');
    const { leaveUrl } = JSON.parse(browser.text) as { leaveUrl: string };
    expect((await ask(WHO)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect((await http.ask(rig.url, { query: WHO }, session)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    await browser.go(leaveUrl);
    await browser.submit({ logout: 'yes' });
    expect(browser.url).toBe(`${rig.url}/`);
    await browser.go(`${rig.url}/auth/oidc/start`);
    expect(browser.text).toContain('name="password"');
  });

  it("takes the provider's access tokens from machines, over HTTP, WebSocket and at the old doors", async () => {
    const token = await peer.robotToken();
    for (const transport of [http, webSocket])
      expect(await transport.ask(rig.url, { query: WHO }, token)).toEqual({ data: { viewer: { name: 'robot', roles: ['READER'] } } });
    expect((await fetch(`${rig.url}/api/status`, { headers: { 'x-auth-token': token } })).status).toBe(200);
    expect((await fetch(`${rig.url}/api/status`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('takes no token for others, nor one that was changed, nor the token of a browser', async () => {
    const foreign = await peer.robotToken('https://other.test');
    const good = await peer.robotToken();
    const [head, body, signature] = good.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const changed = `${head}.${encoded({ ...claims, sub: 'root' })}.${signature}`;
    const unsigned = `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
    for (const token of [foreign, changed, unsigned, `${unsigned}x`, 'a.b.c'])
      expect((await http.ask(rig.url, { query: WHO }, token)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('gives a program a session for a code that somebody types elsewhere', async () => {
    const begun = (await (await fetch(`${rig.url}/auth/oidc/device`, { method: 'POST' })).json()) as Record<string, string>;
    expect(begun.verificationUri).toBe(`${peer.issuer}/device`);
    const headers = { 'content-type': 'application/json' };
    const wait = () =>
      fetch(`${rig.url}/auth/oidc/device/session`, { method: 'POST', headers, body: JSON.stringify({ device: begun.device }) });
    const waiting = wait();
    await browser.go(begun.verificationUriComplete!);
    await browser.submit(); // what its script would do
    await browser.submit(); // confirms the code
    await browser.signInAt('anna');
    let answer = await waiting;
    while (answer.status === 202) answer = await wait();
    expect([answer.status, await answer.json()]).toEqual([200, { name: 'anna', roles: ['operator'], expiresInMs: 900_000 }]);
    const refresh = answer.headers.getSetCookie()[0]!.split(';')[0]!;
    expect((await fetch(`${rig.url}/auth/refresh`, { method: 'POST', headers: { cookie: refresh } })).status).toBe(200);
    const wrong = await fetch(`${rig.url}/auth/oidc/device/session`, { method: 'POST', headers, body: '{"device":"x.y"}' });
    expect(wrong.status).toBe(401);
  });
});

describe('while somebody is signed in', () => {
  beforeEach(async () => {
    peer = await startOidcPeer();
    peer.people.set('anna', ['netops']);
  });
  afterEach(async () => {
    await rig?.close();
    await peer?.close();
  });
  /** The provider is asked again at once. */
  const SHORT = { 'auth.session': 0 };

  it('has the provider asked at each refresh: roles change, and who has gone is out', async () => {
    rig = await analyzerWith(SHORT);
    peer.serve(rig.url);
    await signIn('anna');
    peer.people.set('anna', ['robots']);
    await post('/auth/refresh');
    expect([browser.status, JSON.parse(browser.text)]).toEqual([200, { name: 'anna', roles: ['reader'], expiresInMs: 0 }]);
    peer.people.delete('anna');
    await post('/auth/refresh');
    expect(browser.status).toBe(401);
    expect(readdirSync(join(rig.dataDir, 'auth', 'sign-ins'))).toEqual([]);
  });

  it('goes on while the provider is away, and after a restart', async () => {
    rig = await analyzerWith();
    peer.serve(rig.url);
    await signIn('anna');
    peer.goAway();
    const port = new URL(rig.url).port;
    rig = await rig.restart({
      config: { ...SHORT, listen: `127.0.0.1:${port}`, 'auth.oidc.issuer': peer.issuer, 'auth.oidc.clientId': CLIENT.id },
    });
    await post('/auth/refresh');
    expect([browser.status, JSON.parse(browser.text)]).toMatchObject([200, { name: 'anna', roles: ['operator'] }]);
  });

  it('cuts connections of who is not known any more', async () => {
    rig = await analyzerWith();
    peer.serve(rig.url);
    await signIn('anna');
    const connection = client(rig.url, browser.cookie(rig.url, 'canopy_session'));
    let isClosed = false;
    connection.on('closed', () => void (isClosed = true));
    connection.subscribe(
      { query: 'subscription { topology { __typename } }' },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await eventually(() => readdirSync(join(rig.dataDir, 'auth', 'sign-ins')).length === 1);
    await post('/auth/logout');
    await eventually(() => isClosed);
    await connection.dispose();
  });

  it('lets nobody be one of our own users', async () => {
    const { dataDir } = await folderWith({ users: { anna: ['administrator'] } });
    folders.push(dataDir);
    rig = await analyzerWith({}, dataDir);
    peer.serve(rig.url);
    await signIn('anna');
    expect([browser.status, browser.text]).toEqual([403, expect.stringContaining('there is a user &#39;anna&#39; here')]);
  });
});

describe('a provider that is away', () => {
  it('keeps nobody from starting: people are told, others come in, and it is tried again', async () => {
    peer = await startOidcPeer();
    const { dataDir, tokens } = await folderWith({ tokens: [{ roles: ['administrator'] }] });
    folders.push(dataDir);
    rig = await analyzerWith({}, dataDir);
    try {
      await browser.go(`${rig.url}/auth/oidc/start`);
      expect([browser.status, browser.text]).toEqual([503, expect.stringMatching(/Example Login \(http.*cannot be used at the moment/)]);
      const STATUS = '{ status { signIn { name url state error } } }';
      const state = async () =>
        (await http.ask(rig.url, { query: STATUS }, tokens[0])).data!.status as { signIn: { state: string; error: string }[] };
      await eventually(async () => (await state()).signIn[0]!.state === 'AWAY');
      expect((await state()).signIn[0]).toMatchObject({
        name: 'Example Login',
        url: peer.issuer,
        error: expect.stringContaining('503') as string,
      });
      peer.people.set('anna', ['netops']);
      peer.serve(rig.url);
      await eventually(async () => (await state()).signIn[0]!.state === 'READY');
      await signIn('anna');
      expect(await ask(WHO)).toMatchObject({ data: { viewer: { name: 'anna' } } });
    } finally {
      await rig.close();
      await peer.close();
    }
  });
});

describe('the configuration of a provider', () => {
  const refused = async (config: Partial<Record<ConfigPath, unknown>>): Promise<string> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'canopy-oidc-'));
    folders.push(dataDir);
    return openRig({ dataDir, config }).then(
      (opened) => opened.close().then(() => 'started'),
      (error: Error) => error.message,
    );
  };

  it.each([
    [{ 'auth.oidc.issuer': 'https://login.test' }, /go together/],
    [{ 'auth.oidc.issuer': 'http://login.test', 'auth.oidc.clientId': 'x' }, /has to be https/],
    [{ 'auth.oidc.issuer': 'http://127.0.0.1:1', 'auth.oidc.clientId': 'x', 'auth.oidc.roles': { a: 'operater' } }, /role 'operater'/],
    [{ 'auth.oidc.issuer': 'http://127.0.0.1:1', 'auth.oidc.clientId': 'x', 'auth.oidc.defaultRole': 'operater' }, /role 'operater'/],
    [{ 'auth.oidc.issuer': 'http://127.0.0.1:1', 'auth.oidc.clientId': 'x', 'auth.oidc.roles': { a: 7 } }, /needs a role/],
    [{ 'auth.oidc.issuer': 'http://127.0.0.1:1', 'auth.oidc.clientId': 'x', 'auth.oidc.clientSecret': 'file:/nowhere' }, /cannot read/],
  ])('%j is refused', async (config, message) => expect(await refused(config)).toMatch(message));
});
