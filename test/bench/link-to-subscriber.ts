import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { lessIsBetter, percentile, type Bench } from './bench.js';

const LINKS = 100;
/** Milliseconds between two links, longer than a stream spaces its events by default: each link is the first change after a quiet moment. */
const QUIET = 100;
const PREFIX = `lts${process.pid}`;
const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

const SUBSCRIPTION = `subscription ($prefix: String!) {
  topologyChanges(filter: {nodes: {name: {startsWith: $prefix}}}) {
    ... on TopologySnapshot { complete }
    ... on TopologyChanges { changes { op element { ... on Node { name } } } }
  }
}`;

export const bench: Bench = {
  name: 'link-to-subscriber',
  measures:
    'ms (p95) from the start of `ip link add` to the message in a GraphQL client in another process than agent and analyzer; baseline: the same until `ip monitor link` prints the link',
  async run() {
    const monitored = await withMonitor();
    const delivered = await withCanopy();
    return [
      lessIsBetter('link-to-subscriber', percentile(delivered, 95), 'ms', percentile(monitored, 95)),
      lessIsBetter('link-to-subscriber/p50', percentile(delivered, 50), 'ms', percentile(monitored, 50)),
    ];
  },
};

/** When each link was seen for the first time. */
class Sightings {
  private readonly waiting = new Map<string, (at: number) => void>();

  seen(name: string): void {
    this.waiting.get(name)?.(performance.now());
    this.waiting.delete(name);
  }

  of(name: string): Promise<number> {
    return new Promise((resolve) => this.waiting.set(name, resolve));
  }
}

/** Adds links one after the other, and removes each again; milliseconds from the start of the command to the sighting. */
async function addLinks(sightings: Sightings): Promise<number[]> {
  const took: number[] = [];
  for (let number = 0; number < LINKS; number++) {
    const name = `${PREFIX}.${number}`;
    const sighting = sightings.of(name);
    const from = performance.now();
    const command = spawn('ip', ['link', 'add', name, 'type', 'bridge'], { stdio: 'inherit' });
    const [at] = await Promise.all([sighting, once(command, 'exit')]);
    took.push(at - from);
    execFileSync('ip', ['link', 'del', name]);
    await new Promise((resolve) => setTimeout(resolve, QUIET));
  }
  return took;
}

async function withMonitor(): Promise<number[]> {
  const monitor = spawn('ip', ['monitor', 'link'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sightings = new Sightings();
  createInterface({ input: monitor.stdout }).on('line', (line) => {
    const name = /^\d+: ([^:@]+)/.exec(line)?.[1];
    if (name !== undefined) sightings.seen(name);
  });
  try {
    // It says nothing when it listens.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await addLinks(sightings);
  } finally {
    monitor.kill();
  }
}

async function withCanopy(): Promise<number[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-link-'));
  const args = ['--import', 'tsx', MAIN, 'allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir, '--log-level', 'warn'];
  const canopy = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CANOPY_AGENT_HOST_ID: PREFIX },
  });
  try {
    const client = createClient({ url: `${(await readyUrl(canopy)).replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const sightings = new Sightings();
    await subscribed(client, sightings);
    const took = await addLinks(sightings);
    await client.dispose();
    return took;
  } finally {
    canopy.kill();
    await once(canopy, 'exit');
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function readyUrl(canopy: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: canopy.stdout! })) {
    const url = /^canopy ready (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the analyzer ended before it was ready');
}

interface Event {
  readonly topologyChanges: {
    readonly complete?: boolean;
    readonly changes?: readonly { readonly op: string; readonly element: { readonly name?: string } }[];
  };
}

/** Resolves with the snapshot; from then on every added link is a sighting. */
function subscribed(client: ReturnType<typeof createClient>, sightings: Sightings): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe<Event>(
      { query: SUBSCRIPTION, variables: { prefix: PREFIX } },
      {
        next({ data, errors }) {
          if (errors !== undefined) return reject(new Error(JSON.stringify(errors)));
          if (data?.topologyChanges.complete) resolve();
          for (const { op, element } of data?.topologyChanges.changes ?? [])
            if (op === 'ADDED' && element.name) sightings.seen(element.name);
        },
        error: reject,
        complete: () => undefined,
      },
    );
  });
}
