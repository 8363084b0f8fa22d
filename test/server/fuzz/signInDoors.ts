import { connect } from 'node:net';
import { once } from 'node:events';
import type { Random } from '../../simulator/random.js';
import { damaged, mutated, mutatedText } from './mutate.js';
import { say, several, type FuzzedDoor } from './target.js';

const CREDENTIALS = { name: 'anna', password: 'anna-secret' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** An address of this machine, another one each time: whoever guesses much from one address is slowed down there. */
const anyAddress = (random: Random): string => `127.${1 + random.below(200)}.${random.below(250)}.${1 + random.below(250)}`;

/** What a browser was told to come back with. */
async function begun(url: string): Promise<{ readonly cookie: string; readonly state: string }> {
  const answer = await fetch(`${url}/auth/oidc/start?next=/x`, { redirect: 'manual' });
  await answer.arrayBuffer();
  const [cookie = ''] = answer.headers.getSetCookie().map((line) => line.split(';')[0]!);
  return { cookie, state: new URL(answer.headers.get('location') ?? url).searchParams.get('state') ?? '' };
}

export const signIns: FuzzedDoor = {
  name: 'signing in',
  share: 1,
  async send({ url, provider }, random, messages) {
    const { cookie, state } = await begun(url);
    const refresh = 'canopy_session=cs_e30.AAAA; canopy_refresh=cs_eyJraW5kIjoicmVmcmVzaCJ9.AAAA; authtoken=YTpi';
    await several(messages, () => {
      const from = anyAddress(random);
      switch (random.below(6)) {
        case 0:
          return say(url, {
            method: 'POST',
            path: '/auth/login',
            headers: JSON_TYPE,
            body: JSON.stringify(mutated(random, CREDENTIALS)) ?? '',
            from,
          });
        case 1:
          return say(url, { method: 'POST', path: '/login', body: mutatedText(random, 'username=anna&password=anna%2Dsecret'), from });
        case 2:
          return say(url, {
            method: 'POST',
            path: random.pick(['/auth/refresh', '/auth/logout']),
            headers: { cookie: printable(mutatedText(random, refresh)) },
            from,
          });
        case 3: {
          const device = JSON.stringify(mutated(random, { device: cookie.slice(cookie.indexOf('=') + 1) })) ?? '';
          return say(url, { method: 'POST', path: '/auth/oidc/device/session', headers: JSON_TYPE, body: device, from });
        }
        case 4:
          return say(url, {
            method: 'GET',
            path: '/graphql?query={viewer{name}}',
            headers: { authorization: printable(mutatedText(random, 'Basic YW5uYTp4')) },
            from,
          });
        default: {
          const query = mutatedText(
            random,
            `code=abc&state=${state}&iss=${encodeURIComponent(provider.issuer)}&error=x&error_description=y`,
          );
          const shown = random.chance(0.7) ? cookie : printable(mutatedText(random, cookie));
          return say(url, { method: 'GET', path: `/auth/oidc/callback?${query}`, headers: { cookie: shown }, from });
        }
      }
    });
  },
};

/** What may stand in a header. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/gu, '?').slice(0, 4_000);

const REQUESTS = [
  'GET /graphql HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n\x81\x85AAAAhello',
  'GET /agent HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer x\r\n\r\n',
  'GET /ws/subscriber?x-client-type=a&x-client-protocol=json HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  'POST /api/topology HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
  'POST /graphql HTTP/1.1\r\nHost: HOST\r\nContent-Length: 12\r\n\r\n{"query":1}\nGET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n',
];

/** Bytes where HTTP is expected: a request, an upgrade and what comes behind it. */
export const rawBytes: FuzzedDoor = {
  name: 'HTTP itself',
  share: 5,
  async send({ url }, random, messages) {
    const { hostname: host, port } = new URL(url);
    await several(messages, async () => {
      const said = Buffer.from(random.pick(REQUESTS).replace('HOST', `${host}:${port}`), 'latin1');
      const socket = connect({ host, port: Number(port) });
      socket.on('error', () => undefined).resume();
      socket.write(random.chance(0.5) ? damaged(random, said) : Buffer.from(mutatedText(random, said.toString('latin1')), 'latin1'));
      const answered = once(socket, 'data').catch(() => undefined);
      const silence = new Promise((resolve) => setTimeout(resolve, 20)); // half a request has no answer
      await Promise.race([answered, silence, once(socket, 'close')]);
      socket.destroy();
    });
  },
};
