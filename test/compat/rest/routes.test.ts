import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, type Rig } from '../../server/rig.js';

const DASHBOARD = 'https://dash.example';
const RESOURCES = ['alert', 'capture', 'edge', 'edgerule', 'injectpacket', 'node', 'noderule', 'workflow'];

let rig: Rig;
beforeAll(async () => {
  rig = await openRig({ config: { origins: [DASHBOARD], 'tokens.writers': ['write'] } });
});
afterAll(() => rig.close());

const send = (method: string, path: string, headers: Record<string, string> = { 'x-auth-token': 'write' }): Promise<Response> =>
  fetch(`${rig.url}${path}`, { method, headers, redirect: 'manual' });

describe('a stroke too many', () => {
  it.each(['/api', '/api/status', '/api/topology', '/api/pcap', '/login', ...RESOURCES.map((name) => `/api/${name}`)])(
    'leads to %s, whatever the method and whoever asks',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await send(method, `${path}/?a=1`, {});
        expect([method, answer.status, answer.headers.get('location')]).toEqual([method, 301, `${path}?a=1`]);
      }
    },
  );
});

describe('another method', () => {
  it.each([
    ['/api', 'POST', 'GET'],
    ['/api/status', 'HEAD', 'GET'],
    ['/api/status', 'DELETE', 'GET'],
    ['/api/topology', 'PUT', 'POST, GET'],
    ['/api/pcap', 'GET', 'POST'],
    ['/api/config/listen', 'POST', 'GET'],
    ...RESOURCES.flatMap((name) => [
      [`/api/${name}`, 'HEAD', 'GET, POST'],
      [`/api/${name}`, 'PATCH', 'GET, POST'],
      [`/api/${name}`, 'OPTIONS', 'GET, POST'],
      [`/api/${name}/x/y`, 'PUT', 'GET, PATCH, DELETE'],
    ]),
  ])('than %s has is refused with those that there are: %s', async (path, method, allowed) => {
    const answer = await send(method, path);
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([405, allowed, '']);
  });
});

describe('what is not there', () => {
  it('is told so as text', async () => {
    for (const path of ['/api/nothing', '/api/nothing/at/all', '/api/swagger']) {
      const answer = await send('GET', path);
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        404,
        'text/plain; charset=utf-8',
        '404 page not found\n',
      ]);
    }
    expect((await send('GET', '/api/nothing', {})).status).toBe(401);
  });
});

it('lists and other answers end with a line feed, what was made does not', async () => {
  for (const path of ['/api', '/api/status', '/api/config/listen', ...RESOURCES.map((name) => `/api/${name}`)])
    expect(await (await send('GET', path)).text(), path).toMatch(/\n$/);
  const made = await fetch(`${rig.url}/api/alert`, { method: 'POST', headers: { 'x-auth-token': 'write' }, body: '{"Expression":"true"}' });
  const text = await made.text();
  expect(text).toMatch(/\}$/);
  expect(Object.keys(JSON.parse(text) as object)).toEqual(['UUID', 'Expression', 'Action', 'Trigger', 'CreateTime']);
});

it("who looks for Skydive's page finds ours", async () => {
  for (const path of ['/ui', '/ui/', '/ui/topology', '/ui_v2/', '/ui_v2/index.html']) {
    const answer = await send('GET', path, {});
    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 302, '/']);
  }
});

describe('a dashboard of another origin', () => {
  const ask = (origin: string, path: string): Promise<Response> =>
    send('OPTIONS', path, {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'x-auth-token,content-type,x-resource-ttl',
    });

  it.each(['/api', '/api/topology', '/api/node', '/api/node/x', '/login'])('may ask %s where it is named', async (path) => {
    const answer = await ask(DASHBOARD, path);
    expect(answer.status).toBe(200);
    const said = (name: string): string | null => answer.headers.get(`access-control-allow-${name}`);
    expect([said('origin'), said('credentials')]).toEqual([DASHBOARD, 'true']);
    expect(said('methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
    expect(said('headers')).toBe('X-Requested-With, Content-Type, Authorization, X-Auth-Token, X-Resource-TTL');
  });

  it('reads answers with cookies, and errors too', async () => {
    for (const headers of [{ cookie: 'authtoken=write' }, { cookie: 'authtoken=wrong' }]) {
      const answer = await send('GET', '/api/node', { ...headers, origin: DASHBOARD });
      expect(answer.headers.get('access-control-allow-origin')).toBe(DASHBOARD);
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  it('is refused where it is not', async () => {
    const answer = await ask('https://elsewhere.example', '/api/topology');
    expect(answer.status).toBe(403);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    // No browser: nothing is allowed to nobody.
    const bare = await send('OPTIONS', '/api/topology', { 'access-control-request-method': 'POST' });
    expect([bare.status, bare.headers.get('access-control-allow-methods')]).toEqual([405, null]);
  });
});
