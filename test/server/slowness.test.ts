import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { ConfigPath } from '../../src/common/config/keys.js';
import { CompatDoor } from '../../src/compat/ws/door.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../../src/protocol/session.js';
import { eventually } from '../compat/asking.js';
import { describeWith, program, root } from '../needs.js';
import { PATIENCE } from '../patience.js';
import { folderWith } from './auth/people.js';
import { RawClient } from './rawClient.js';
import { http, openRig, publish, type Rig } from './rig.js';

vi.setConfig({ testTimeout: 2 * PATIENCE.timeout, hookTimeout: PATIENCE.timeout });

let rig: Rig;
const stops: (() => unknown)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

interface Connections {
  readonly open: number;
  readonly slow: number;
  readonly silent: number;
}
async function connections(token?: string): Promise<Connections> {
  const { data } = await http.ask(rig.url, { query: '{ status { connections { open slow silent } } }' }, token);
  return (data!.status as { connections: Connections }).connections;
}

/** Often enough that nobody takes the connection for idle. */
const BETWEEN_BYTES_MS = 50;
const DOORS = ['/graphql', AGENT_PATH, ...CompatDoor.paths];
const protocolsOf = (path: string): string[] =>
  path === '/graphql' ? ['graphql-transport-ws'] : path === AGENT_PATH ? [SUB_PROTOCOL] : [];

/** Says the text byte by byte, and then nothing new for ever. */
function dribble(socket: Socket, bytes: () => Buffer): void {
  const timer = setInterval(() => socket.writable && socket.write(bytes()), BETWEEN_BYTES_MS);
  stops.push(
    () => clearInterval(timer),
    () => socket.destroy(),
  );
}

describe('who says a byte now and then', () => {
  beforeAll(async () => void (rig = await openRig({ config: { 'limits.arrival': 1_000 } })));
  afterAll(() => rig.close());

  it.each([
    ['a request', 'GET /api/status HTTP/1.1\r\nhost: 127.0.0.1\r\nx: '],
    ['an upgrade', 'GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: upgrade\r\nx: '],
    ['nothing', ''],
    ...['/graphql', '/api/topology', '/api/pcap', '/auth/login', '/login'].map((path): [string, string] => [
      `a body of ${path}`,
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`,
    ]),
  ])('of %s is cut and counted', async (_what, head) => {
    const { slow } = await connections();
    const { hostname: host, port } = new URL(rig.url);
    const socket = connect({ host, port: Number(port) });
    socket.on('error', () => undefined).resume();
    const closed = once(socket, 'close');
    socket.write(head);
    if (head !== '') dribble(socket, () => Buffer.from('{'));
    await closed;
    await eventually(async () => (await connections()).slow === slow + 1);
  });

  it.each(DOORS)('of a message at %s is cut and counted, though every ping is answered', async (path) => {
    const { slow } = await connections();
    const headers = { 'x-client-type': 'slow', 'x-host-id': `slow${path}` };
    const webSocket = new WebSocket(`${rig.url.replace('http', 'ws')}${path}`, protocolsOf(path), { headers });
    const upgraded = once(webSocket, 'upgrade') as Promise<[{ socket: Socket }]>;
    await once(webSocket, 'open');
    const [{ socket }] = await upgraded;
    const closed = once(webSocket, 'close');
    if (path === '/graphql') webSocket.send('{"type":"connection_init"}');
    // Fragments of one byte with a mask of zeros (RFC 6455 §5.4): between two of them a ping is answered.
    let first = true;
    dribble(socket, () => {
      const head = first ? 0x02 : 0x00;
      first = false;
      return Buffer.from([head, 0x81, 0, 0, 0, 0, 0x20]);
    });
    await closed;
    await eventually(async () => (await connections()).slow === slow + 1);
  });

  it('does not cut who says whole messages, however seldom, or one that is long', async () => {
    const raw = await RawClient.open(rig.url);
    await raw.init();
    const { slow } = await connections();
    for (const pause of [0, 1_500, 1_500]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      raw.send({ type: 'ping', payload: { long: 'x'.repeat(1_000_000) } });
    }
    await raw.until(() => raw.messages.filter(({ type }) => type === 'pong').length === 3);
    expect((await connections()).slow).toBe(slow);
    raw.cut();
  });
});

describe('who reads nothing', () => {
  beforeAll(async () => void (rig = await openRig({ config: { 'limits.ping': 1_000 } })));
  afterAll(() => rig.close());

  it('is cut and counted, and holds no more than its bound meanwhile', async () => {
    const raw = await RawClient.open(rig.url);
    await raw.init();
    raw.subscribe('1', 'subscription { topologyChanges { __typename } }');
    await raw.until(() => raw.next('1').length > 0);
    const { silent } = await connections();
    raw.socket.pause();
    const metadata = { long: 'x'.repeat(100_000) };
    await eventually(async () => {
      await publish(rig.url, { nodes: [{ id: 'loud', name: `loud-${Date.now()}`, type: 'thing', metadata }] });
      return (await connections()).silent === silent + 1;
    });
    raw.cut();
  });
});

/** What runs in the other namespace: opens every door, says that it did, and stays. */
const GUEST = `
  import { WebSocket } from 'ws';
  const { url, doors, headers } = JSON.parse(process.argv[1]);
  for (const [path, protocols] of doors) {
    const socket = new WebSocket(url + path, protocols, { headers: { ...headers, 'x-host-id': path } });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.on('open', resolve));
    if (path === '/graphql') {
      socket.send('{"type":"connection_init"}');
      await new Promise((resolve) => socket.on('message', resolve));
    }
  }
  console.log('open');
  setInterval(() => undefined, 1000);
`;

describeWith([root, program('ip')], 'who vanishes without a word', () => {
  const [namespace, here, there] = ['doors-gone', 'doors-here', 'doors-there'];
  const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'ignore' });
  let dataDir: string;
  let tokens: readonly string[];
  beforeAll(async () => {
    ip('netns', 'add', namespace);
    ip('link', 'add', here, 'type', 'veth', 'peer', there, 'netns', namespace);
    ip('address', 'add', '198.18.77.1/30', 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', namespace, 'address', 'add', '198.18.77.2/30', 'dev', there);
    ip('-n', namespace, 'link', 'set', there, 'up');
    ({ dataDir, tokens } = await folderWith({ tokens: [{ roles: ['administrator'] }, { roles: ['agent'] }] }));
    const config: Partial<Record<ConfigPath, unknown>> = { listen: '198.18.77.1:0', 'limits.ping': 1_000, 'limits.arrival': 1_000 };
    rig = await openRig({ dataDir, config });
  });
  afterAll(async () => {
    await rig?.close();
    rmSync(dataDir, { recursive: true, force: true });
    ip('link', 'delete', here);
    ip('netns', 'delete', namespace);
  });

  it('is let go of at every door, and counted', async () => {
    const before = await connections(tokens[0]);
    const guests = [DOORS.filter((path) => !/agent/.test(path)), DOORS.filter((path) => /agent/.test(path))].map(async (paths, index) => {
      const told = {
        url: rig.url.replace('http', 'ws'),
        doors: paths.map((path) => [path, protocolsOf(path)]),
        headers: { authorization: `Bearer ${tokens[index]}`, 'x-client-type': 'gone' },
      };
      const guest = spawn('ip', ['netns', 'exec', namespace, process.execPath, '--input-type=module', '-e', GUEST, JSON.stringify(told)]);
      stops.push(() => guest.kill('SIGKILL'));
      await once(guest.stdout, 'data');
    });
    await Promise.all(guests);
    let seen = before;
    expect((await connections(tokens[0])).open).toBeGreaterThanOrEqual(before.open + DOORS.length);
    ip('link', 'set', here, 'down');
    ip('link', 'set', here, 'up');
    ip('-n', namespace, 'link', 'set', there, 'down');
    await eventually(
      async () => {
        seen = await connections(tokens[0]);
        // The link of agents has a word of its own for who does not greet; a few are those over which we ask.
        return seen.silent === DOORS.length - 1 && seen.open < DOORS.length;
      },
      () => JSON.stringify({ before, seen }),
    );
  });
});
