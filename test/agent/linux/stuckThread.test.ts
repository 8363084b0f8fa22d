import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../../needs.js';
import { startAgentProcess } from '../agentProcess.js';
import { eventually, Lab } from '../lab.js';

// Whole processes and a compiler: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });

/** Holds one thread of another process still, as a call of the kernel would that does not come back. */
const HOLD = `#include <sys/ptrace.h>
#include <sys/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  pid_t tid = atoi(argv[1]);
  if (ptrace(PTRACE_ATTACH, tid, 0, 0) != 0) return 1;
  waitpid(tid, 0, __WALL);
  puts("held");
  fflush(stdout);
  for (;;) pause();
}`;

const callOf = (pid: number, task: string): string => {
  try {
    return readFileSync(`/proc/${pid}/task/${task}/syscall`, 'utf8');
  } catch {
    return '';
  }
};

describeWith([root, program('gcc'), program('unshare')], 'an agent whose thread is stuck in the kernel', () => {
  it.each(['SIGINT', 'SIGUSR2'] as const)('ends all the same after two seconds, and says why (%s)', async (signal) => {
    const lab = new Lab();
    const folder = mkdtempSync(join(tmpdir(), 'canopy-hold-'));
    lab.addNamespace('blue');
    const agent = await startAgentProcess(lab.settings());
    const { pid } = agent.child;
    let holder: ChildProcess | undefined;
    try {
      writeFileSync(join(folder, 'hold.c'), HOLD);
      execFileSync('gcc', ['-o', join(folder, 'hold'), join(folder, 'hold.c')]);
      const thread = await eventually(() =>
        readdirSync(`/proc/${pid}/task`).find((task) => task !== String(pid) && callOf(pid!, task).split(' ')[3] === '0x40'),
      );
      holder = spawn(join(folder, 'hold'), [thread], { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(holder.stdout!, 'data');
      const exited = once(agent.child, 'exit');
      agent.child.kill(signal);
      await eventually(agent.log, (log) =>
        log.includes('the thread that waits for the kernel does not leave after 2000 ms; the process kills itself'),
      );
      // A process that is dead stays in the table until whoever holds one of its threads lets go.
      holder.kill('SIGKILL');
      expect((await exited)[1]).toBe('SIGKILL');
    } finally {
      holder?.kill('SIGKILL');
      agent.child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      await lab.close();
    }
  });
});
