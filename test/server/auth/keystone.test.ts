import { rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigPath } from '../../../src/common/config/keys.js';
import { eventually } from '../../compat/asking.js';
import { WebSocket } from 'ws';
import { describeWith, program } from '../../needs.js';
import { RawClient } from '../rawClient.js';
import { http, openRig, webSocket, type Rig } from '../rig.js';
import { startKeystonePeer, type KeystonePeer } from './keystonePeer.js';
import { basic, folderWith } from './people.js';
import { startRealKeystone } from './realKeystone.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const WHO = { query: '{ viewer { name roles } }' };
const ROLES = { admin: 'administrator', member: ['operator'] };

let rig: Rig;
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const analyzerWith = async (url: string, config: Partial<Record<ConfigPath, unknown>> = {}): Promise<Rig> =>
  (rig = await openRig({ config: { 'auth.keystone.url': url, 'auth.keystone.roles': ROLES, ...config } }));

async function signIn(name: string, password: string) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${rig.url}/auth/login`, { method: 'POST', headers, body: JSON.stringify({ name, password }) });
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0]!);
  return { status: answer.status, body: (await answer.json()) as { name: string; roles: string[] }, cookies };
}
const refresh = async (cookies: readonly string[]) =>
  (await fetch(`${rig.url}/auth/refresh`, { method: 'POST', headers: { cookie: cookies.join('; ') } })).status;
const oldLogin = (username: string, password: string) =>
  fetch(`${rig.url}/login`, { method: 'POST', body: new URLSearchParams({ username, password }) });
const asked = (headers: Record<string, string>) => fetch(`${rig.url}/api/status`, { headers });
const status = async (headers: Record<string, string>) => (await settled(() => asked(headers))).status;

/** Asks again as long as Keystone cannot be used, as the answer says one may: a real one on a busy machine is slow to begin. */
async function settled<T extends { readonly status: number }>(ask: () => Promise<T>): Promise<T> {
  let answer!: T;
  await eventually(async () => (answer = await ask()).status !== 503);
  return answer;
}

/** What holds with every Keystone, whatever it speaks. */
function behaves(open: () => Promise<{ readonly url: string; close(): Promise<void> }>): void {
  let peer: { readonly url: string; close(): Promise<void> };
  beforeEach(async () => void (peer = await open()));
  afterEach(async () => {
    await rig?.close();
    await peer?.close();
  });

  it('knows people by their passwords, and gives the roles of their roles in the project', async () => {
    await analyzerWith(peer.url);
    const { status: right, body, cookies } = await settled(() => signIn('ada', 'ada-secret'));
    expect([right, body]).toEqual([200, { name: 'ada', roles: ['operator'], expiresInMs: 900_000 }]);
    expect(await refresh(cookies)).toBe(200);
    for (const [name, password] of [
      ['ada', 'wrong'],
      ['nobody', 'x'],
      ['eve', 'eve-secret'], // in another project
    ] as const)
      expect(await settled(() => signIn(name, password))).toMatchObject({
        status: 401,
        body: { errors: [{ message: 'Wrong credentials' }] },
      });
    expect(await status({ authorization: basic('ada', 'ada-secret') })).toBe(200);
    expect(await status({ authorization: basic('ada', 'wrong') })).toBe(401);
  });

  it("gives old clients Keystone's token, and takes it back at every door", async () => {
    await analyzerWith(peer.url);
    const answer = await settled(() => oldLogin('ada', 'ada-secret'));
    const { Token: token } = (await answer.json()) as { Token: string };
    expect(answer.headers.getSetCookie()[0]).toContain(`authtoken=${token};`);
    expect(await status({ 'x-auth-token': token })).toBe(200);
    expect(await status({ cookie: `authtoken=${token}` })).toBe(200);
    for (const transport of [http, webSocket])
      expect(await transport.ask(rig.url, WHO, token)).toEqual({ data: { viewer: { name: 'ada', roles: ['OPERATOR'] } } });
    expect(await status({ 'x-auth-token': `${token.slice(0, -4)}abcd` })).toBe(401);
    expect((await settled(() => oldLogin('ada', 'wrong'))).status).toBe(401);
  });
}

async function peerWith(version: 'v2' | 'v3'): Promise<KeystonePeer> {
  const peer = await startKeystonePeer(version);
  peer.people.set('ada', { password: 'ada-secret', project: 'admin', roles: ['member', 'reader'] });
  peer.people.set('eve', { password: 'eve-secret', project: 'others', roles: ['admin'] });
  peer.people.set('bob', { password: 'bob-secret', project: 'admin', roles: ['reader'] });
  return peer;
}

describeWith([program('keystone-manage')], 'a real Keystone', () => {
  let real: Awaited<ReturnType<typeof startRealKeystone>>;
  beforeAll(async () => void (real = await startRealKeystone()));
  afterAll(() => real?.close());
  behaves(() => Promise.resolve({ url: real.url, close: () => Promise.resolve() }));
});

describe('a Keystone that speaks version 2', () => behaves(() => peerWith('v2')));

describe('a Keystone that speaks version 3', () => {
  behaves(() => peerWith('v3'));
});

describe('Keystone', () => {
  let peer: KeystonePeer;
  beforeEach(async () => void (peer = await peerWith('v3')));
  afterEach(async () => {
    await rig?.close();
    await peer?.close();
  });

  it('has the last word: tokens for other projects and domains, and people without a role, are refused', async () => {
    await analyzerWith(peer.url);
    expect(await status({ 'x-auth-token': await peer.token('ada') })).toBe(200);
    expect(await status({ 'x-auth-token': await peer.token('eve') })).toBe(401);
    peer.people.set('dan', { password: 'x', project: 'admin', roles: ['admin'], domain: 'elsewhere' });
    expect(await status({ 'x-auth-token': await peer.token('dan') })).toBe(401);
    const { status: refused, body } = await signIn('bob', 'bob-secret');
    expect([refused, JSON.stringify(body)]).toEqual([403, expect.stringContaining('auth.keystone.roles')]);
  });

  it('gives everybody a role where none is mapped', async () => {
    await analyzerWith(peer.url, { 'auth.keystone.roles': {}, 'auth.keystone.defaultRole': 'admin' });
    expect((await signIn('bob', 'bob-secret')).body).toMatchObject({ roles: ['admin'] });
  });

  it('is asked again at each refresh', async () => {
    await analyzerWith(peer.url, { 'auth.session': 0 });
    const { cookies } = await signIn('ada', 'ada-secret');
    expect(await refresh(cookies)).toBe(200);
    peer.forgetTokens();
    expect(await refresh(cookies)).toBe(401);
  });

  it('is not told of passwords that are for somebody here, and keeps nobody else out when it is away', async () => {
    const { dataDir, tokens } = await folderWith({ users: { ada: ['reader'] }, tokens: [{ roles: ['administrator'] }] });
    folders.push(dataDir);
    rig = await openRig({ dataDir, config: { 'auth.keystone.url': peer.url } });
    expect((await signIn('ada', 'ada-secret')).body).toMatchObject({ name: 'ada', roles: ['reader'] });
    expect(await status({ 'x-auth-token': await peer.token('ada') })).toBe(401); // another ada
    await peer.close();
    expect((await signIn('bob', 'bob-secret')).status).toBe(503);
    expect((await signIn('ada', 'ada-secret')).status).toBe(200);
    await eventually(async () => {
      const answer = await http.ask(rig.url, { query: '{ status { signIn { source state } } }' }, tokens[0]);
      return JSON.stringify(answer.data).includes('{"source":"keystone","state":"AWAY"}');
    });
  });

  it('is said to be away, and not that the password is wrong, at every door', async () => {
    await analyzerWith(peer.url);
    await peer.close();
    const headers = { authorization: basic('bob'), 'x-client-type': 'away' };
    const refused = expect.stringMatching(/^Keystone \(http.*\) cannot be used at the moment: .*; try again$/) as string;
    for (const path of ['/ws/subscriber', '/ws/publisher', '/ws/subscriber/flow']) {
      const socket = new WebSocket(`${rig.url.replace('http', 'ws')}${path}`, { headers });
      const answer = await new Promise<IncomingMessage>((resolve, reject) =>
        socket.on('unexpected-response', (_request, response) => resolve(response)).on('error', reject),
      );
      expect([answer.statusCode, (await text(answer)).trim()]).toEqual([503, refused]);
    }
    const raw = await RawClient.open(rig.url, headers);
    await raw.init();
    expect(raw.closed?.code).toBe(1013);
    const old = await asked(headers);
    expect([old.status, (await old.text()).trim()]).toEqual([503, refused]);
    expect((await signIn('bob', 'x')).body).toMatchObject({
      errors: [{ message: refused, extensions: { code: 'UNAVAILABLE', retriable: true } }],
    });
  });

  it('slows down who tries passwords', async () => {
    await analyzerWith(peer.url);
    await eventually(async () => (await signIn('ada', 'wrong')).status === 429);
  });
});
