import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readPlatform } from '../../agent/probes/host/platform.js';
import { eventually, Lab } from '../agent/lab.js';
import { describeWith, program, root } from '../needs.js';
import { launch, type CanopyProcess } from './canopyProcess.js';
import { dockerEngine, kernelEngine, type DockerEngine, type Engine, type Flaws } from './container.js';

// Whole processes in containers: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;

interface Finding {
  readonly name: string;
  readonly health: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly advice?: string;
}

interface LocalNode {
  readonly metadata: Readonly<Record<string, unknown>>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const linksOfHost = (): string[] =>
  (JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' })) as { ifname: string }[]).map(({ ifname }) => ifname);

/** What docs/deploy-agent.md promises of an agent in a container, for any engine. */
function keepsTheContract(open: () => Promise<Engine>): void {
  let engine: Engine;
  let children: ChildProcess[];
  let agents: CanopyProcess[];
  beforeAll(async () => {
    engine = await open();
    children = [];
    agents = [];
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.end();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const name of readdirSync(engine.names)) {
      execFileSync('umount', ['--lazy', '--quiet', join(engine.names, name)]);
      rmSync(join(engine.names, name));
    }
  });
  afterAll(() => engine.close());

  /** Gives a new namespace a name on the host. */
  const name = (text: string): void => {
    const path = join(engine.names, text);
    writeFileSync(path, '');
    execFileSync('unshare', [`--net=${path}`, 'true']);
  };
  const settings = [
    'agent.stateDir=/state',
    'agent.netns.runPaths=/var/run/netns',
    'agent.allow.capture=never',
    'agent.allow.inject=never',
  ].flatMap((setting) => ['--set', setting]);
  const doctor = (flaws?: Flaws, ...more: string[]): Finding[] => {
    const [command, ...args] = [...engine.wrapper(flaws), process.execPath, MAIN, 'doctor', '--agent', '-o', 'json', ...settings, ...more];
    return JSON.parse(execFileSync(command!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })) as Finding[];
  };
  const found = (findings: readonly Finding[], of: string): Finding | undefined => findings.find((finding) => finding.name === of);

  it('is proved by the doctor', () => {
    name('blue');
    const findings = doctor();
    // No analyzer runs here, and an agent goes on without.
    expect(findings.filter(({ health, name: of }) => health !== 'ok' && of !== 'analyzer')).toEqual([]);
    expect(found(findings, 'namespaces')!.says).toMatch(/^one was entered and left again/);
    expect(found(findings, 'names')!.says).toMatch(/^\/var\/run\/netns has 1; \/\S+\/netns\/blue was entered and left again$/);
    expect(found(findings, 'host')).toMatchObject({ health: 'ok' });
    expect(found(findings, 'network')).toEqual({ name: 'network', health: 'ok', says: 'is the host’s' });
    const { Platform, PlatformVersion } = readPlatform().facts;
    expect(found(findings, 'host root')!.says).toMatch(new RegExp(`^/proc/[12]/root is of ${String(Platform)} ${String(PlatformVersion)}`));
    expect(found(findings, 'state')!.says).toBe('/state can be written');
  });

  it.each([
    ['its own processes', { ownProcesses: true }, 'host', /its processes are not seen/, /--pid host/],
    ['its own network', { ownNetwork: true }, 'network', /is net:\[\d+\], and the host’s is net:\[\d+\]/, /--network host/],
    ['a folder that no later name reaches', { isPrivate: true }, 'names', /nothing that the host names from now on/, /rslave/],
    ['no SYS_ADMIN', { capabilities: ['SYS_PTRACE', 'NET_ADMIN'] }, 'namespaces', /none can be entered: setns\(.*EPERM/, /SYS_ADMIN/],
    ['no SYS_ADMIN, by name', { capabilities: ['SYS_PTRACE', 'NET_ADMIN'] }, 'capabilities', /CAP_SYS_ADMIN is missing/, /CAP_SYS_ADMIN/],
  ] as const)('is found broken with %s', (_what, flaws, of, says, advice) => {
    name('blue');
    const finding = doctor(flaws).find((one) => one.name === of && says.test(one.says));
    expect(finding).toMatchObject({ health: 'warn' });
    expect(finding!.advice).toMatch(advice);
  });

  it('says of which host it is by the files that it was given', () => {
    const hostRoot = mkdtempSync(join(tmpdir(), 'canopy-host-'));
    try {
      mkdirSync(join(hostRoot, 'usr/lib'), { recursive: true });
      mkdirSync(join(hostRoot, 'etc'));
      mkdirSync(join(hostRoot, 'var/lib/cloud/data'), { recursive: true });
      // Where links are to absolute paths, the first one leads out of the folder.
      symlinkSync('/nowhere/os-release', join(hostRoot, 'etc/os-release'));
      writeFileSync(join(hostRoot, 'usr/lib/os-release'), 'ID=fedora\nVERSION_ID=44\n');
      writeFileSync(join(hostRoot, 'var/lib/cloud/data/instance-id'), 'i-0123\n');
      const asked = ['--set', 'agent.hostRoot=/host'];
      expect(found(doctor({ hostRoot, ownProcesses: true }, ...asked), 'host root')).toEqual({
        name: 'host root',
        health: 'ok',
        says: '/host is of fedora 44, instance i-0123',
      });
      const without = found(doctor({ ownProcesses: true }, ...asked), 'host root');
      expect(without).toMatchObject({ health: 'warn', says: "agent.hostRoot /host has no etc/os-release: the host's / is not there" });
      expect(without!.advice).toMatch(/-v \/:\/host:ro/);
    } finally {
      rmSync(hostRoot, { recursive: true, force: true });
    }
  });

  it('is what an agent needs to see the host: its links, its names, also later ones, and its processes', async () => {
    name('early');
    const links = linksOfHost();
    const port = await freePort();
    const hostId = `container-${process.pid}-${port}`;
    const agent = await launch(
      [
        'agent',
        '--analyzer',
        'http://127.0.0.1:1',
        '--set',
        `agent.listen=127.0.0.1:${port}`,
        '--set',
        `agent.hostId=${hostId}`,
        ...settings,
      ],
      { wrapper: engine.wrapper(), ready: /^canopy agent ready$/ },
    );
    agents.push(agent);
    const ask = async <T>(path: string): Promise<T> => (await fetch(`http://127.0.0.1:${port}${path}`)).json() as Promise<T>;
    let nodes: readonly LocalNode[] = [];
    const seen = async (isThere: (metadata: LocalNode['metadata']) => boolean) => {
      for (let tries = 0; tries < 300; tries++) {
        nodes = await ask<readonly LocalNode[]>('/nodes');
        const node = nodes.find(({ metadata }) => isThere(metadata));
        if (node !== undefined) return node;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`not seen; there are ${JSON.stringify(nodes.map(({ metadata }) => metadata.Name))}\n${agent.log()}`);
    };
    await seen(({ Type, Name }) => Type === 'netns' && Name === 'early');
    // The distribution is the host's, not the image's, which has no /etc.
    const { Platform, PlatformVersion, InstanceID } = readPlatform().facts;
    expect((await seen(({ Type }) => Type === 'host')).metadata).toMatchObject(
      InstanceID === undefined ? { Platform, PlatformVersion } : { Platform, PlatformVersion, InstanceID },
    );
    // Those of other tests come and go.
    const staying = new Set(linksOfHost());
    expect(nodes.map(({ metadata }) => metadata.Name)).toEqual(expect.arrayContaining(links.filter((link) => staying.has(link))));
    name('later');
    await seen(({ Type, Name }) => Type === 'netns' && Name === 'later');
    const alone = spawn('unshare', ['-n', 'sleep', '1000'], { stdio: 'ignore' });
    children.push(alone);
    const own = readlinkSync('/proc/self/ns/net');
    const unnamed = await eventually(
      () => readlinkSync(`/proc/${alone.pid}/ns/net`),
      (now) => now !== own,
    );
    await seen(({ Type, Name }) => Type === 'netns' && Name === unnamed);
    const { probes } = await ask<{ probes: { name: string; state: string; missing: string[] }[] }>('/status');
    expect(probes.flatMap(({ missing }) => missing)).toEqual([]);
    // Whether there is an Open vSwitch beside it is another test's business.
    expect(probes.flatMap(({ name: probe, state }) => (probe === 'ovsdb' ? [] : [[probe, state]]))).toEqual([
      ['host', 'RUNNING'],
      ['netlink', 'RUNNING'],
      ['netns', 'RUNNING'],
    ]);
  });
}

const KERNEL = [root, program('unshare'), program('setpriv'), program('chroot'), program('ip')];

describeWith(KERNEL, 'the contract of an agent in a container made of namespaces', () => {
  keepsTheContract(() => Promise.resolve(kernelEngine()));
});

describeWith([...KERNEL, program('dockerd'), program('docker')], 'docker', () => {
  describe('the contract of an agent in its container', () => {
    keepsTheContract(dockerEngine);
  });

  it('names the namespaces of its containers for an agent on the host', async () => {
    const lab = new Lab();
    let engine: DockerEngine | undefined;
    try {
      const { sandboxes, docker, run } = (engine = await dockerEngine());
      mkdirSync(sandboxes, { recursive: true });
      const agent = await lab.agent({ netns: { runPaths: [sandboxes], processes: false } });
      const container = run('-d', '--network', 'none', '--', '/bin/sleep', '1000');
      const pid = docker('inspect', '-f', '{{.State.Pid}}', container);
      const inode = Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))![0]);
      const node = await eventually(() => agent.nodes().find(({ metadata }) => metadata.Inode === inode));
      expect(docker('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', container).endsWith(`/${String(node.metadata.Name)}`)).toBe(true);
      await eventually(() => agent.link('lo', String(node.metadata.Name)));
      // The host's own, under docker's name for it, is the host's node.
      run('-d', '--network', 'host', '--', '/bin/sleep', '1000');
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(`${sandboxes}/default`);
      expect(agent.nodes().filter(({ metadata }) => metadata.Type === 'netns')).toHaveLength(1);
      docker('rm', '-f', container);
      await eventually(
        () => agent.nodes(),
        (nodes) => nodes.every(({ metadata }) => metadata.Inode !== inode),
      );
      for (const one of docker('ps', '-aq').split('\n')) docker('rm', '-f', one);
    } finally {
      await lab.close();
      await engine?.close();
    }
  });
});
