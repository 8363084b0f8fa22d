import { execFileSync } from 'node:child_process';
import { expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { startAgentProcess } from './agentProcess.js';
import { Lab, pause } from './lab.js';

// A whole process and thousands of namespaces: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 300_000 });

/** As many as one agent watches; any number by `CANOPY_NAMESPACES`. */
const MANY = Number(process.env.CANOPY_NAMESPACES ?? 2_000);
/** More than those, of which the agent must say that it does not watch them. */
const TOO_MANY = 5;
const MOST = 2_000;
/** Sockets in each. */
const DESCRIPTORS_OF_ONE = 3;
/** The link to the analyzer, timers, and this test's own questions open some. */
const FEW = 20;
/** MiB that an agent may grow by for 2,000: measured are 60 to 80. */
const GROWTH = 160;
/** Milliseconds that the machine may take for it all; only a failing test waits that long. */
const PATIENCE = 120_000;

interface Report {
  readonly namespaces: number;
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly graph: { readonly nodes: number };
  readonly probes: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
}

describeWith([root, program('unshare'), program('umount'), program('xargs')], 'an agent with thousands of namespaces at once', () => {
  it(`sees ${MANY} that come in one go, and leaves nothing of them behind`, async () => {
    const lab = new Lab();
    const inRunPath = (script: string): void =>
      void execFileSync('bash', ['-c', script], { cwd: lab.runPath, stdio: ['ignore', 'ignore', 'inherit'] });
    const unmountAll = (): void =>
      inRunPath(`awk -v folder="$PWD/" 'index($5, folder) == 1 { print $5 }' /proc/self/mountinfo | xargs -r umount --lazy`);
    const agent = await startAgentProcess(lab.settings({ listen: '127.0.0.1:0' }));
    // Nothing is read here while the script runs: a connection that was kept has been closed by the agent by then.
    const ask = async (): Promise<Report> => {
      const response = await fetch(`${agent.said.url}/status`, { headers: { connection: 'close' } });
      return (await response.json()) as Report;
    };
    const reports = async (isGood: (report: Report) => boolean): Promise<Report> => {
      const until = Date.now() + PATIENCE;
      for (;;) {
        const report = await ask();
        if (isGood(report)) return report;
        if (Date.now() > until) throw new Error(`waited in vain; last: ${JSON.stringify(report)}`);
        await pause(100);
      }
    };
    try {
      const before = await ask();
      inRunPath(`for i in $(seq ${MANY}); do : > n$i; unshare --net=n$i true; done`);
      // Each with its own loopback.
      const nodes = before.graph.nodes + 2 * MANY;
      const full = await reports(({ namespaces, graph }) => namespaces === MANY + 1 && graph.nodes >= nodes);
      const grew = (full.residentBytes - before.residentBytes) / 2 ** 20;
      process.stderr.write(`${MANY} namespaces: ${grew.toFixed(0)} MiB and ${full.descriptors - before.descriptors} descriptors more\n`);
      expect(full.descriptors).toBeLessThanOrEqual(before.descriptors + MANY * DESCRIPTORS_OF_ONE + FEW);
      expect(grew).toBeLessThan(GROWTH);
      expect(full.probes.find(({ name }) => name === 'netlink')).toMatchObject({ state: 'RUNNING' });

      if (MANY >= MOST) {
        inRunPath(`for i in $(seq ${TOO_MANY}); do : > more$i; unshare --net=more$i true; done`);
        const most = await reports(({ probes }) =>
          probes.some(({ reason }) => reason?.startsWith(`${MANY + TOO_MANY - MOST} namespaces are not watched`)),
        );
        expect(most.namespaces).toBe(MOST + 1);
        // Room for them: they come in.
        inRunPath(`for i in $(seq ${MANY + TOO_MANY - MOST}); do umount n$i; done`);
        await reports(({ namespaces, probes }) => namespaces === MOST + 1 && probes.every(({ state }) => state === 'RUNNING'));
      }
      unmountAll();
      const after = await reports(({ namespaces, descriptors }) => namespaces === 1 && descriptors <= before.descriptors + FEW);
      expect(after.graph.nodes).toBeLessThan(nodes - 2 * MANY + FEW);
    } finally {
      agent.child.kill('SIGKILL');
      unmountAll();
      await lab.close();
    }
  });
});
