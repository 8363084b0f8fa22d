import { spawn, type ChildProcess } from 'node:child_process';
import { Etcd3 } from 'etcd3';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { get as getSafely } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';
import { readAccess } from '../../src/registry/etcd/access.js';
import { EtcdRegistry } from '../../src/registry/etcd/registry.js';
import type { Registry } from '../../src/registry/registry.js';
import { program, type Need } from '../needs.js';
import { silentLog } from '../../src/common/log.js';
import { makeCertificates, type Certificates } from './certificates.js';

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

/** With an authority of our own, a certificate of the client, and a user who may touch nothing but the prefix. */
const guardedEtcd: HomeKind = {
  name: 'guarded etcd',
  needs: [program('etcd'), program('openssl')],
  async start() {
    const server = await EtcdServer.startGuarded();
    const access = readAccess(server.configured);
    return {
      open: () =>
        Promise.resolve(new EtcdRegistry({ endpoints: [server.url], prefix: '/canopy', access, clock: systemClock, log: silentLog })),
      close: () => server.close(),
    };
  },
};

export const HOMES: readonly HomeKind[] = [embedded, etcd, guardedEtcd];

const ROOT_PASSWORD = 'root of the test';
const USER = 'canopy';
const PASSWORD = 'not for others';

/** A real etcd on free ports, in a temporary folder. */
export class EtcdServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly peerUrl: string,
    private readonly folder: string,
    private readonly certificates: Certificates | undefined,
  ) {}

  static async start(certificates?: Certificates, folder = mkdtempSync(join(tmpdir(), 'canopy-etcd-'))): Promise<EtcdServer> {
    const [client, peer] = [await freePort(), await freePort()];
    const scheme = certificates === undefined ? 'http' : 'https';
    const server = new EtcdServer(`${scheme}://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`, folder, certificates);
    await server.up();
    return server;
  }

  /** TLS, a certificate asked of clients, and a user. */
  static async startGuarded(): Promise<EtcdServer> {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-etcd-'));
    const server = await EtcdServer.start(makeCertificates(folder), folder);
    writeFileSync(join(folder, 'password'), `${PASSWORD}\n`);
    const client = new Etcd3({
      hosts: server.url,
      credentials: readAccess({ ...server.configured, user: undefined, password: undefined }).credentials,
    });
    await client.user('root').create(ROOT_PASSWORD);
    await client.user('root').addRole('root');
    const role = client.role('registry');
    await role.create();
    await role.grant({ permission: 'Readwrite', range: client.range({ prefix: '/canopy/' }) });
    await client.user(USER).create(PASSWORD);
    await client.user(USER).addRole('registry');
    await client.auth.authEnable();
    client.close();
    return server;
  }

  /** What a configuration says of it. */
  get configured(): Parameters<typeof readAccess>[0] {
    const { url, folder, certificates } = this;
    return {
      endpoints: [url],
      user: USER,
      password: `file:${join(folder, 'password')}`,
      ca: certificates?.ca,
      cert: certificates?.clientCert,
      key: certificates?.clientKey,
    };
  }

  async up(): Promise<void> {
    const { url, peerUrl, folder, certificates } = this;
    const flags = ['--name', 'test', '--data-dir', folder, '--listen-client-urls', url, '--advertise-client-urls', url];
    const peers = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `test=${peerUrl}`];
    const guards = certificates && [
      ...['--cert-file', certificates.serverCert, '--key-file', certificates.serverKey],
      ...['--client-cert-auth', '--trusted-ca-file', certificates.ca],
    ];
    this.#process = spawn('etcd', [...flags, ...peers, ...(guards ?? []), '--unsafe-no-fsync'], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 300; attempt += 1) {
      if (await this.isUp()) return;
      await new Promise((resume) => setTimeout(resume, 100));
    }
    throw new Error('etcd did not come up within 30 s');
  }

  private isUp(): Promise<boolean> {
    const { url, certificates } = this;
    return new Promise((resolve) => {
      const files = certificates && {
        ca: readFileSync(certificates.ca),
        cert: readFileSync(certificates.clientCert),
        key: readFileSync(certificates.clientKey),
      };
      const options = { ...files, timeout: 2_000, agent: false };
      const answered = (answer: IncomingMessage): void => {
        answer.resume();
        resolve(answer.statusCode === 200);
      };
      const asked = certificates ? getSafely(`${url}/health`, options, answered) : get(`${url}/health`, options, answered);
      asked.on('error', () => resolve(false)).on('timeout', () => asked.destroy());
    });
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
