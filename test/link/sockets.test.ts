import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { AgentLink, type AgentLinkOptions } from '../../agent/link/agentLink.js';
import { agentUrl } from '../../agent/link/webSocketDial.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { Hub } from '../../src/hub/hub.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';
import { MAX_MESSAGE_BYTES } from '../../src/protocol/limits.js';
import { SUB_PROTOCOL } from '../../src/protocol/session.js';
import { createAgentDoor, type AgentDoor } from '../../src/server/agentSocket.js';
import { everybody } from '../../src/services/viewer.js';
import { LARGE_QUOTA, node, pictureOf } from '../hub/harness.js';
import { PATIENCE } from '../patience.js';

let dataDir: string;
let recorder: Recorder;
let hub: Hub;
let door: AgentDoor;
let server: Server;
let url: string;
const links: AgentLink[] = [];
/** A busy machine may take its time. */
const eventually = (check: () => void): Promise<void> => vi.waitFor(check, PATIENCE);

const listen = (port = 0): Promise<void> => new Promise((ready) => server.listen(port, '127.0.0.1', ready));

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'hub-sockets-'));
  recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: { maxTailBytes: 64e6 } });
  hub = new Hub({
    recorder,
    clock: systemClock,
    log: silentLog,
    quota: LARGE_QUOTA,
    software: 'test',
  });
  door = createAgentDoor(hub, ({ headers }) => (headers.authorization === 'Bearer good' ? everybody : undefined), systemClock, silentLog);
  server = createServer((_request, response) => response.writeHead(404).end());
  server.on('upgrade', (request, socket, head) => door.handleAgentUpgrade(request, socket, head));
  await listen();
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.close()));
  hub.close();
  door.close();
  await new Promise((closed) => server.close(closed));
  await recorder.close();
  rmSync(dataDir, { recursive: true });
});

function agent(options: Partial<AgentLinkOptions> = {}): { link: AgentLink; graph: LiveGraph; say: (id: string) => void } {
  const graph = new LiveGraph({ now: () => Date.now() });
  const link = new AgentLink({
    url,
    token: 'good',
    host: 'one',
    origin: 'agent.one',
    incarnation: 'first',
    software: 'test',
    clock: systemClock,
    log: silentLog,
    picture: () => pictureOf(graph, 'agent.one'),
    ...options,
  });
  links.push(link);
  const say = (id: string): void => {
    graph.apply({ origin: 'agent.one', deltas: [node(id)] });
    link.publish([node(id)]);
  };
  return { link, graph, say };
}

describe('an agent over a real socket', () => {
  it('publishes until its deltas are on disk', async () => {
    const { link, say } = agent();
    link.start();
    say('a');
    say('b');
    await eventually(() => expect(link.status()).toMatchObject({ state: 'LIVE', acknowledged: 2 }));
    expect(recorder.progressOf('agent.one')).toMatchObject({ lastDelta: 2 });
    expect(hub.agents()).toMatchObject([{ origin: 'agent.one', state: 'CONNECTED', elements: 2, remoteAddress: '127.0.0.1' }]);
    await eventually(() => expect(hub.agents()[0]?.errorMs).toBeLessThan(100));
  });

  it('comes back after its socket was cut', async () => {
    const { link, say } = agent();
    link.start();
    say('a');
    await eventually(() => expect(link.status().acknowledged).toBe(1));
    door.close();
    door = createAgentDoor(hub, ({ headers }) => (headers.authorization === 'Bearer good' ? everybody : undefined), systemClock, silentLog);
    say('b');
    await eventually(() => expect(link.status()).toMatchObject({ state: 'LIVE', acknowledged: 2, disconnects: 1 }));
    expect(hub.counters.resumes).toBe(1);
  });
});

describe('what the agent says when it is not let in', () => {
  const errorOf = async (options: Partial<AgentLinkOptions>): Promise<string> => {
    const { link } = agent(options);
    link.start();
    await eventually(() => expect(link.status().lastError).toBeDefined());
    return link.status().lastError ?? '';
  };

  it('a wrong token: which flag', async () => {
    expect(await errorOf({ token: 'bad' })).toMatch(/refused the token; .*--token-file/);
    expect(await errorOf({ token: undefined })).toMatch(/asks for a token; .*--token-file/);
    expect(hub.counters.upgradesRefused.get('token')).toBe(2);
    expect(hub.sessionCount).toBe(0);
  });

  it('nobody there: which flag', async () => {
    expect(await errorOf({ url: 'http://127.0.0.1:9' })).toMatch(/nothing listens at ws:\/\/127.0.0.1:9\/agent.*--analyzer/);
  });

  it('something else there: that it is not an analyzer', async () => {
    const other = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready));
    expect(await errorOf({ url: `http://127.0.0.1:${(other.address() as AddressInfo).port}` })).toMatch(
      /is this the address of a Canopy analyzer/,
    );
    other.close();
  });

  it('a URL that is none: at once', () => {
    expect(() => agentUrl('ftp://x')).toThrow(/cannot be spoken; write http:\/\/HOST:PORT/);
    expect(() => agentUrl('http://')).toThrow(/is not a URL/);
    expect(agentUrl('https://x.example/canopy/')).toBe('wss://x.example/canopy/agent');
    expect(agentUrl('10.0.0.1:8082')).toBe('ws://10.0.0.1:8082/agent');
  });
});

describe('the door', () => {
  const attempt = (protocols: string[], headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
    new Promise((done) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/agent`, protocols, {
        headers: { authorization: 'Bearer good', ...headers },
      });
      socket.on('open', () => {
        socket.terminate();
        done({ status: 101, body: '' });
      });
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (part: Buffer) => (body += part.toString()));
        response.on('end', () => done({ status: response.statusCode ?? 0, body }));
      });
    });

  it('refuses other versions with what it speaks', async () => {
    expect(await attempt(['canopy-agent.v9'])).toMatchObject({ status: 400, body: expect.stringContaining(SUB_PROTOCOL) as string });
    expect(await attempt(['canopy-agent.v9', SUB_PROTOCOL])).toMatchObject({ status: 101 });
  });

  it('refuses pages', async () => {
    expect(await attempt([SUB_PROTOCOL], { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  });

  it('closes over a message that is too large or no message', async () => {
    const closeOf = (bytes: Buffer | string): Promise<number> =>
      new Promise((done) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/agent`, SUB_PROTOCOL, { headers: { authorization: 'Bearer good' } });
        socket.on('open', () => socket.send(bytes));
        socket.on('error', () => undefined);
        socket.on('close', done);
      });
    expect(await closeOf(Buffer.alloc(MAX_MESSAGE_BYTES + 1))).toBe(1009);
    expect(await closeOf('hello')).toBe(4400);
    expect(recorder.graph.stats().nodes).toBe(0);
    await eventually(() => expect(hub.sessionCount).toBe(0));
    expect([...hub.counters.violations]).toEqual([
      ['framing', 1],
      ['message', 1],
    ]);
    expect(hub.counters.sessionsClosed.get(1009)).toBe(1);
  });
});
