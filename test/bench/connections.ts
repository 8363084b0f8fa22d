import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askWhole } from '../../src/client/ask.js';
import { percentile, type Bench } from './bench.js';
import { compileProject } from './compiled.js';
import type { Order, Report } from './fanout/clients.js';
import { residentMib, started } from './memory/child.js';

const SUBSCRIBERS = 5_000;
const CHANGES = 30;
/** Time in which an analyzer comes to rest, ms. */
const SETTLE_MS = 3_000;

const QUERY = `subscription {
  topologyChanges {
    __typename
    ... on TopologySnapshot { nodes { id name } complete snapshotCursor: cursor }
    ... on TopologyChanges { cursor changes { op at element { ... on Node { id name } } } }
  }
}`;
const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor } }';

async function report(clients: ChildProcess, kind: Report['kind']): Promise<void> {
  for (;;) {
    const [message] = (await once(clients, 'message')) as [Report];
    if (message.kind === kind) return;
  }
}

export const bench: Bench = {
  name: 'connections',
  measures: `kB that each of ${SUBSCRIBERS} idle subscribers costs the analyzer, and ms from publishing a change until all of them have it`,
  async run() {
    const dataDir = mkdtempSync(join(tmpdir(), 'canopy-connections-'));
    const compiled = compileProject();
    const analyzer = fork(compiled.file('test/bench/memory/analyzerProcess.ts'), [dataDir], { execArgv: [], stdio: 'inherit' });
    const clients = fork(compiled.file('test/bench/fanout/clients.ts'), [], { execArgv: [], stdio: 'inherit' });
    const order = (message: Order): void => void clients.send(message);
    try {
      const url = await started(analyzer);
      const change = (number: number) =>
        askWhole(
          { url, token: undefined },
          { document: PUBLISH, variables: { input: { origin: 'bench', nodes: [{ id: 'one', name: `one-${number}`, type: 'thing' }] } } },
        );
      await change(0);
      await sleep(SETTLE_MS);
      const before = residentMib(analyzer);
      order({ kind: 'subscribe', port: Number(new URL(url).port), subscribers: SUBSCRIBERS, query: QUERY });
      await report(clients, 'subscribed');
      await sleep(SETTLE_MS);
      const each = ((residentMib(analyzer) - before) * 1_024) / SUBSCRIBERS;
      const delays: number[] = [];
      for (let number = 1; number <= CHANGES; number++) {
        order({ kind: 'expect', messages: number * SUBSCRIBERS });
        const all = report(clients, 'received');
        const start = performance.now();
        await change(number);
        await all;
        delays.push(performance.now() - start);
      }
      return [
        { name: 'connections/memory', value: each, unit: 'kB' },
        { name: 'connections/p95', value: percentile(delays, 95), unit: 'ms' },
      ];
    } finally {
      order({ kind: 'end' });
      const gone = once(analyzer, 'exit');
      analyzer.disconnect();
      await gone;
      rmSync(dataDir, { recursive: true });
      compiled.remove();
    }
  },
};
