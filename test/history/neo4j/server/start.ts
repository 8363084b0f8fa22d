import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
const POM = join(HERE, 'pom.xml');

/** Neo4j reads and writes through these. */
const OPENS = ['java.base/java.nio', 'java.base/java.io', 'java.base/sun.nio.ch'].flatMap((module) => [
  '--add-opens',
  `${module}=ALL-UNNAMED`,
]);

/** A server that lives for some thousand queries does not win back what the second compiler costs: half of its processor time. */
const SHORT_LIFE = ['-XX:TieredStopAtLevel=1'];

/** First use: 123 MB of jars from Maven Central, and a JVM that shares two cores with other tests. */
const FETCH_MS = 600_000;
const START_MS = 300_000;

export interface RunningNeo4j {
  /** `bolt://127.0.0.1:PORT`; nobody is asked for a password unless `auth`. */
  readonly url: string;
  readonly pid: number;
  /** Shuts it down; its data stays in the folder. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

export interface Neo4jOptions {
  /** Left out: a temporary folder that goes with the server. */
  readonly folder?: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** Asks for a password; the first one is `neo4j`/`neo4j`. */
  readonly auth?: boolean;
  /** Goes on when this process ends, until that one does. */
  readonly owner?: number;
  readonly maxHeap?: string;
  /** For measuring how fast it is once it has run for a while. */
  readonly isMeasured?: boolean;
}

/** Starts a Neo4j Community of its own. Resolves when it answers. */
export async function startNeo4j(options: Neo4jOptions = {}): Promise<RunningNeo4j> {
  const jars = await fetchJars();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'canopy-neo4j-'));
  const port = options.port ?? (await freePort());
  const program = [
    join(HERE, 'Launcher.java'),
    folder,
    String(port),
    options.auth === true ? 'auth' : 'open',
    String(options.owner ?? process.pid),
  ];
  const compilers = options.isMeasured ? [] : SHORT_LIFE;
  const args = [`-Xmx${options.maxHeap ?? '1g'}`, '-XX:+UseSerialGC', ...compilers, ...OPENS, '-cp', `${jars}/*`, ...program];
  const server = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: options.owner !== undefined });
  await untilReady(server);
  if (options.owner !== undefined) {
    server.unref();
    server.stdout!.destroy();
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(server, 'exit');
    if (server.exitCode === null && server.signalCode === null && server.kill(signal)) await ended;
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { url: `bolt://127.0.0.1:${port}`, pid: server.pid!, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The folder with the jars of the version that the pom names; fetched once for this machine. */
async function fetchJars(): Promise<string> {
  const version = /<artifactId>neo4j<\/artifactId>\s*<version>([^<]+)</.exec(readFileSync(POM, 'utf8'))![1]!;
  const jars = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'canopy', `neo4j-${version}`);
  if (existsSync(jars)) return jars;
  mkdirSync(dirname(jars), { recursive: true });
  const fetched = mkdtempSync(`${jars}-`);
  const goal = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${fetched}`];
  await promisify(execFile)('mvn', goal, { timeout: FETCH_MS });
  try {
    renameSync(fetched, jars);
  } catch (error) {
    // Another process was first.
    rmSync(fetched, { recursive: true });
    if (!existsSync(jars)) throw error;
  }
  return jars;
}

async function untilReady(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const refuse = (why: string): void => {
      server.kill('SIGKILL');
      reject(new Error(`Neo4j did not start: ${why}\n${said.slice(-4_000)}`));
    };
    const timer = setTimeout(() => refuse(`not ready after ${START_MS / 1_000} s`), START_MS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (!said.includes('ready')) return;
      clearTimeout(timer);
      server.stderr!.destroy();
      resolve();
    };
    server.stdout!.on('data', hear);
    server.stderr!.on('data', hear);
    server.once('error', (error) => refuse(error.message));
    server.once('exit', (code) => refuse(`it ended with ${code}`));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
