import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { type Bench, moreIsBetter } from './bench.js';
import { compileProject } from './compiled.js';

/** Fifty nodes, their neighbours, and the edges of those. */
const QUERY = `query Nested {
  nodes(first: 50) {
    nodes { id name type neighbors { nodes { id name edges { nodes { id relationType } } } } }
  }
}`;

/** Requests on their way at once: enough to keep the server busy, few enough that a request's time is its own. */
const CONNECTIONS = 16;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 8_000;

type Kind = 'canopy' | 'plain';

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Each side runs alone in a process of its own, so that neither warms up nor slows down the other. */
async function startServer(file: string, kind: Kind): Promise<Server> {
  const child: ChildProcess = spawn(process.execPath, [file, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
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

async function measured(file: string, kind: Kind): Promise<{ readonly perSecond: number; readonly answer: string }> {
  const server = await startServer(file, kind);
  try {
    const ask = asker(server.url, JSON.stringify({ query: QUERY }));
    const run = async (ms: number): Promise<number> => {
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
    };
    const answer = await ask();
    await run(WARM_UP_MS);
    return { perSecond: await run(MEASURE_MS), answer };
  } finally {
    await server.stop();
  }
}

/** Keeps its connections and does not look into the answers: the client must not be what is measured. */
function asker(url: string, body: string): () => Promise<string> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return () =>
    new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : (reject(new Error(String(response.statusCode))) ?? '')),
        );
      });
      call.on('error', reject);
      call.end(body);
    });
}

export const bench: Bench = {
  name: 'graphql-nested',
  measures:
    'requests/s over HTTP for 50 nodes, their neighbours and the edges of those, against plain Apollo Server with the same schema and resolvers',
  async run() {
    const compiled = compileProject();
    try {
      const file = compiled.file('test/bench/graphql-nested/server.ts');
      const plain = await measured(file, 'plain');
      const canopy = await measured(file, 'canopy');
      if (JSON.stringify(JSON.parse(plain.answer)) !== JSON.stringify(JSON.parse(canopy.answer)))
        throw new Error('the two servers do not answer the same');
      process.stderr.write(`graphql-nested: ${canopy.answer.length} bytes an answer\n`);
      return [moreIsBetter('graphql-nested', canopy.perSecond, 'requests/s', plain.perSecond)];
    } finally {
      compiled.remove();
    }
  },
};
