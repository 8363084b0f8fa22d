import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { type Bench, moreIsBetter } from './bench.js';
import { compileProject, type Compiled } from './compiled.js';
import type { Report } from './compat/clients.js';

const CLIENTS = 200;
const EVENTS = 2_000;

/** Deliveries a second until the last client has the last event. */
async function deliveries(compiled: Compiled, side: 'ours' | 'stock'): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'canopy-compat-subscribe-'));
  const server = fork(compiled.file('test/bench/compat/server.ts'), [side, dataDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const clients = fork(compiled.file('test/bench/compat/clients.ts'), [url, String(CLIENTS)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    await reported(clients, 'connected');
    clients.send({ expect: EVENTS });
    const start = performance.now();
    server.send({ publish: EVENTS });
    await reported(clients, 'received');
    return (CLIENTS * EVENTS) / ((performance.now() - start) / 1_000);
  } finally {
    clients.kill();
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function reported(child: ChildProcess, kind: Report['kind']): Promise<void> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [Report];
    if (message.kind === kind) return;
  }
}

/** For the stock side of the server: strings to everybody, nothing else. */
export function stockServer(): Promise<{ readonly url: string; broadcast(text: string): void }> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        broadcast: (text) => sockets.clients.forEach((client) => client.send(text)),
      }),
    );
  });
}

export const bench: Bench = {
  name: 'compat-subscribe',
  measures: `deliveries a second to ${CLIENTS} clients of /ws/subscriber, against a stock ws server that broadcasts the same strings`,
  async run() {
    const compiled = compileProject();
    try {
      const baseline = await deliveries(compiled, 'stock');
      return [moreIsBetter('compat-subscribe', await deliveries(compiled, 'ours'), 'deliveries/s', baseline)];
    } finally {
      compiled.remove();
    }
  },
};
