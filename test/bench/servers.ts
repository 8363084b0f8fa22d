import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { percentile } from './bench.js';

/** Requests on their way at once: enough to keep the server busy, few enough that a request's time is its own. */
const CONNECTIONS = 16;
const WARM_UP_MS = 3_000;
/** Short, so that what slows the machine down for a second meets both sides. */
const ROUND_MS = 400;
const ROUNDS = 20;

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Each side runs alone in a process of its own, so that neither warms up nor slows down the other. */
async function startServer(file: string, side: string): Promise<Server> {
  const child: ChildProcess = spawn(process.execPath, [file, side], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return {
    url,
    async stop() {
      const gone = once(child, 'exit');
      child.stdin!.end();
      await gone;
    },
  };
}

export interface Side {
  readonly perSecond: number;
  readonly answer: string;
}

/**
 * What each side answers to the same request, and how often in a second. They take turns, so that what else the machine does meets both. A server is told
 * its side, prints its URL and ends with its input.
 */
export async function sideBySide<Name extends string>(file: string, names: readonly Name[], body: string): Promise<Record<Name, Side>> {
  const sides = await Promise.all(
    names.map(async (name) => {
      const server = await startServer(file, name);
      return { name, server, ask: asker(server.url, body), rounds: [] as number[], answer: '' };
    }),
  );
  try {
    for (const side of sides) {
      side.answer = await side.ask();
      await rate(side.ask, WARM_UP_MS);
    }
    for (let round = 0; round < ROUNDS; round++) for (const side of sides) side.rounds.push(await rate(side.ask, ROUND_MS));
    const results = sides.map(({ name, rounds, answer }) => [name, { perSecond: percentile(rounds, 50), answer }]);
    return Object.fromEntries(results) as Record<Name, Side>;
  } finally {
    await Promise.all(sides.map(({ server }) => server.stop()));
  }
}

async function rate(ask: () => Promise<string>, ms: number): Promise<number> {
  const start = performance.now();
  let count = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - start < ms) {
      await ask();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return count / ((performance.now() - start) / 1_000);
}

/** Shows the user of the URL, where it has one, as its token. Keeps its connections and does not look into the answers: the client must not be what is measured. */
function asker(address: string, body: string): () => Promise<string> {
  const url = new URL(address);
  const token = url.username;
  url.username = '';
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(token !== '' && { authorization: `Bearer ${token}` }),
  };
  return () =>
    new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
          else reject(new Error(String(response.statusCode)));
        });
      });
      call.on('error', reject);
      call.end(body);
    });
}
