import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent, type AgentSettings, type RunningAgent } from '../../agent/agent.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog, type Log } from '../../src/common/log.js';
import type { EdgeRevision, NodeRevision } from '../../src/graph/element.js';
import { DEFAULT_GRAPH_LIMITS } from '../../src/graph/liveGraph.js';
import { PATIENCE } from '../patience.js';

/** Nobody listens there. */
const NO_ANALYZER = 'http://127.0.0.1:1';

/** A value once it is there and good; fails with the last one otherwise. */
export async function eventually<Value>(
  read: () => Value,
  isGood: (value: NonNullable<Value>) => boolean = () => true,
): Promise<NonNullable<Value>> {
  const until = Date.now() + PATIENCE.timeout;
  for (;;) {
    const value = read();
    if (value !== undefined && value !== null && isGood(value)) return value;
    if (Date.now() > until) throw new Error(`waited ${PATIENCE.timeout} ms in vain; last seen: ${JSON.stringify(value, null, 1)}`);
    await pause(10);
  }
}

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the governor of a graph has let out what it held. */
export const governed = (): Promise<void> => pause(DEFAULT_GRAPH_LIMITS.periodMs + 300);

/** A corner of this machine for a test: links with a name of its own, namespaces in a folder of its own, agents that look there. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'agt-'));
  readonly runPath = join(this.folder, 'netns');
  /** Begins every name of a link that the test makes outside its namespaces. */
  readonly prefix = `agt${randomBytes(3).toString('hex')}`;
  readonly hostId = `host-${this.prefix}`;
  private readonly namespaces = new Set<string>();
  private hidden: string | undefined;
  /** Where agents of this lab publish. */
  analyzer = NO_ANALYZER;
  private readonly agents = new Set<RunningAgent>();

  constructor() {
    mkdirSync(this.runPath);
  }

  path(namespace: string): string {
    return join(this.runPath, namespace);
  }

  /** Makes a namespace as `ip netns add` does: a file, then a mount over it. */
  addNamespace(name: string): string {
    const path = this.path(name);
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'true']);
    this.namespaces.add(name);
    return path;
  }

  removeNamespace(name: string): void {
    execFileSync('umount', ['--lazy', this.path(name)]);
    rmSync(this.path(name));
    this.namespaces.delete(name);
  }

  /** A namespace that no agent is told of. Answers its path. */
  hiddenNamespace(): string {
    const path = join(this.folder, 'hidden');
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'true']);
    this.hidden = path;
    return path;
  }

  /** `ip ARGS`, in the agent's own namespace. */
  ip(args: string): void {
    execFileSync('ip', args.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** `ip ARGS` in a namespace of this lab. */
  ipIn(namespace: string, args: string): void {
    execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'ip', ...args.split(' ')], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Many commands in one process. */
  ipBatch(namespace: string, commands: readonly string[]): void {
    const input = `${commands.join('\n')}\n`;
    execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'ip', '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'pipe'] });
  }

  /** The same while the agents of this process go on with their work. */
  async ipBatchBeside(namespace: string, commands: readonly string[]): Promise<void> {
    const child = spawn('nsenter', [`--net=${this.path(namespace)}`, 'ip', '-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(`${commands.join('\n')}\n`);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`ip -batch ended with ${code}`);
  }

  linkNames(namespace: string): string[] {
    const json = execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'ip', '-j', 'link'], { encoding: 'utf8' });
    return (JSON.parse(json) as { ifname: string }[]).map(({ ifname }) => ifname);
  }

  /** A pair of links between the namespaces `left` and `right`, on which the kernel says nothing by itself. Resolves when it takes frames. */
  async addQuietPair(left: string, right: string): Promise<void> {
    this.ipIn('left', `link add ${left} type veth peer name ${right} netns ${this.path('right')}`);
    this.silence('left', left);
    this.silence('right', right);
    this.ipIn('left', `link set ${left} up`);
    this.ipIn('right', `link set ${right} up`);
    await this.carries('left', left);
  }

  /** Has the kernel say nothing of IPv6 on a link. */
  silence(namespace: string, link: string): void {
    execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'sysctl', '-q', '-w', `net.ipv6.conf.${link}.disable_ipv6=1`]);
  }

  /** Resolves when a link takes frames: the kernel sees to a new carrier in its own time, and drops in silence what is sent before. */
  async carries(namespace: string, link: string): Promise<void> {
    const show = ['-j', 'link', 'show', 'dev', link];
    await eventually(
      () => execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'ip', ...show], { encoding: 'utf8' }),
      (shown) => (JSON.parse(shown) as [{ operstate: string }])[0].operstate === 'UP',
    );
  }

  /** Sends datagrams over the loopback of a namespace. */
  ping(namespace: string, datagrams: number): void {
    const script = `for i in $(seq ${datagrams}); do echo x > /dev/udp/127.0.0.1/9; done`;
    execFileSync('nsenter', [`--net=${this.path(namespace)}`, 'bash', '-c', script], { stdio: 'ignore' });
  }

  settings(agent: Partial<AgentSettings['agent']> = {}): AgentSettings {
    return {
      analyzer: this.analyzer,
      tokenFile: undefined,
      agent: {
        hostId: this.hostId,
        metadata: {},
        metadataFiles: {},
        hostRoot: undefined,
        probes: ['host', 'netlink', 'netns'],
        netlink: { metricsInterval: 60_000, routes: 'counted', statistics: 'none' },
        // Others have processes in namespaces of their own on this machine.
        netns: { runPaths: [this.runPath], processes: false },
        allow: { capture: 'local', inject: 'local' },
        capture: {
          most: 1_000,
          ringMemory: 256 * 1024 * 1024,
          workers: 1,
          moveAbove: 400_000,
          spreadAbove: 2_000_000,
          quietAfter: 60_000,
          headerSize: 4_096,
          rawPackets: 10,
          promiscuous: false,
          pcapSocketAddress: '127.0.0.1',
          pcapSocketMinPort: 18_100,
          pcapSocketMaxPort: 18_132,
          sflowMinPort: 16_345,
          sflowMaxPort: 16_355,
          netflowMinPort: 16_365,
          netflowMaxPort: 16_375,
        },
        ovsdb: `unix:${join(this.folder, 'db.sock')}`,
        flow: { update: 1_000, expire: 600_000, maxFlows: 100_000, applicationTimeouts: {}, applicationPorts: {} },
        dropRights: false,
        listen: undefined,
        stateDir: join(this.folder, 'state'),
        ...agent,
      },
    };
  }

  async agent(agent: Partial<AgentSettings['agent']> = {}, log: Log = silentLog): Promise<WatchedAgent> {
    const running = await startAgent(this.settings(agent), { clock: systemClock, log });
    this.agents.add(running);
    return new WatchedAgent(running);
  }

  /** Takes everything away, also when a part of it cannot be: then it throws what stood in the way at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        failures.push(error);
      }
    };
    const stopped = await Promise.allSettled([...this.agents].map((agent) => agent.stop()));
    for (const one of stopped) if (one.status === 'rejected') failures.push(one.reason);
    for (const name of [...this.namespaces]) attempt(() => this.removeNamespace(name));
    const { hidden } = this;
    if (hidden !== undefined) attempt(() => execFileSync('umount', ['--lazy', hidden]));
    const links = JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' })) as { ifname: string }[];
    for (const { ifname } of links) {
      if (!ifname.startsWith(this.prefix)) continue;
      try {
        this.ip(`link del ${ifname}`);
      } catch {
        // The other end of a pair took it along.
      }
    }
    attempt(() => rmSync(this.folder, { recursive: true, force: true }));
    if (failures.length > 0) throw new AggregateError(failures, `${this.folder} could not be taken away whole`);
  }
}

/** What a test sees of an agent: its graph by names. */
export class WatchedAgent {
  constructor(readonly running: RunningAgent) {}

  nodes(): NodeRevision[] {
    const view = this.running.view();
    try {
      return [...view.nodes()];
    } finally {
      view.release();
    }
  }

  edges(): EdgeRevision[] {
    const view = this.running.view();
    try {
      return [...view.edges()];
    } finally {
      view.release();
    }
  }

  node(id: string): NodeRevision | undefined {
    return this.nodes().find((node) => node.id === id);
  }

  get host(): NodeRevision {
    return this.nodes().find(({ metadata }) => metadata.Type === 'host')!;
  }

  namespace(name: string): NodeRevision | undefined {
    return this.nodes().find(({ metadata }) => metadata.Type === 'netns' && metadata.Name === name);
  }

  /** The interface of this name that the host or the named namespace owns. */
  link(name: string, namespace?: string): NodeRevision | undefined {
    const owner = namespace === undefined ? this.host : this.namespace(namespace);
    if (owner === undefined) return undefined;
    const owned = new Set(
      this.edges().flatMap(({ parent, child, metadata }) => (parent === owner.id && metadata.RelationType === 'ownership' ? [child] : [])),
    );
    return this.nodes().find(({ id, metadata }) => owned.has(id) && metadata.Name === name);
  }

  /** A namespace and the interfaces in it. */
  within(namespace: string): NodeRevision[] {
    const owner = this.namespace(namespace)!;
    const owned = new Set(
      this.edges().flatMap(({ parent, child, metadata }) => (parent === owner.id && metadata.RelationType === 'ownership' ? [child] : [])),
    );
    return this.nodes().filter(({ id }) => id === owner.id || owned.has(id));
  }

  /** Layer-2 edges of a node, as `[parent, child, Type]` with names. */
  layer2(node: NodeRevision): { parent: string; child: string; type: unknown }[] {
    const names = new Map(this.nodes().map(({ id, metadata }) => [id, String(metadata.Name)]));
    return this.edges()
      .filter(({ parent, child, metadata }) => metadata.RelationType === 'layer2' && (parent === node.id || child === node.id))
      .map(({ parent, child, metadata }) => ({ parent: names.get(parent)!, child: names.get(child)!, type: metadata.Type }));
  }

  measurements(id: string): Record<string, Record<string, number>> | undefined {
    const view = this.running.view();
    try {
      return view.measurements(id) as Record<string, Record<string, number>> | undefined;
    } finally {
      view.release();
    }
  }
}
