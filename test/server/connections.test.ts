import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../compat/asking.js';
import { http, openRig, type Rig } from './rig.js';

vi.setConfig({ testTimeout: 120_000 });

let rig: Rig;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await rig.close();
});

/** A connection from one of the addresses of this machine; `said` is all that it ever says. */
function dial(from: string, said = ''): Socket {
  const { hostname: host, port } = new URL(rig.url);
  const socket = connect({ host, port: Number(port), localAddress: from });
  socket.on('error', () => undefined);
  if (said !== '') socket.write(said);
  sockets.push(socket);
  return socket;
}
const open = (): number => sockets.filter((socket) => !socket.closed && socket.readyState === 'open').length;

describe('connections from one address', () => {
  it('are cut beyond a number, whatever state they are in, and keep nobody else out', async () => {
    rig = await openRig({ config: { 'limits.connectionsPerAddress': 20 } });
    const HALF = [
      '',
      'GET /',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{',
      'GET /ws/subscriber HTTP/1.1\r\nupgrade: websocket\r\n',
    ];
    for (let i = 0; i < 200; i++) dial('127.0.0.2', HALF[i % HALF.length]);
    await eventually(() => sockets.every((socket) => socket.closed || socket.readyState === 'open') && open() === 20);
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${rig.url}/metrics`)).text()).toMatch(/canopy_connections_refused_total 180\n/);
    const { data } = await http.ask(rig.url, { query: '{ status { connections { mostOfOneAddress refused } } }' });
    expect(data).toEqual({ status: { connections: { mostOfOneAddress: 20, refused: 180 } } });
    for (const socket of sockets.splice(0)) socket.destroy();
    // Room again, as soon as the analyzer has seen that they are gone.
    await eventually(async () => {
      const socket = dial('127.0.0.2', 'GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
      return new Promise<boolean>((resolve) => socket.once('data', () => resolve(true)).once('close', () => resolve(false)));
    });
  });

  it('may be thousands that say nothing', async () => {
    rig = await openRig();
    for (let i = 0; i < 5_000; i++) dial('127.0.0.3');
    await eventually(() => open() === 5_000);
    expect((await fetch(`${rig.url}/readyz`)).status).toBe(200);
  });
});
