import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchNamespace } from './agents/benchNamespace.js';
import { changeLinks, cpuPercent, startMeasuredAgent } from './agents/measuredAgent.js';
import { lessIsBetter, type Bench } from './bench.js';
import { compileProject } from './compiled.js';

const CHANGES_PER_SECOND = 100;
const SECONDS = 20;
/** Seconds of changes before the agent is measured, as it runs for days and not from its first second. */
const WARM_UP = 10;

export const bench: Bench = {
  name: 'agent-churn',
  measures:
    '% of a core of an agent while links are made, changed and removed, 100 changes a second; baseline: `ip monitor` during the same',
  run: async () => {
    const compiled = compileProject();
    const namespace = new BenchNamespace('churn');
    let agent: Awaited<ReturnType<typeof startMeasuredAgent>> | undefined;
    try {
      const baseline = await monitored(namespace);
      agent = await startMeasuredAgent(namespace, compiled);
      await changeLinks(namespace, CHANGES_PER_SECOND, WARM_UP);
      const cpu = await cpuPercent(agent.child.pid!, () => changeLinks(namespace, CHANGES_PER_SECOND, SECONDS));
      return [lessIsBetter('agent-churn/cpu', cpu, '%', baseline)];
    } finally {
      await agent?.stop();
      namespace.remove();
      compiled.remove();
    }
  },
};

async function monitored(namespace: BenchNamespace): Promise<number> {
  const monitor = spawn('ip', ['-n', namespace.name, 'monitor'], { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    // It says nothing when it listens.
    await sleep(500);
    return await cpuPercent(monitor.pid!, () => changeLinks(namespace, CHANGES_PER_SECOND, SECONDS));
  } finally {
    monitor.kill();
    await once(monitor, 'exit');
  }
}
