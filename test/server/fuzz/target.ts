import { request, Agent } from 'node:http';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Random } from '../../simulator/random.js';
import { PATIENCE } from '../../patience.js';
import type { OidcPeer } from '../auth/oidcPeer.js';

/** What is sent to, and with what one comes in. */
export interface Target {
  readonly url: string;
  readonly administrator: string;
  readonly agent: string;
  readonly provider: OidcPeer;
}

/** A way in. `send` says so many messages there, and returns when the analyzer has had them all. */
export interface FuzzedDoor {
  readonly name: string;
  /** Of each hundred messages. */
  readonly share: number;
  send(target: Target, random: Random, messages: number): Promise<void>;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** One of this machine's own; another one each, where an address is slowed down. */
  readonly from?: string;
}

const kept = new Agent({ keepAlive: true, maxSockets: 4 });

/** Status of the answer; `cut` where the connection ended without one. A fault of the analyzer is thrown. */
export function say(url: string, { method, path, headers, body, from }: Sent): Promise<number | 'cut'> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ hostname, port, method, headers, localAddress: from, agent: from === undefined ? kept : undefined },
      path: path.replace(/[^\x21-\x7e]/gu, '%FF'),
    });
    sent.setTimeout(PATIENCE.timeout, () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', (error: NodeJS.ErrnoException) => (error.code === undefined ? reject(error) : resolve('cut')));
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text.length < 2_000 ? (text += chunk) : undefined));
      response.on('close', () => {
        const { statusCode } = response;
        if (statusCode === 500) reject(new Error(`${method} ${path.slice(0, 300)} was answered with a fault: ${text}`));
        else resolve(statusCode!);
      });
    });
    sent.end(body);
  });
}

/** Says some at once, as many clients do. */
export async function several(messages: number, one: () => Promise<unknown>): Promise<void> {
  let left = messages;
  const client = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: 8 }, client));
}

/** Frames of one connection: those behind one that breaks its protocol are not read. */
const FRAMES = 8;

export interface Socket {
  readonly path: string;
  readonly protocols?: string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends frames over connections that may be closed over each of them, and waits until those that are left have been read. */
export async function overSockets(
  url: string,
  messages: number,
  socketOf: () => Socket,
  frameOf: (index: number) => string | Uint8Array,
): Promise<void> {
  for (let sent = 0; sent < messages; sent += FRAMES) {
    const { path, protocols, headers } = socketOf();
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols ?? [], { headers });
    const closed = once(socket, 'close');
    let isRefused = false;
    socket.on('error', () => (isRefused = true));
    await Promise.race([once(socket, 'open').catch(() => undefined), closed]);
    if (isRefused) continue; // the last connection of the same agent is not gone yet
    const answered = once(socket, 'pong');
    for (let frame = 0; frame < Math.min(FRAMES, messages - sent); frame += 1) socket.send(frameOf(frame));
    socket.ping();
    await Promise.race([answered.catch(() => undefined), closed]);
    socket.terminate();
    await closed;
  }
}
