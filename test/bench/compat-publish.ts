import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { type Bench, moreIsBetter } from './bench.js';
import { compileProject, type Compiled } from './compiled.js';

const NODES = 60_000;
const WARM_UP = 5_000;
/** Nodes in one mutation: what a careful publisher puts together. */
const IN_ONE_CALL = 500;

const metadata = (index: number) => ({ State: 'UP', MTU: 1500, MAC: `02:00:00:00:00:${(index % 256).toString(16).padStart(2, '0')}` });

interface Analyzer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The delivered program on a folder of its own, with room for what is published. */
async function startAnalyzer(compiled: Compiled): Promise<Analyzer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'canopy-compat-publish-'));
  const quota = ['quota.elements=200000', 'quota.metadataBytes=1073741824', 'quota.changesPerSecond=1000000'].flatMap((pair) => [
    '--set',
    pair,
  ]);
  const child = spawn(
    process.execPath,
    [compiled.file('src/cli/main.ts'), 'analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir, '--log-level', 'error', ...quota],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^canopy ready (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      async stop() {
        const gone = once(child, 'exit');
        child.kill();
        await gone;
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }
  throw new Error('the analyzer did not start');
}

async function ask<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: T; errors?: { message: string }[] };
  if (errors) throw new Error(errors[0]!.message);
  return data;
}

/** Until so many nodes are there and on disk. */
async function untilDurable(url: string, nodes: number): Promise<void> {
  for (;;) {
    const { status } = await ask<{ status: { nodes: number; journal: { tailChanges: number } } }>(
      url,
      '{ status { nodes journal { tailChanges } } }',
    );
    if (status.nodes >= nodes && status.journal.tailChanges === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function byWebSocket(url: string, from: number, to: number): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/publisher`, {
    headers: { 'X-Host-ID': `bench-${from}`, 'X-Client-Type': 'bench' },
  });
  await once(socket, 'open');
  for (let index = from; index < to; index++) {
    const Obj = { ID: `ws-${index}`, Host: 'h', Metadata: { Name: `n${index}`, Type: 'device', ...metadata(index) } };
    socket.send(JSON.stringify({ Namespace: 'Graph', Type: 'NodeAdded', UUID: String(index), Status: 200, Obj }));
    while (socket.bufferedAmount > 1_000_000) await new Promise((resolve) => setImmediate(resolve));
  }
  await untilDurable(url, to);
  socket.close();
}

async function byMutation(url: string, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += IN_ONE_CALL) {
    const nodes = Array.from({ length: Math.min(IN_ONE_CALL, to - at) }, (_, offset) => {
      const index = at + offset;
      return { id: `gql-${index}`, name: `n${index}`, type: 'device', host: 'h', metadata: metadata(index) };
    });
    await ask(url, 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created } }', {
      input: { origin: 'bench', nodes },
    });
  }
  await untilDurable(url, to);
}

async function rate(compiled: Compiled, publish: (url: string, from: number, to: number) => Promise<void>): Promise<number> {
  const analyzer = await startAnalyzer(compiled);
  try {
    await publish(analyzer.url, 0, WARM_UP);
    const start = performance.now();
    await publish(analyzer.url, WARM_UP, WARM_UP + NODES);
    return NODES / ((performance.now() - start) / 1_000);
  } finally {
    await analyzer.stop();
  }
}

export const bench: Bench = {
  name: 'compat-publish',
  measures: 'nodes a second through /ws/publisher until they are on disk, against publishTopology in calls of 500, one after the other',
  async run() {
    const compiled = compileProject();
    try {
      const baseline = await rate(compiled, byMutation);
      return [moreIsBetter('compat-publish', await rate(compiled, byWebSocket), 'nodes/s', baseline)];
    } finally {
      compiled.remove();
    }
  },
};
