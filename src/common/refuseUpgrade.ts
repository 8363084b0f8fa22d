import type { Duplex } from 'node:stream';

/** Answers an HTTP upgrade with a status and the reason as text, and ends the connection. `status`: `403 Forbidden`. */
export function refuseUpgrade(socket: Duplex, status: string, reason: string, headers: Readonly<Record<string, string>> = {}): void {
  const body = `${reason}\n`;
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status}\r\n${own.join('')}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
