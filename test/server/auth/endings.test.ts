import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CompatDoor } from '../../../src/compat/ws/door.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../../../src/protocol/session.js';
import { PATIENCE } from '../../patience.js';
import { RawClient } from '../rawClient.js';
import { http, openRig, type Rig } from '../rig.js';
import { basic, changeTokens, folderWith } from './people.js';

vi.setConfig({ testTimeout: PATIENCE.timeout });

const WHO = { query: '{ viewer { name roles } }' };

/** Who keeps no connection open and must stay in. */
const UNTOUCHED = 'carl';
const PEOPLE = { anna: ['writer'], berta: ['writer'], dora: ['writer'], emil: ['writer'], [UNTOUCHED]: ['reader'] };

let rig: Rig;
let dataDir: string;
let tokens: readonly string[];
beforeAll(async () => {
  ({ dataDir, tokens } = await folderWith({
    users: PEOPLE,
    tokens: ['revoked', 'weaker', 'expired'].map((name) => ({ name, roles: ['writer'] })).concat([{ name: 'agent', roles: ['agent'] }]),
  }));
  rig = await openRig({ dataDir });
});
afterAll(async () => {
  await rig.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const changeUsers = (change: (line: string) => string): void => {
  const path = join(dataDir, 'auth', 'users');
  writeFileSync(path, readFileSync(path, 'utf8').split('\n').map(change).join('\n'));
};
const signIn = async (name: string): Promise<string> => {
  const body = JSON.stringify({ name, password: `${name}-secret` });
  const answer = await fetch(`${rig.url}/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ');
};

/** A connection, and the code with which it ends. */
interface Open {
  readonly ended: Promise<number>;
}
type Headers = Record<string, string>;

const subscribed = async (headers: Headers): Promise<Open> => {
  const raw = await RawClient.open(rig.url, headers);
  await raw.init();
  raw.subscribe('1', 'subscription { statusChanges { now } }');
  await raw.until(() => raw.next('1').length > 0);
  return { ended: raw.until(() => raw.closed !== undefined, PATIENCE.timeout).then(() => raw.closed!.code) };
};
const connected = async (path: string, headers: Headers, protocols: string[] = []): Promise<Open> => {
  const socket = new WebSocket(`${rig.url.replace('http', 'ws')}${path}`, protocols, { headers });
  const ended = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return { ended };
};
const OLD_DOORS = CompatDoor.paths.filter((path) => !path.startsWith('/ws/agent'));

/** Opens every door, makes the change, and waits until every connection has ended. */
async function allEnd(headers: Headers, change: () => unknown): Promise<void> {
  const graphql = await subscribed(headers);
  const old = await Promise.all(OLD_DOORS.map((path) => connected(path, { ...headers, 'x-client-type': 'end' })));
  await change();
  expect(await graphql.ended).toBe(4403);
  expect(await Promise.all(old.map(({ ended }) => ended))).toEqual(OLD_DOORS.map(() => 1008));
}
const rolesOf = async (headers: Headers) => {
  const options = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(WHO) };
  const { data } = (await (await fetch(`${rig.url}/graphql`, options)).json()) as { data?: { viewer: { roles: string[] } } };
  return data?.viewer.roles;
};

describe('connections end, and subscriptions with them,', () => {
  it('when the roles of their user change, who comes in anew with those of now', async () => {
    const cookie = await signIn('anna');
    await allEnd({ cookie }, () => changeUsers((line) => (line.startsWith('anna:') ? line.replace(':writer', ':reader') : line)));
    expect(await rolesOf({ cookie })).toEqual(['READER']);
  });

  it('when their user is removed', async () => {
    await allEnd({ authorization: basic('berta') }, () => changeUsers((line) => (line.startsWith('berta:') ? '' : line)));
    expect(await rolesOf({ authorization: basic('berta') })).toBeUndefined();
  });

  it('when their user signs out, also with a session that came after the one they were made with', async () => {
    const cookie = await signIn('dora');
    await allEnd({ cookie }, async () => {
      const refreshed = await fetch(`${rig.url}/auth/refresh`, { method: 'POST', headers: { cookie } });
      const next = refreshed.headers.getSetCookie()[0]!.split(';')[0]!;
      expect((await fetch(`${rig.url}/auth/logout`, { method: 'POST', headers: { cookie: next } })).status).toBe(204);
    });
    expect(await rolesOf({ cookie })).toBeUndefined();
    expect((await fetch(`${rig.url}/auth/refresh`, { method: 'POST', headers: { cookie } })).status).toBe(401);
  });

  it('not when the user signs out elsewhere', async () => {
    const [here, there] = [await signIn('emil'), await signIn('emil')];
    const raw = await RawClient.open(rig.url, { cookie: here });
    await raw.init();
    await allEnd({ cookie: there }, () => fetch(`${rig.url}/auth/logout`, { method: 'POST', headers: { cookie: there } }));
    raw.subscribe('1', 'subscription { statusChanges { now } }');
    await raw.until(() => raw.next('1').length > 0);
    raw.cut();
  });

  it.each([
    ['revoked', { revokedAt: 1 }],
    ['weaker', { roles: ['reader'] }],
    ['expired', { expiresAt: 1 }],
  ])('when their token is %s', async (name, change) => {
    const token = tokens[['revoked', 'weaker', 'expired'].indexOf(name)]!;
    await allEnd({ authorization: `Bearer ${token}` }, () =>
      changeTokens(dataDir, (one) => (one.name === name ? { ...one, ...change } : one)),
    );
    const { data } = await http.ask(rig.url, WHO, token);
    expect(data?.viewer).toEqual(name === 'weaker' ? { name: 'token:weaker', roles: ['READER'] } : undefined);
  });

  it('when they are those of an agent, too', async () => {
    const headers = { authorization: `Bearer ${tokens[3]}` };
    const old = { ...headers, 'x-client-type': 'agent', 'x-host-id': 'gone' };
    const open = [
      await connected(AGENT_PATH, headers, [SUB_PROTOCOL]),
      await connected('/ws/agent/topology', old),
      await connected('/ws/agent/flow', old),
    ];
    changeTokens(dataDir, (one) => (one.name === 'agent' ? { ...one, revokedAt: 1 } : one));
    expect(await Promise.all(open.map(({ ended }) => ended))).toEqual([1008, 1008, 1008]);
  });

  it('of nobody else', async () => expect(await rolesOf({ authorization: basic(UNTOUCHED) })).toEqual(['READER']));
});
