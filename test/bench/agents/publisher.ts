import { setTimeout as sleep } from 'node:timers/promises';
import { AgentLink } from '../../../agent/link/agentLink.js';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { batchesOf, originOf, type Workload } from './workload.js';

/** A process with many agents: connects them all, publishes when told to, reports when everything is acknowledged. */

/** Bytes that one agent lets wait; a probe that produces faster waits too. */
const MOST_KEPT = 256 * 1024;

interface Start {
  readonly url: string;
  readonly workload: Workload;
}

const tell = (message: string): void => void process.send?.(message);

async function connect(url: string, agent: number): Promise<AgentLink> {
  const origin = originOf(agent);
  const link = new AgentLink({
    url,
    token: undefined,
    host: origin.slice('agent.'.length),
    origin,
    incarnation: `run-${process.pid}`,
    software: 'bench',
    clock: systemClock,
    log: silentLog,
    picture: () => [],
  });
  link.start();
  while (link.status().state !== 'LIVE') await sleep(5);
  return link;
}

async function publishAll(link: AgentLink, batches: ReturnType<typeof batchesOf>): Promise<void> {
  let deltas = 0;
  for (const batch of batches) {
    while (link.status().keptBytes > MOST_KEPT) await sleep(1);
    link.publish(batch);
    deltas += batch.length;
  }
  while (link.status().acknowledged < deltas) await sleep(1);
}

process.on('message', (message: Start | 'go') => {
  if (message === 'go') return;
  void run(message);
});

async function run({ url, workload }: Start): Promise<void> {
  const indexes = Array.from({ length: workload.agents }, (_, agent) => agent);
  const batches = indexes.map((agent) => batchesOf(agent, workload));
  const links = await Promise.all(indexes.map((agent) => connect(url, agent)));
  const go = new Promise<void>((told) => process.on('message', (message) => message === 'go' && told()));
  tell('ready');
  await go;
  await Promise.all(links.map((link, agent) => publishAll(link, batches[agent] ?? [])));
  tell('done');
  await Promise.all(links.map((link) => link.close()));
  process.disconnect();
}
