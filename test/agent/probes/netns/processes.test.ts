import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { networkOf, openProcess } from '../../../../agent/linux/processes.js';
import { mostNamespaces } from '../../../../agent/probes/netns/limits.js';
import type { NodeRevision } from '../../../../src/graph/element.js';
import { describeWith, program, root } from '../../../needs.js';
import { eventually, Lab, pause, type WatchedAgent } from '../../lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 });

/** Milliseconds after the end of its last process in which nothing may keep a namespace any more. */
const DIES_WITHIN = 1_000;

describeWith([root, program('ip'), program('unshare'), program('nsenter'), program('mount')], 'namespaces that only processes hold', () => {
  let lab: Lab;
  let children: ChildProcess[];
  beforeEach(() => {
    lab = new Lab();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await lab.close();
  });

  const agentOf = () => lab.agent({ netns: { runPaths: [lab.runPath], processes: true } });
  const run = (command: string, ...args: string[]): ChildProcess => {
    const child = spawn(command, args, { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  /** A process in a namespace of its own. */
  const alone = async (): Promise<ChildProcess> => {
    const child = run('unshare', '-n', 'sleep', '1000');
    await eventually(
      () => readFileSync(`/proc/${child.pid}/comm`, 'utf8'),
      (command) => command === 'sleep\n',
    );
    return child;
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const inodeOf = ({ pid }: ChildProcess): number => networkOf(pid!) as number;
  const nodeOf = (agent: WatchedAgent, inode: number): NodeRevision | undefined =>
    agent.nodes().find(({ metadata }) => metadata.Type === 'netns' && metadata.Inode === inode);
  const hasLink = (name: string): boolean => {
    try {
      lab.ip(`link show ${name}`);
      return true;
    } catch {
      return false;
    }
  };
  const isGone = (agent: WatchedAgent, id: string) =>
    eventually(
      () => agent.nodes(),
      (nodes) => nodes.every((node) => node.id !== id),
    );

  it('are there from the start, appear later, and go with the process', async () => {
    const first = await alone();
    const agent = await agentOf();
    const early = nodeOf(agent, inodeOf(first))!;
    expect(early.metadata).toMatchObject({
      Name: `net:[${inodeOf(first)}]`,
      Path: `/proc/${first.pid}/ns/net`,
      PID: first.pid,
      Command: 'sleep',
    });
    await eventually(() => agent.link('lo', String(early.metadata.Name)));
    const second = await alone();
    const late = await eventually(() => nodeOf(agent, inodeOf(second)));
    expect(late.id).not.toBe(early.id);
    await kill(first);
    await isGone(agent, early.id);
    expect(nodeOf(agent, inodeOf(second))?.id).toBe(late.id);
  });

  it('are not kept alive: with the process goes the other end of its cable, on the host', async () => {
    const agent = await agentOf();
    const took: number[] = [];
    for (let round = 0; round < 3; round++) {
      const process = await alone();
      const node = await eventually(() => nodeOf(agent, inodeOf(process)));
      const name = `${lab.prefix}${round}`;
      lab.ip(`link add ${name} type veth peer name inside`);
      lab.ip(`link set inside netns ${process.pid}`);
      await eventually(() => agent.link('inside', String(node.metadata.Name)));
      await eventually(() => agent.link(name));
      const from = performance.now();
      await kill(process);
      await eventually(
        () => hasLink(name),
        (has) => !has,
      );
      took.push(performance.now() - from);
      await isGone(agent, node.id);
      await eventually(
        () => [agent.link(name)],
        ([link]) => link === undefined,
      );
    }
    // The best of three: the kernel takes namespaces apart in the background, and this machine may have other work.
    expect(Math.min(...took)).toBeLessThan(DIES_WITHIN);
  });

  it('live on while another process is in them', async () => {
    const first = await alone();
    const agent = await agentOf();
    const { id, metadata } = nodeOf(agent, inodeOf(first))!;
    const second = run('nsenter', `--net=/proc/${first.pid}/ns/net`, 'sleep', '1000');
    await eventually(
      () => networkOf(second.pid!),
      (inode) => inode === metadata.Inode,
    );
    await kill(first);
    const node = await eventually(
      () => agent.node(id),
      (now) => now.metadata.PID === second.pid,
    );
    expect(node.metadata).toMatchObject({ Name: metadata.Name, Path: `/proc/${second.pid}/ns/net`, TID: metadata.TID });
    expect(node.createdAt).toBe(nodeOf(agent, inodeOf(second))!.createdAt);
    await kill(second);
    await isGone(agent, id);
  });

  it('stay one node when they get a name, and when they lose it', async () => {
    const process = await alone();
    const agent = await agentOf();
    const { id, metadata, createdAt } = nodeOf(agent, inodeOf(process))!;
    const name = (): void => {
      writeFileSync(lab.path('blue'), '');
      execFileSync('mount', ['--bind', `/proc/${process.pid}/ns/net`, lab.path('blue')]);
    };
    const unname = (): void => {
      execFileSync('umount', [lab.path('blue')]);
      rmSync(lab.path('blue'));
    };
    name();
    const named = await eventually(() => agent.namespace('blue'));
    expect(named).toMatchObject({ id, createdAt });
    expect(named.metadata.Path).toBe(lab.path('blue'));
    expect(named.metadata.PID).toBeUndefined();
    unname();
    const unnamed = await eventually(
      () => agent.node(id),
      (node) => node.metadata.Name === metadata.Name,
    );
    expect(unnamed).toMatchObject({ createdAt, metadata });
    name();
    await eventually(() => agent.namespace('blue'));
    await kill(process);
    // The name holds it alone now.
    await pause(500);
    expect(agent.namespace('blue')?.id).toBe(id);
    unname();
    await isGone(agent, id);
  });

  it('go when their process moves into another one', async () => {
    const process = run('unshare', '-n', 'sh', '-c', 'sleep 2; exec nsenter --net=/proc/1/ns/net sleep 1000');
    const agent = await agentOf();
    const before = networkOf(globalThis.process.pid);
    const inode = await eventually(
      () => networkOf(process.pid!),
      (now) => now !== before,
    );
    const { id } = await eventually(() => nodeOf(agent, inode as number));
    await isGone(agent, id);
  });

  it('are found at a path that the configuration names, when it becomes one', async () => {
    const path = join(lab.folder, 'router');
    const agent = await lab.agent({ netns: { runPaths: [path], processes: false } });
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'true']);
    const { id } = await eventually(() => agent.namespace('router'));
    execFileSync('umount', [path]);
    await isGone(agent, id);
  });

  it('may come and go by the hundred and leave no descriptor behind', async () => {
    const agent = await agentOf();
    const watcher = await alone();
    await eventually(() => nodeOf(agent, inodeOf(watcher)));
    const descriptors = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return /^socket:|pidfd|^net:/.test(readlinkSync(`/proc/self/fd/${fd}`));
        } catch {
          return false;
        }
      }).length;
    await pause(500);
    const before = descriptors();
    const own = networkOf(process.pid);
    const seen = new Set<unknown>();
    for (let round = 0; round < 3; round++) {
      const many = Array.from({ length: 100 }, () => run('unshare', '-n', 'sleep', '1000'));
      const inodes = await eventually(
        () => new Set(many.map(inodeOf).filter((inode) => inode !== own)),
        (all) => all.size === 100,
      );
      await eventually(
        () => agent.nodes().filter(({ metadata }) => inodes.has(metadata.Inode as number)),
        (nodes) => nodes.length === 100,
      );
      for (const { id } of agent.nodes().filter(({ metadata }) => inodes.has(metadata.Inode as number))) seen.add(id);
      for (const child of many) child.kill('SIGKILL');
      await eventually(
        () => agent.nodes().filter(({ metadata }) => inodes.has(metadata.Inode as number)),
        (nodes) => nodes.length === 0,
      );
    }
    // Inodes come back; the namespaces are others.
    expect(seen.size).toBe(300);
    await eventually(descriptors, (count) => count <= before + 3);
  });
});

describe('what the kernel says of processes', () => {
  it('has no descriptor for a process that is not there', () => {
    expect(openProcess(2 ** 22 + 1)).toBeUndefined();
    expect(networkOf(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('the number of namespaces that are watched', () => {
  it('is 2,000, or as many as there are descriptors for', () => {
    expect(mostNamespaces('Max open files            1048576              1048576              files')).toBe(2_000);
    expect(mostNamespaces('Max open files            1024                 1024                 files')).toBe(128);
    expect(mostNamespaces('Max open files            64                   64                   files')).toBe(1);
  });
});
