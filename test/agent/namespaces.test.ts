import { execFileSync, spawn } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { concatenatedId } from '../../src/common/ids.js';
import { describeWith, program, root } from '../needs.js';
import { startAgent } from '../../agent/agent.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { eventually, Lab, pause, WatchedAgent } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

/** The link to an analyzer that is not there opens and closes some. */
const FEW = 3;

/** Sockets of this process; other descriptors come and go with what else runs in it. */
const openSockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'an agent and named namespaces', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  it('shows those that are there, new ones, and not those that are gone', async () => {
    const path = lab.addNamespace('blue');
    const agent = await lab.agent();
    const blue = agent.namespace('blue')!;
    expect(blue.metadata).toMatchObject({ Type: 'netns', Path: path, TID: concatenatedId(String(agent.host.metadata.TID), path, 'netns') });
    expect(blue.metadata.Inode).toEqual(expect.any(Number));
    expect(blue.metadata.Device).toEqual(expect.any(Number));
    expect(agent.link('lo', 'blue')?.metadata.TID).toBe(concatenatedId(String(blue.metadata.TID), 'lo', 'device'));
    lab.addNamespace('red');
    await eventually(() => agent.link('lo', 'red'));
    lab.removeNamespace('blue');
    await eventually(
      () => agent.nodes(),
      (nodes) => nodes.every(({ id }) => id !== blue.id),
    );
    expect(agent.namespace('red')).toBeDefined();
    expect(agent.edges().every(({ parent, child }) => parent !== blue.id && child !== blue.id)).toBe(true);
  });

  it('watches a folder that appears later, and again after it went', async () => {
    rmSync(lab.runPath, { recursive: true });
    const agent = await lab.agent();
    mkdirSync(lab.runPath);
    lab.addNamespace('blue');
    await eventually(() => agent.namespace('blue'));
    lab.removeNamespace('blue');
    rmSync(lab.runPath, { recursive: true });
    await eventually(
      () => agent.nodes(),
      () => agent.namespace('blue') === undefined,
    );
    mkdirSync(lab.runPath);
    lab.addNamespace('red');
    await eventually(() => agent.namespace('red'));
  });

  it('has one node for a namespace with two names, and the host node for its own', async () => {
    const second = join(lab.folder, 'second');
    mkdirSync(second);
    const path = lab.addNamespace('blue');
    const agent = await lab.agent({ netns: { runPaths: [lab.runPath, second], processes: false } });
    writeFileSync(join(second, 'alias'), '');
    writeFileSync(join(second, 'self'), '');
    execFileSync('mount', ['--bind', path, join(second, 'alias')]);
    execFileSync('mount', ['--bind', '/proc/self/ns/net', join(second, 'self')]);
    try {
      const blue = agent.namespace('blue')!;
      // Long enough for a look at files over which nothing was mounted when they appeared.
      await pause(500);
      expect(
        agent
          .nodes()
          .filter(({ metadata }) => metadata.Type === 'netns')
          .map(({ id }) => id),
      ).toEqual([blue.id]);
      lab.removeNamespace('blue');
      const renamed = await eventually(() => agent.namespace('alias'));
      expect(renamed.id).toBe(blue.id);
      expect(renamed.metadata.Path).toBe(join(second, 'alias'));
      expect(agent.link('lo', 'alias')).toBeDefined();
    } finally {
      for (const name of ['alias', 'self']) execFileSync('umount', [join(second, name)]);
    }
  });

  it('takes no file, folder or link for a namespace, and becomes none for them', async () => {
    const agent = await lab.agent();
    writeFileSync(lab.path('file'), 'x');
    linkSync(lab.path('file'), lab.path('hard'));
    mkdirSync(lab.path('folder'));
    writeFileSync(lab.path('uts'), '');
    execFileSync('mount', ['--bind', '/proc/self/ns/uts', lab.path('uts')]);
    lab.addNamespace('blue');
    await eventually(() => agent.namespace('blue'));
    await pause(500);
    execFileSync('umount', [lab.path('uts')]);
    expect(agent.nodes().filter(({ metadata }) => metadata.Type === 'netns')).toHaveLength(1);
  });

  it('lets a namespace die with its name: the other end of a pair goes with it', async () => {
    lab.addNamespace('blue');
    const agent = await lab.agent();
    lab.ip(`link add ${lab.prefix}a type veth peer name inside netns ${lab.path('blue')}`);
    await eventually(() => agent.link('inside', 'blue'));
    await eventually(() => agent.link(`${lab.prefix}a`));
    lab.removeNamespace('blue');
    await eventually(
      () => agent.nodes(),
      () => agent.link(`${lab.prefix}a`) === undefined,
    );
    expect(() => lab.ip(`link show ${lab.prefix}a`)).toThrow();
  });

  it('sees mounts that make no event in their folder: over a file that was there, and their end', async () => {
    const path = lab.addNamespace('blue');
    // Without timers that come again, so that nothing is found by looking around.
    const clock = { ...systemClock, every: () => () => undefined };
    const running = await startAgent(lab.settings(), { clock, log: silentLog });
    const agent = new WatchedAgent(running);
    try {
      const { id } = agent.namespace('blue')!;
      for (const ends of [
        ['umount', path],
        ['umount', '--lazy', path],
      ] as const) {
        execFileSync(ends[0], ends.slice(1));
        await eventually(
          () => agent.nodes(),
          () => agent.namespace('blue') === undefined,
        );
        // The file was refused, or left, as no namespace; now it is one.
        execFileSync('unshare', [`--net=${path}`, 'true']);
        const again = await eventually(() => agent.namespace('blue'));
        expect(again.id).not.toBe(id);
      }
      // Another one over the first, at once: what is on top counts.
      const below = agent.namespace('blue')!.id;
      execFileSync('unshare', [`--net=${path}`, 'true']);
      const above = await eventually(
        () => agent.namespace('blue'),
        (node) => node.id !== below,
      );
      execFileSync('umount', [path]);
      const back = await eventually(
        () => agent.namespace('blue'),
        (node) => node.id !== above.id,
      );
      expect(back.id).toBe(below);
    } finally {
      await running.stop();
    }
  });

  it('keeps the node of one whose mount moves to another name', async () => {
    const second = join(lab.folder, 'second');
    mkdirSync(second);
    const first = lab.addNamespace('blue');
    const agent = await lab.agent({ netns: { runPaths: [lab.runPath, second], processes: false } });
    const blue = agent.namespace('blue')!;
    const { id: loopback } = agent.link('lo', 'blue')!;
    for (const [from, to, name] of [
      [first, join(second, 'green'), 'green'],
      [join(second, 'green'), first, 'blue'],
    ] as const) {
      execFileSync('sh', ['-c', `: > ${to}; mount --bind ${from} ${to} && umount ${from} && rm ${from}`]);
      const moved = await eventually(() => agent.namespace(name));
      expect(moved).toMatchObject({ id: blue.id, createdAt: blue.createdAt });
      expect(agent.link('lo', name)).toMatchObject({ id: loopback, createdAt: agent.node(loopback)!.createdAt });
    }
  });

  it('shows what docker names, without its second name for the host', async () => {
    const folder = join(lab.folder, 'docker/netns');
    mkdirSync(folder, { recursive: true });
    const sandbox = join(folder, '3f8c2a91b04e');
    for (const [path, of] of [
      [join(folder, 'default'), '/proc/self/ns/net'],
      [sandbox, lab.addNamespace('blue')],
    ] as const) {
      writeFileSync(path, '');
      execFileSync('mount', ['--bind', of, path]);
    }
    lab.removeNamespace('blue');
    try {
      const agent = await lab.agent({ netns: { runPaths: [lab.runPath, folder], processes: false } });
      expect(agent.nodes().filter(({ metadata }) => metadata.Type === 'netns')).toMatchObject([
        { metadata: { Name: '3f8c2a91b04e', Path: sandbox } },
      ]);
      expect(agent.link('lo', '3f8c2a91b04e')).toBeDefined();
    } finally {
      for (const name of ['default', '3f8c2a91b04e']) execFileSync('umount', [join(folder, name)]);
    }
  });

  it('tells namespaces apart that have the same inode, one after the other', async () => {
    const agent = await lab.agent();
    const idsByInode = new Map<unknown, Set<string>>();
    const isSeenTwice = (): boolean => [...idsByInode.values()].some(({ size }) => size > 1);
    // The kernel gives the lowest number that is free: others on this machine may take it in between.
    for (let round = 0; round < 100 && !isSeenTwice(); round++) {
      lab.addNamespace('blue');
      const { id, metadata } = await eventually(() => agent.namespace('blue'));
      idsByInode.set(metadata.Inode, (idsByInode.get(metadata.Inode) ?? new Set()).add(id));
      lab.removeNamespace('blue');
      await eventually(
        () => agent.nodes(),
        () => agent.namespace('blue') === undefined,
      );
    }
    expect(isSeenTwice()).toBe(true);
  });

  it('removes the node of a name that goes while a process lives on in the namespace', async () => {
    const path = lab.addNamespace('blue');
    const agent = await lab.agent();
    const process = spawn('nsenter', [`--net=${path}`, 'sleep', '60']);
    try {
      await eventually(() => agent.namespace('blue'));
      lab.removeNamespace('blue');
      await eventually(
        () => agent.nodes(),
        () => agent.namespace('blue') === undefined,
      );
    } finally {
      process.kill();
    }
  });

  it('keeps up with many that come and go, and leaves nothing behind', async () => {
    const agent = await lab.agent();
    // The thread that waits is started with the first namespace, and has descriptors of its own.
    lab.addNamespace('first');
    await eventually(() => agent.link('lo', 'first'));
    lab.removeNamespace('first');
    await eventually(
      () => agent.nodes(),
      () => agent.namespace('first') === undefined,
    );
    await pause(500);
    const before = openSockets();
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 50; number++) {
        lab.addNamespace(`n${number}`);
        if (number % 10 === 0) lab.ipIn(`n${number}`, 'link add va type veth peer name vb');
      }
      await eventually(
        () => agent.nodes(),
        (nodes) => nodes.filter(({ metadata }) => metadata.Type === 'netns').length === 50,
      );
      await eventually(() => agent.link('vb', 'n40'));
      await eventually(openSockets, (count) => count - before >= 50 * 2 - FEW && count - before <= 50 * 3 + FEW);
      for (let number = 0; number < 50; number++) lab.removeNamespace(`n${number}`);
      await eventually(
        () => agent.nodes(),
        (nodes) => nodes.every(({ metadata }) => metadata.Type !== 'netns'),
      );
      // Fewer may be: on a busy machine the thread of the agent of an earlier test closes its own late.
      await eventually(openSockets, (count) => count - before <= FEW);
    }
    const owners = new Set(agent.nodes().map(({ id }) => id));
    expect(agent.edges().every(({ parent, child }) => owners.has(parent) && owners.has(child))).toBe(true);
  });

  it('tells namespaces apart that follow each other under one name', async () => {
    const agent = await lab.agent();
    const ids = new Set<string>();
    for (let round = 0; round < 5; round++) {
      lab.addNamespace('blue');
      ids.add(
        (
          await eventually(
            () => agent.namespace('blue'),
            ({ id }) => !ids.has(id),
          )
        ).id,
      );
      lab.removeNamespace('blue');
    }
    expect(ids.size).toBe(5);
  });
});
