import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentLink } from '../../agent/link/agentLink.js';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { Delta } from '../../src/graph/delta.js';
import { lessIsBetter, type Bench, type Figure } from './bench.js';
import { compileProject } from './compiled.js';
import { residentMib, started } from './memory/child.js';
import { HOST_ID, interfaceId, putHost, putInterface, putOwnership } from './interfaces.js';

const NODES = 100_000;
const BATCH = 500;
const ORIGIN = 'agent.host-0';
const MIB = 1024 * 1024;

/** Bytes that the link lets wait before the next batch. */
const MOST_KEPT = 1 * MIB;

/** Time in which an analyzer that got everything comes to rest, ms. */
const SETTLE_MS = 5_000;

/** A host that owns all interfaces, and every second interface linked to the one before: 100,000 nodes, 150,000 edges. */
function* batches(): Generator<Delta[]> {
  let batch: Delta[] = [putHost];
  for (let number = 1; number < NODES; number++) {
    batch.push(putInterface(number), putOwnership(HOST_ID, number));
    if (number % 2 === 0) {
      const [parent, child] = [interfaceId(number), interfaceId(number - 1)];
      const metadata = { RelationType: 'layer2', Type: 'veth' };
      batch.push({ op: 'putEdge', id: `${parent}/${child}`, host: 'host-0', parent, child, metadata });
    }
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

export const bench: Bench = {
  name: 'analyzer-memory',
  measures:
    'MiB resident, file-backed pages apart, of an analyzer with 100,000 nodes (600 bytes of metadata) and 150,000 edges from an agent; against the JSON of the same graph',
  run: async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'bench-analyzer-memory-'));
    const compiled = compileProject();
    const analyzer = fork(compiled.file('test/bench/memory/analyzerProcess.ts'), [dataDir], { execArgv: [], stdio: 'inherit' });
    try {
      const empty = await started(analyzer).then(async (url) => {
        const before = residentMib(analyzer);
        const json = await publish(url);
        await sleep(SETTLE_MS);
        return { before, json };
      });
      const resident = residentMib(analyzer);
      const figures: Figure[] = [
        lessIsBetter('analyzer-memory', resident, 'MiB', empty.json / MIB),
        { name: 'analyzer-memory/empty', value: empty.before, unit: 'MiB' },
      ];
      return figures;
    } finally {
      const gone = new Promise((resolve) => analyzer.once('exit', resolve));
      analyzer.disconnect();
      await gone;
      rmSync(dataDir, { recursive: true });
      compiled.remove();
    }
  },
};

/** Sends everything over a real connection until it is acknowledged; answers its size as JSON. */
async function publish(url: string): Promise<number> {
  const link = new AgentLink({
    url,
    token: undefined,
    host: 'host-0',
    origin: ORIGIN,
    incarnation: 'bench',
    software: 'bench',
    clock: systemClock,
    log: silentLog,
    picture: () => [],
  });
  link.start();
  while (link.status().state !== 'LIVE') await sleep(5);
  let deltas = 0;
  let json = 0;
  for (const batch of batches()) {
    while (link.status().keptBytes > MOST_KEPT) await sleep(1);
    link.publish(batch);
    deltas += batch.length;
    json += JSON.stringify(batch).length;
  }
  while (link.status().acknowledged < deltas) await sleep(10);
  // The connection stays open: an agent that leaves is another state of the analyzer.
  return json;
}
