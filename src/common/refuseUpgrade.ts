import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { CanopyError } from './errors.js';
import type { Log } from './log.js';

/** Answers an HTTP upgrade with a status and the reason as text, and ends the connection. `status`: `403 Forbidden`. */
export function refuseUpgrade(socket: Duplex, status: string, reason: string, headers: Readonly<Record<string, string>> = {}): void {
  const body = `${reason}\n`;
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `HTTP/1.1 ${status}\r\n${own.join('')}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Whoever was refused need not agree: a socket that is only ended stays until the other side ends it too.
  (socket as Socket).destroySoon();
}

const STATUS: Partial<Record<CanopyError['code'], string>> = {
  FORBIDDEN: '403 Forbidden',
  LIMIT_EXCEEDED: '429 Too Many Requests',
  UNAVAILABLE: '503 Service Unavailable',
};

/** The same for what kept us from saying who comes: too many wrong passwords, a provider that is away, a fault of ours. */
export function refuseUpgradeFor(socket: Duplex, error: unknown, log: Log, headers: Readonly<Record<string, string>> = {}): void {
  const status = error instanceof CanopyError ? STATUS[error.code] : undefined;
  if (status === undefined) {
    log.error({ error: String(error), stack: (error as Error).stack }, 'an upgrade failed by a fault of ours');
    return refuseUpgrade(socket, '500 Internal Server Error', "internal error; the analyzer's log says more", headers);
  }
  const { message, details } = error as CanopyError;
  const { retryAfterSeconds } = details;
  refuseUpgrade(socket, status, message, {
    ...headers,
    ...(typeof retryAfterSeconds === 'number' && { 'Retry-After': String(retryAfterSeconds) }),
  });
}
