import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { effectiveCapabilities } from '../../../agent/linux/capabilities.js';
import { describeWith, program, root } from '../../needs.js';
import { startAgentProcess, type AgentProcess } from '../agentProcess.js';
import { eventually, Lab } from '../lab.js';

// Whole processes: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

const field = (status: string, name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)![1]!;

/** What a thread of the process is doing in the kernel; empty for one that has just ended. */
const callOf = (pid: number, task: string): string => {
  try {
    return readFileSync(`/proc/${pid}/task/${task}/syscall`, 'utf8');
  } catch {
    return '';
  }
};

describeWith([root, program('ip'), program('unshare'), program('setpriv')], 'an agent that gives up rights', () => {
  let lab: Lab;
  let agent: AgentProcess | undefined;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(async () => {
    agent?.child.kill('SIGKILL');
    await lab.close();
  });
  const statusOf = (task: number | string): string => readFileSync(`/proc/${agent!.child.pid}/task/${task}/status`, 'utf8');
  const dropping = () => ({
    ...lab.settings().agent,
    dropRights: true,
    netns: { runPaths: [lab.runPath], processes: true },
    allow: { capture: 'never', inject: 'never' } as const,
  });

  it('keeps what its probes need and nothing else, and still sees everything', async () => {
    lab.addNamespace('blue');
    agent = await startAgentProcess({ ...lab.settings(), agent: dropping() });
    const main = statusOf(agent.child.pid!);
    const kept = ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'];
    expect([...effectiveCapabilities(main)].sort()).toEqual(kept);
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(BigInt(`0x${field(main, set)}`)).toBe((1n << 12n) | (1n << 19n) | (1n << 21n));
    for (const set of ['CapInh', 'CapAmb']) expect(BigInt(`0x${field(main, set)}`)).toBe(0n);
    expect(field(main, 'NoNewPrivs')).toBe('1');
    expect(agent.said.probes.map(({ state, missing }) => [state, missing])).toEqual([
      ['RUNNING', []],
      ['RUNNING', []],
      ['RUNNING', []],
    ]);
    expect(agent.said.nodes.some(({ metadata }) => metadata.Name === 'blue')).toBe(true);
    // The thread that waits in epoll_wait(…, 64, …) was started afterwards, and has no more.
    const { pid } = agent.child;
    const waiting = await eventually(() =>
      readdirSync(`/proc/${pid}/task`).find((task) => task !== String(pid) && callOf(pid!, task).split(' ')[3] === '0x40'),
    );
    expect(field(statusOf(waiting), 'CapPrm')).toBe(field(main, 'CapPrm'));
    expect(field(statusOf(waiting), 'NoNewPrivs')).toBe('1');
    const exited = once(agent.child, 'exit');
    agent.child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
  });

  it('keeps what captures need where its configuration allows them', async () => {
    agent = await startAgentProcess({
      ...lab.settings(),
      agent: { ...dropping(), allow: { capture: 'local', inject: 'never' }, probes: ['host'] },
    });
    const kept = [...effectiveCapabilities(statusOf(agent.child.pid!))].sort();
    expect(kept).toEqual(['BPF', 'NET_ADMIN', 'NET_RAW', 'SYS_ADMIN']);
  });

  it('keeps none for probes that need none', async () => {
    agent = await startAgentProcess({ ...lab.settings(), agent: { ...dropping(), probes: ['host'] } });
    expect(BigInt(`0x${field(statusOf(agent.child.pid!), 'CapPrm')}`)).toBe(0n);
    expect(agent.said.probes).toMatchObject([{ name: 'host', state: 'RUNNING' }]);
  });

  it('runs where it may not shrink the bounding set', async () => {
    const wrapper = ['setpriv', '--bounding-set=-setpcap', '--reuid=65534', '--clear-groups'];
    execFileSync('chmod', ['-R', 'a+rwX', lab.folder]);
    agent = await startAgentProcess({ ...lab.settings(), agent: dropping() }, wrapper);
    expect(field(statusOf(agent.child.pid!), 'NoNewPrivs')).toBe('1');
    expect(agent.said.probes[0]).toMatchObject({ name: 'host', state: 'RUNNING' });
  });

  it('gives up nothing unless it is told to', async () => {
    agent = await startAgentProcess(lab.settings());
    const own = readFileSync('/proc/self/status', 'utf8');
    expect(field(statusOf(agent.child.pid!), 'CapPrm')).toBe(field(own, 'CapPrm'));
  });
});
