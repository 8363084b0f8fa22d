import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import { Hub } from '../../src/hub/hub.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';
import { createAgentDoor } from '../../src/server/agentSocket.js';
import { everybody } from '../../src/services/viewer.js';
import { batchesOf, changesOf, originOf, type Workload } from './agents/workload.js';
import { moreIsBetter, type Bench, type Figure } from './bench.js';

const WORKLOAD: Workload = { agents: 50, interfaces: 800, batch: 100 };
const QUOTA = { elements: 1e6, metadataBytes: 1e9, changesPerSecond: 1e6 };
const MAX_TAIL_BYTES = 64 * 1024 * 1024;

export const bench: Bench = {
  name: 'hub-ingest',
  measures:
    'changes/s from 50 agents in a process of their own over real sockets until acknowledged durable; baseline: the same batches given to the recorder (live graph and journal on disk) in its own process',
  run: async () => {
    const baseline = await inFolder(storeAlone);
    const value = await inFolder(throughHub);
    return [moreIsBetter('hub-ingest', value, 'changes/s', baseline) satisfies Figure];
  },
};

async function inFolder(measure: (recorder: Recorder) => Promise<number>): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-hub-ingest-'));
  const recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: { maxTailBytes: MAX_TAIL_BYTES } });
  try {
    return await measure(recorder);
  } finally {
    await recorder.close();
    rmSync(dataDir, { recursive: true });
  }
}

/** All batches of all agents in turns, as fast as the recorder takes them, until the last is durable. */
async function storeAlone(recorder: Recorder): Promise<number> {
  const agents = Array.from({ length: WORKLOAD.agents }, (_, agent) => batchesOf(agent, WORKLOAD));
  const counted = countChanges(recorder);
  const startedAt = performance.now();
  const durable: Promise<void>[] = [];
  for (let turn = 0; agents.some((batches) => turn < batches.length); turn += 1) {
    for (const [agent, batches] of agents.entries()) {
      const deltas = batches[turn];
      if (deltas === undefined) continue;
      const progress = { origin: originOf(agent), incarnation: 'bench', lastDelta: (turn + 1) * WORKLOAD.batch };
      durable.push(recorder.record({ origin: originOf(agent), deltas }, progress).durable);
    }
    // The journal writes between turns, as it does between messages.
    await new Promise((resume) => setImmediate(resume));
    while (recorder.isFull) await new Promise((resume) => setImmediate(resume));
  }
  await Promise.all(durable);
  return counted.perSecond(startedAt);
}

async function throughHub(recorder: Recorder): Promise<number> {
  const hub = new Hub({ recorder, clock: systemClock, log: silentLog, quota: QUOTA, software: 'bench' });
  const door = createAgentDoor(hub, () => everybody, systemClock, silentLog);
  const server = createServer();
  server.on('upgrade', (request, socket, head) => door.handleAgentUpgrade(request, socket, head));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const child = fork(new URL('agents/publisher.ts', import.meta.url), { execArgv: ['--import', 'tsx'], stdio: 'inherit' });
  try {
    child.send({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, workload: WORKLOAD });
    await told(child, 'ready');
    const counted = countChanges(recorder);
    const startedAt = performance.now();
    child.send('go');
    await told(child, 'done');
    return counted.perSecond(startedAt);
  } finally {
    child.kill();
    hub.close();
    door.close();
    server.close();
  }
}

/** Counts what was recorded; a figure for less than the whole workload would be no figure. */
function countChanges(recorder: Recorder): { perSecond: (startedAt: number) => number } {
  let changes = 0;
  recorder.onChanges((more) => (changes += more.length));
  return {
    perSecond(startedAt) {
      const seconds = (performance.now() - startedAt) / 1000;
      if (changes < changesOf(WORKLOAD)) throw new Error(`${changes} changes of ${changesOf(WORKLOAD)}`);
      return Math.round(changes / seconds);
    },
  };
}

function told(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => message === word && resolve());
    child.once('exit', (code) => reject(new Error(`the agents' process ended with ${code}`)));
  });
}
