import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The line between a client and an analyzer: it can be cut, and it can go silent. */
export interface Line {
  readonly url: string;
  /** Ends every connection and takes no new one. */
  cut(): void;
  /** Lets nothing through in either direction, and tells nobody. */
  freeze(): void;
  mend(): void;
  close(): void;
}

/** Opens a port that leads to the analyzer at the URL. */
export async function openLine(to: string): Promise<Line> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
      if (state === 'frozen') socket.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      state = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    freeze() {
      state = 'frozen';
      for (const socket of sockets) socket.pause();
    },
    mend() {
      // What went silent stays so: only a new connection gets through.
      state = 'open';
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
