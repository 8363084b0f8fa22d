import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { startAgentProcess, type AgentProcess } from './agentProcess.js';
import { eventually, governed, Lab } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

/** Milliseconds that a stop may take: what a service manager is promised. */
const STOP_WITHIN = 3_000;

describeWith([root, program('ip'), program('unshare'), program('nsenter'), program('setpriv')], 'an agent as a process', () => {
  let lab: Lab;
  let processes: AgentProcess[];
  beforeEach(() => {
    lab = new Lab();
    processes = [];
  });
  afterEach(async () => {
    for (const { child } of processes) child.kill('SIGKILL');
    await lab.close();
  });

  const start = async (wrapper: readonly string[] = []): Promise<AgentProcess> => {
    const started = await startAgentProcess(lab.settings(), wrapper);
    processes.push(started);
    return started;
  };
  const end = async ({ child }: AgentProcess, signal: NodeJS.Signals): Promise<{ took: number; code: number | null }> => {
    const exited = once(child, 'exit');
    const from = performance.now();
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return { took: performance.now() - from, code };
  };

  /** What a thread of the process is doing in the kernel; empty for one that has just ended. */
  const callOf = (pid: number, task: string): string => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/syscall`, 'utf8');
    } catch {
      return '';
    }
  };
  /** Resolves when a thread of the process is inside `epoll_wait(…, 64, 1000)`. */
  const threadWaits = ({ child }: AgentProcess) =>
    eventually(
      () => readdirSync(`/proc/${child.pid}/task`).map((task) => callOf(child.pid!, task)),
      (calls) => calls.some((call) => call.includes(' 0x40 0x3e8 ')),
    );

  /** Inodes of the sockets that processes of this machine hold, all but one of them. */
  const socketsHeld = (except?: number): Set<string> =>
    new Set(
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && Number(name) !== except)
        .flatMap((pid) => {
          try {
            return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
          } catch {
            return [];
          }
        })
        .flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []),
    );

  it('ends within three seconds of SIGTERM while its thread waits, and of an exit that asks nobody', async () => {
    lab.addNamespace('blue');
    const first = await start();
    await threadWaits(first);
    const stopped = await end(first, 'SIGTERM');
    expect(stopped.code).toBe(0);
    expect(stopped.took).toBeLessThan(STOP_WITHIN);
    const second = await start();
    await threadWaits(second);
    const exited = await end(second, 'SIGUSR2');
    expect(exited.code).toBe(7);
    expect(exited.took).toBeLessThan(STOP_WITHIN);
  });

  it('has the same ids after it was killed, also of what was moved, renamed or made again', async () => {
    lab.addNamespace('blue');
    lab.addNamespace('red');
    lab.ipIn('blue', 'link add twice index 80 type veth peer name other');
    const agent = await lab.agent();
    lab.ipIn('blue', 'link del twice');
    lab.ipIn('blue', 'link add twice index 80 type veth peer name other');
    lab.ipIn('blue', 'link add moved type veth peer name stays');
    await eventually(() => agent.link('moved', 'blue'));
    lab.ipIn('blue', `link set moved netns ${lab.path('red')} name arrived`);
    lab.ipIn('blue', 'link set stays name renamed');
    await eventually(() => agent.link('arrived', 'red'));
    await eventually(
      () => agent.link('renamed', 'blue'),
      (node) => agent.layer2(node).length === 1 && node.metadata.LinkNetNsName === 'red',
    );
    await governed();
    // Other tests have links of their own on this host.
    const before = new Map([agent.host, ...agent.within('blue'), ...agent.within('red')].map(({ id, metadata }) => [id, metadata]));
    await agent.running.stop();
    const first = await start();
    await end(first, 'SIGKILL');
    const second = await start();
    for (const { said } of [first, second]) {
      expect(new Map(said.nodes.filter(({ id }) => before.has(id)).map(({ id, metadata }) => [id, metadata]))).toEqual(before);
      expect(
        said.nodes.filter(({ metadata }) => ['blue', 'red', 'twice', 'other', 'arrived', 'renamed'].includes(String(metadata.Name))).length,
      ).toBe(6);
    }
  });

  it('leaves nothing in any namespace when it is killed, and nothing after it was started again', async () => {
    const blue = lab.addNamespace('blue');
    lab.ipIn('blue', 'link add one type veth peer name two');
    const alone = spawn('unshare', ['-n', 'sleep', '1000'], { stdio: 'ignore' });
    try {
      const unnamed = `/proc/${alone.pid}/ns/net`;
      await eventually(
        () => readlinkSync(unnamed),
        (now) => now !== readlinkSync('/proc/self/ns/net'),
      );
      const inside = (path: string, ...command: string[]): string =>
        execFileSync('nsenter', [`--net=${path}`, ...command], { encoding: 'utf8' });
      /** Sockets of processes, without those of other agents on this machine, which look at every namespace: the kernel's own have no port. */
      const socketsIn = (path: string, ofOthers: ReadonlySet<string>): string[] =>
        inside(path, 'cat', '/proc/thread-self/net/netlink', '/proc/thread-self/net/packet')
          .split('\n')
          .map((line) => line.trim().split(/ +/))
          .filter(([address = '', , port]) => /^[0-9a-f]+$/.test(address) && port !== '0')
          .map((columns) => columns.at(-1)!)
          .filter((inode) => !ofOthers.has(inode));
      const state = () =>
        [blue, unnamed].map((path) => ({
          sockets: socketsIn(path, socketsHeld()),
          links: inside(path, 'ip', '-d', 'link'),
          addresses: inside(path, 'ip', 'address'),
        }));
      const before = await eventually(state, (now) => now.every(({ sockets }) => sockets.length === 0));
      const settings = lab.settings({ netns: { runPaths: [lab.runPath], processes: true } });
      for (let round = 0; round < 2; round++) {
        const agent = await startAgentProcess(settings);
        processes.push(agent);
        for (const path of [blue, unnamed]) expect(socketsIn(path, socketsHeld(agent.child.pid)).length).toBeGreaterThan(0);
        await end(agent, 'SIGKILL');
        // The kernel lets go of what a process had a moment after its end.
        await eventually(state, (now) => isDeepStrictEqual(now, before));
      }
    } finally {
      alone.kill('SIGKILL');
    }
  });

  it('says once what it lacks without rights, and shows the rest', async () => {
    lab.addNamespace('blue');
    chmodSync(lab.folder, 0o755);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const { said, log } = await start(nobody);
    const links = said.nodes.filter(({ metadata }) => 'IfIndex' in metadata).map(({ metadata }) => metadata.Name);
    expect(links).toContain('lo');
    expect(said.nodes.map(({ metadata }) => metadata.Name)).toContain('blue');
    expect(said.probes).toMatchObject([
      { name: 'host', state: 'RUNNING', missing: [] },
      {
        name: 'netlink',
        state: 'DEGRADED',
        missing: expect.arrayContaining(['SYS_ADMIN']) as string[],
        reason: expect.stringContaining(lab.path('blue')) as string,
      },
      { name: 'netns', state: 'RUNNING', missing: expect.arrayContaining(['SYS_ADMIN', 'SYS_PTRACE']) as string[] },
    ]);
    expect(log().match(/the agent runs without SYS_ADMIN/g)).toHaveLength(1);
  });

  it('shows what it may where it may not look everywhere', async () => {
    lab.addNamespace('blue');
    chmodSync(lab.folder, 0o755);
    // As docker leaves its own.
    const hidden = join(lab.folder, 'docker/netns');
    mkdirSync(hidden, { recursive: true });
    chmodSync(join(lab.folder, 'docker'), 0o700);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const agent = await startAgentProcess(lab.settings({ netns: { runPaths: [hidden, lab.runPath], processes: true } }), nobody);
    processes.push(agent);
    expect(agent.said.nodes.map(({ metadata }) => metadata.Name)).toContain('blue');
    expect(agent.said.probes.find(({ name }) => name === 'netns')).toMatchObject({
      state: 'DEGRADED',
      reason: `names in ${hidden} are not seen: EACCES: permission denied, scandir '${hidden}'`,
    });
  });

  it('is refused beside another one of the same identity, and named', async () => {
    const agent = await start();
    await expect(startAgentProcess(lab.settings())).rejects.toThrow(`another agent already watches this host as ${lab.hostId}`);
    await end(agent, 'SIGKILL');
    await start();
  });
});

describe('an agent that cannot reach the kernel', () => {
  it('shows its host, and says why there is nothing more', async () => {
    const lab = new Lab();
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
    Object.defineProperty(process, 'platform', { value: 'plan9' });
    try {
      const agent = await lab.agent({ metadata: { rack: 'r7', Type: 'nonsense' } });
      expect(agent.nodes().map(({ metadata }) => metadata)).toMatchObject([
        { Type: 'host', Name: lab.hostId, rack: 'r7', Architecture: process.arch },
      ]);
      expect(agent.running.probes()).toMatchObject([
        { name: 'host', state: 'RUNNING' },
        { name: 'netlink', state: 'FAILED', reason: expect.stringContaining('plan9') as string },
        { name: 'netns', state: 'FAILED' },
      ]);
      await agent.running.stop();
    } finally {
      Object.defineProperty(process, 'platform', platform);
      await lab.close();
    }
  });

  it('does not start with a probe that there is none of', async () => {
    const lab = new Lab();
    try {
      await expect(lab.agent({ probes: ['host', 'netlnk'] })).rejects.toThrow(
        'there is no probe netlnk; did you mean netlink? Valid: host, netlink, netns, ovsdb',
      );
    } finally {
      await lab.close();
    }
  });
});
