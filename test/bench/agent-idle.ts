import { setTimeout as sleep } from 'node:timers/promises';
import { BenchNamespace } from './agents/benchNamespace.js';
import { cpuPercent, residentMib, startMeasuredAgent } from './agents/measuredAgent.js';
import type { Bench } from './bench.js';
import { compileProject } from './compiled.js';

/** Besides the loopback: pairs, every tenth of them in a bridge, with addresses. */
const PAIRS = 100;
/** Milliseconds until an agent that has just started is at rest, and for how long it is watched: a reading of counters (30 s) is in it. */
const SETTLE = 10_000;
const WATCH = 40_000;

export const bench: Bench = {
  name: 'agent-idle',
  measures: '% of a core and MiB resident of an agent whose host has 200 interfaces, while nothing changes; no baseline',
  run: async () => {
    const compiled = compileProject();
    const namespace = new BenchNamespace('idle');
    let agent: Awaited<ReturnType<typeof startMeasuredAgent>> | undefined;
    try {
      namespace.batch(links());
      agent = await startMeasuredAgent(namespace, compiled);
      const pid = agent.child.pid!;
      await sleep(SETTLE);
      const cpu = await cpuPercent(pid, () => sleep(WATCH));
      return [
        { name: 'agent-idle/cpu', value: cpu, unit: '%' },
        { name: 'agent-idle/memory', value: residentMib(pid), unit: 'MiB' },
      ];
    } finally {
      await agent?.stop();
      namespace.remove();
      compiled.remove();
    }
  },
};

function links(): string[] {
  const commands = ['link add name switch type bridge', 'link set switch up'];
  for (let pair = 0; pair < PAIRS; pair++) {
    commands.push(`link add left${pair} type veth peer name right${pair}`, `link set left${pair} up`, `link set right${pair} up`);
    commands.push(pair % 10 === 0 ? `link set right${pair} master switch` : `address add 10.${pair}.0.1/24 dev left${pair}`);
  }
  return commands;
}
