import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../rawClient.js';
import { http, openRig, type Rig } from '../rig.js';
import { basic, folderWith } from './people.js';

const WHO = { query: '{ viewer { name roles } }' };

let rig: Rig;
let tokens: readonly string[];
let dataDir: string;
beforeAll(async () => {
  ({ dataDir, tokens } = await folderWith({
    users: { anna: ['operator'], carl: ['reader'] },
    tokens: [{ roles: ['publisher'], name: 'ci' }, { roles: ['agent'] }],
  }));
  rig = await openRig({ dataDir });
});
afterAll(async () => {
  await rig.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const post = (path: string, body: object | undefined, headers: Record<string, string> = {}) =>
  fetch(`${rig.url}${path}`, {
    method: 'POST',
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
const ask = async (headers: Record<string, string>) => {
  const response = await post('/graphql', WHO, headers);
  return (await response.json()) as { data?: { viewer: object }; errors?: { extensions: { code: string } }[] };
};
/** `name=value` of each cookie that is set, by its name. */
const cookiesOf = (response: Response) =>
  Object.fromEntries(
    response.headers.getSetCookie().map((cookie) => [cookie.split('=')[0]!, { pair: cookie.split(';')[0]!, whole: cookie }]),
  );

describe('signing in', () => {
  it('gives cookies that no script can read and no other site sends', async () => {
    const response = await post('/auth/login', { name: 'anna', password: 'anna-secret' });
    expect(await response.json()).toEqual({ name: 'anna', roles: ['operator'], expiresInMs: 900_000 });
    const { canopy_session: session, canopy_refresh: refresh } = cookiesOf(response);
    expect(session!.whole).toMatch(/; Path=\/; Max-Age=900; HttpOnly; SameSite=Strict$/);
    expect(refresh!.whole).toMatch(/; Path=\/auth; Max-Age=604800; HttpOnly; SameSite=Strict$/);
    expect(await ask({ cookie: session!.pair })).toEqual({ data: { viewer: { name: 'anna', roles: ['OPERATOR'] } } });
    const behindProxy = await post('/auth/login', { name: 'anna', password: 'anna-secret' }, { 'x-forwarded-proto': 'https' });
    expect(cookiesOf(behindProxy).canopy_session!.whole).toMatch(/; Secure$/);
  });

  it('is refreshed with its own cookie, and ends with both', async () => {
    const { canopy_session: session, canopy_refresh: refresh } = cookiesOf(
      await post('/auth/login', { name: 'anna', password: 'anna-secret' }),
    );
    expect((await post('/auth/refresh', undefined, { cookie: session!.pair })).status).toBe(401);
    const refreshed = await post('/auth/refresh', undefined, { cookie: refresh!.pair });
    const next = cookiesOf(refreshed).canopy_session!;
    expect(await ask({ cookie: next.pair })).toMatchObject({ data: { viewer: { name: 'anna' } } });
    const left = await post('/auth/logout', undefined, { cookie: `${next.pair}; ${refresh!.pair}` });
    expect(left.status).toBe(204);
    expect(cookiesOf(left).canopy_session!.whole).toContain('Max-Age=0');
    expect(await ask({ cookie: next.pair })).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await post('/auth/refresh', undefined, { cookie: refresh!.pair })).status).toBe(401);
  });

  it.each([
    [{ name: 'anna', password: 'x' }, 401],
    [{ name: 'anna' }, 400],
    [{ name: 7, password: {} }, 400],
    [[], 400],
  ])('with %o is refused by %i', async (body, status) => expect((await post('/auth/login', body)).status).toBe(status));

  it('is not taken from a form, which any page could send', async () => {
    const form = new URLSearchParams({ name: 'anna', password: 'anna-secret' });
    expect((await fetch(`${rig.url}/auth/login`, { method: 'POST', body: form })).status).toBe(400);
    expect((await post('/auth/login', { name: 'anna', password: 'anna-secret' }, { origin: 'https://evil.example' })).status).toBe(403);
  });

  it('is slowed down with the seconds to wait', async () => {
    const form = new URLSearchParams({ username: 'carl', password: 'x' });
    // Each failure makes the wait longer: however slow this machine is, one comes too early.
    const tooEarly = async (attempt: () => Promise<Response>): Promise<Response> => {
      for (let tries = 0; ; tries++) {
        const response = await attempt();
        if (response.status === 429 || tries > 20) return response;
        expect(response.status).toBe(401);
      }
    };
    const refused = await tooEarly(() => post('/auth/login', { name: 'carl', password: 'x' }));
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    const old = await tooEarly(() => fetch(`${rig.url}/login`, { method: 'POST', body: form }));
    expect([old.status, await old.text()]).toEqual([429, expect.stringContaining('too many wrong passwords')]);
  });

  it('is said to be needed to whoever asks', async () =>
    expect(await (await fetch(`${rig.url}/auth`)).json()).toMatchObject({ isOpen: false }));
});

describe('tokens', () => {
  it('that were made open what their role opens', async () => {
    expect(await http.ask(rig.url, WHO, tokens[0])).toEqual({ data: { viewer: { name: 'token:ci', roles: ['PUBLISHER'] } } });
    expect(await http.ask(rig.url, WHO, tokens[1])).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

describe('over WebSocket', () => {
  it('the cookie of the upgrade opens, and so does a password', async () => {
    const { canopy_session: session } = cookiesOf(await post('/auth/login', { name: 'anna', password: 'anna-secret' }));
    for (const headers of [{ cookie: session!.pair }, { authorization: basic('anna') }] as Record<string, string>[]) {
      const raw = await RawClient.open(rig.url, headers);
      await raw.init(undefined);
      expect(raw.messages).toMatchObject([{ type: 'connection_ack' }]);
      raw.cut();
    }
  });
});

describe('old clients', () => {
  it('log in with a name and a password, and show the token as they are used to', async () => {
    const response = await fetch(`${rig.url}/login`, {
      method: 'POST',
      body: new URLSearchParams({ username: 'anna', password: 'anna-secret' }),
    });
    const { Token, Permissions } = (await response.json()) as {
      Token: string;
      Permissions: { Object: string; Action: string; Allowed: boolean }[];
    };
    const { authtoken } = cookiesOf(response);
    expect(authtoken!.pair).toBe(`authtoken=${Token}`);
    const may = (object: string, action: string) =>
      Permissions.find(({ Object, Action }) => Object === object && Action === action)?.Allowed;
    expect([may('capture', 'write'), may('node', 'write'), may('topology', 'read')]).toEqual([true, false, true]);
    for (const headers of [
      { cookie: authtoken!.pair },
      { 'x-auth-token': Token },
      { authorization: `Bearer ${Token}` },
      { authorization: basic('anna') },
    ] as Record<string, string>[])
      expect((await fetch(`${rig.url}/api/status`, { headers })).status).toBe(200);
    const wrong = await fetch(`${rig.url}/login`, { method: 'POST', body: new URLSearchParams({ username: 'anna', password: 'x' }) });
    expect([wrong.status, await wrong.text()]).toEqual([401, 'Wrong credentials\n']);
    for (const [headers, said] of [
      [{}, 'No credentials provided\n'],
      [{ authorization: 'Basic bm9ib2R5Om5vdGhpbmc=' }, 'Wrong credentials\n'],
    ] as [Record<string, string>, string][]) {
      const refused = await fetch(`${rig.url}/api/status`, { headers });
      expect([refused.status, await refused.text()]).toEqual([401, said]);
    }
  });
});
