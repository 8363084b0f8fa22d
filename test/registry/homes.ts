import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';
import { EtcdRegistry } from '../../src/registry/etcd/registry.js';
import type { Registry } from '../../src/registry/registry.js';
import { program, type Need } from '../needs.js';
import { silentLog } from '../../src/common/log.js';

/** A home under test: what is written through one opened registry is there for the next. */
export interface Home {
  open(): Promise<Registry>;
  close(): Promise<void>;
}

export interface HomeKind {
  readonly name: string;
  readonly needs: readonly Need[];
  start(): Promise<Home>;
}

const embedded: HomeKind = {
  name: 'embedded',
  needs: [],
  start() {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-registry-'));
    return Promise.resolve({
      open: () => Promise.resolve(new EmbeddedRegistry({ folder, clock: systemClock })),
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    });
  },
};

const etcd: HomeKind = {
  name: 'etcd',
  needs: [program('etcd')],
  async start() {
    const server = await EtcdServer.start();
    return {
      open: () => Promise.resolve(new EtcdRegistry({ endpoints: [server.url], prefix: '/canopy', clock: systemClock, log: silentLog })),
      close: () => server.close(),
    };
  },
};

export const HOMES: readonly HomeKind[] = [embedded, etcd];

/** A real etcd on free ports, in a temporary folder. */
export class EtcdServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly peerUrl: string,
    private readonly folder: string,
  ) {}

  static async start(): Promise<EtcdServer> {
    const [client, peer] = [await freePort(), await freePort()];
    const server = new EtcdServer(`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`, mkdtempSync(join(tmpdir(), 'canopy-etcd-')));
    await server.up();
    return server;
  }

  async up(): Promise<void> {
    const { url, peerUrl, folder } = this;
    const flags = ['--name', 'test', '--data-dir', folder, '--listen-client-urls', url, '--advertise-client-urls', url];
    const peers = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `test=${peerUrl}`];
    this.#process = spawn('etcd', [...flags, ...peers, '--unsafe-no-fsync'], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 300; attempt += 1) {
      const isUp = await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isUp) return;
      await new Promise((resume) => setTimeout(resume, 100));
    }
    throw new Error('etcd did not come up within 30 s');
  }

  down(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      process.once('exit', () => resolve());
      process.kill('SIGKILL');
    });
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
