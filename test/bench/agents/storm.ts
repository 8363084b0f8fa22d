import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/**
 * Runs inside the namespace of the bench: adds routes in one batch and links meanwhile. Prints as JSON when the last route was seen, and how late each
 * link was, without and with the storm. `monitor`: seen by `ip monitor`; an URL: in the analyzer, by its queries and subscriptions.
 */
const [observer, routesWanted, interfaces, round] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4]), process.argv[5]!];
/** Milliseconds between two links: longer than a stream spaces its events. */
const PAUSE = 100;
const QUIET_LINKS = 30;
/** Milliseconds after which a storm is given up: something was lost. */
const LONGEST = 90_000;
/** Milliseconds between looks at how many routes there are. */
const LOOK = 100;

const seen = new Map<string, (at: number) => void>();
const sighting = (name: string): Promise<number> => new Promise((resolve) => seen.set(name, resolve));

async function addLink(name: string): Promise<number> {
  const sighted = sighting(name);
  const from = performance.now();
  const command = spawn('ip', ['link', 'add', name, 'type', 'bridge'], { stdio: 'inherit' });
  // From its end, not its start: what a busy machine takes to start a program is not the agent's delay.
  const done = once(command, 'exit').then(() => performance.now());
  const [at] = await Promise.all([sighted, done]);
  return Math.max(0, at - from);
}

function routes(): string {
  const lines: string[] = [];
  for (let index = 0; index < routesWanted; index++) {
    lines.push(
      `route add ${11 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.0/24 dev out${index % interfaces} table ${100 + (index % 5)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

setTimeout(() => {
  process.stderr.write('the storm was not seen to its end\n');
  process.exit(1);
}, LONGEST).unref();
const isSightedBy = observer === 'monitor' ? byMonitor : byAnalyzer;
const allRoutes = await isSightedBy();
const quiet: number[] = [];
for (let index = 0; index < QUIET_LINKS; index++) {
  quiet.push(await addLink(`q${round}x${index}`));
  await sleep(PAUSE);
}
const input = routes();
const from = performance.now();
const batch = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
batch.stdin.end(input);
const batchEnded = once(batch, 'exit').then(() => performance.now() - from);
let isOver = false;
const whole = allRoutes().then((at) => {
  isOver = true;
  return at - from;
});
const storm: number[] = [];
for (let index = 0; !isOver; index++) {
  storm.push(await addLink(`s${round}x${index}`));
  await sleep(PAUSE);
}
process.stdout.write(`${JSON.stringify({ batch: await batchEnded, routes: await whole, quiet, storm })}\n`);
process.exit(0);

/** Answers what resolves when the last route is there. */
async function byMonitor(): Promise<() => Promise<number>> {
  const monitor = spawn('ip', ['-rcvbuf', String(64 * 1024 * 1024), 'monitor', 'link', 'route'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => monitor.kill());
  let last: ((at: number) => void) | undefined;
  createInterface({ input: monitor.stdout }).on('line', (line) => {
    const name = /^\d+: ([^:@]+)/.exec(line)?.[1];
    if (name !== undefined) seen.get(name)?.(performance.now());
    else if (line.startsWith(lastRoute)) last?.(performance.now());
  });
  const index = routesWanted - 1;
  const lastRoute = `${11 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.0/24 `;
  await sleep(500);
  return () => new Promise((resolve) => (last = resolve));
}

async function byAnalyzer(): Promise<() => Promise<number>> {
  const client = createClient({ url: `${observer.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  await new Promise<void>((resolve, reject) => {
    // Without the pause that a stream makes between its events: what is measured is how late a link is, not how calm a screen is.
    const query = `subscription { topologyChanges(filter: {nodes: {type: {eq: "bridge"}}}, batch: {every: "0ms"}) {
      ... on TopologySnapshot { complete } ... on TopologyChanges { changes { op element { ... on Node { name } } } } } }`;
    client.subscribe<{
      topologyChanges: { complete?: boolean; changes?: { op: string; element: { name?: string } }[] };
    }>(
      { query },
      {
        next({ data, errors }) {
          if (errors !== undefined) return reject(new Error(JSON.stringify(errors)));
          if (data?.topologyChanges.complete) resolve();
          for (const { op, element } of data?.topologyChanges.changes ?? []) {
            if (op === 'ADDED' && element.name) seen.get(element.name)?.(performance.now());
          }
        },
        error: reject,
        complete: () => undefined,
      },
    );
  });
  // One interface at a time, and the next one when it has all of its routes: looking must not keep the analyzer busy.
  const count = async (name: string): Promise<number> => {
    const query = `{ nodes(filter: {name: {eq: "${name}"}}, first: 1) { nodes { ... on NetworkInterface { routes(first: 0) { totalCount } } } } }`;
    const response = await fetch(`${observer}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = (await response.json()) as { data: { nodes: { nodes: { routes: { totalCount: number } }[] } } };
    return data.nodes.nodes.reduce((sum, node) => sum + node.routes.totalCount, 0);
  };
  const names = Array.from({ length: interfaces }, (_, index) => `out${index}`);
  const before = await Promise.all(names.map(count));
  return async () => {
    for (const [index, name] of names.entries()) {
      while ((await count(name)) < before[index]! + routesWanted / interfaces) await sleep(LOOK);
    }
    return performance.now();
  };
}
