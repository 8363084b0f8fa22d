import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { systemClock } from '../../src/common/clock.js';
import type { ConfigPath } from '../../src/common/config/keys.js';
import { configWith } from '../../src/common/config/load.js';
import { type Log, silentLog } from '../../src/common/log.js';
import { type RunningAnalyzer, startAnalyzer } from '../../src/server/analyzer.js';

export interface RigOptions {
  /** Keys of the configuration that differ from the defaults. */
  readonly config?: Partial<Record<ConfigPath, unknown>>;
  readonly log?: Log;
  readonly dataDir?: string;
}

/** A whole analyzer in this process, on a free port and a folder of its own. */
export interface Rig {
  readonly analyzer: RunningAnalyzer;
  readonly url: string;
  readonly dataDir: string;
  /** Stops it and starts another on the same folder. */
  restart(options?: RigOptions): Promise<Rig>;
  close(): Promise<void>;
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'canopy-server-'));
  const config = configWith({ listen: '127.0.0.1:0', ...options.config, dataDir });
  const analyzer = await startAnalyzer(config, { clock: systemClock, log: options.log ?? silentLog });
  return {
    analyzer,
    url: analyzer.url,
    dataDir,
    async restart(more = options) {
      await analyzer.stop();
      return openRig({ ...more, dataDir });
    },
    async close() {
      await analyzer.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly retriable: boolean; readonly details: Record<string, unknown> };
  }[];
}

export interface Question {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

/** One way to ask; every rule of the pipeline has to hold on each. */
export interface Transport {
  readonly name: string;
  ask(url: string, question: Question, token?: string): Promise<Answer>;
}

const bearer = (token: string | undefined): Record<string, string> => (token === undefined ? {} : { authorization: `Bearer ${token}` });

export const http: Transport = {
  name: 'HTTP',
  async ask(url, question, token) {
    const headers = { 'content-type': 'application/json', ...bearer(token) };
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(question) });
    return (await response.json()) as Answer;
  },
};

/** A client that does not reconnect by itself. */
export const client = (url: string, token?: string): Client =>
  createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: bearer(token),
  });

export const webSocket: Transport = {
  name: 'WebSocket',
  async ask(url, question, token) {
    const connection = client(url, token);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        let answer: unknown;
        connection.subscribe(question, {
          next: (result) => (answer = result),
          error: (errors) => (Array.isArray(errors) ? resolve({ errors } as unknown as Answer) : reject(errors as Error)),
          complete: () => resolve(answer as Answer),
        });
      });
    } finally {
      await connection.dispose();
    }
  },
};

export const TRANSPORTS: readonly Transport[] = [http, webSocket];

export const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor created updated removed } }';

/** Publishes over HTTP and throws when that fails. */
export async function publish(url: string, input: Record<string, unknown>, token?: string): Promise<void> {
  const answer = await http.ask(url, { query: PUBLISH, variables: { input: { origin: 'pub.test', ...input } } }, token);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
}
