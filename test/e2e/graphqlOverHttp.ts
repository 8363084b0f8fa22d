import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { PATIENCE } from '../patience.js';

export interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: { readonly code?: string };
  }[];
}

/** Posts one document to `/graphql`; errors come back as they are. */
export async function ask<T>(url: string, query: string, variables: object = {}): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await response.json()) as Answer<T>;
}

/** Posts one document and throws on any error. */
export async function data<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const answer = await ask<T>(url, query, variables);
  if (answer.errors?.length || !answer.data) throw new Error(JSON.stringify(answer));
  return answer.data;
}

/** Asks again until the answer satisfies; throws with the last answer after `timeoutMs`. */
export async function eventually<T>(
  question: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  timeoutMs = PATIENCE.timeout,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await question();
    if (satisfies(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`not satisfied within ${timeoutMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A client for subscriptions that does not reconnect by itself. */
export const subscriber = (url: string): Client =>
  createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
