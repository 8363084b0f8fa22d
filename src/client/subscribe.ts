import { createClient, type Client } from 'graphql-ws/client';
import { WebSocket, type ClientOptions } from 'ws';
import { CanopyError } from '../common/errors.js';
import { authorization, type Analyzer } from './analyzer.js';
import { faultsToError, type GraphqlFault } from './answer.js';
import { unreachable, type Question } from './ask.js';

/** Milliseconds between attempts to come back: soon at first, then every few seconds, so that a restarted analyzer is not stormed. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;

/** Milliseconds until a connection must stand. */
const HANDSHAKE_PATIENCE = 10_000;

export interface Following {
  /** Ends the stream when it is aborted. */
  readonly signal: AbortSignal;
  /** The question to go on with after a lost connection, given what was received so far. */
  resume(): Question;
  /** Told once for each loss, before the first attempt to come back. */
  onLost?(error: CanopyError): void;
}

/**
 * One subscription whose connection may break: each time it comes back with what `resume` says, and goes on. Throws what the analyzer refuses, and
 * `UNAVAILABLE` when the first connection fails; later losses are waited out.
 */
export async function* follow<T>(analyzer: Analyzer, following: Following): AsyncGenerator<T, void, undefined> {
  const { signal } = following;
  let pause = 0;
  let wasConnected = false;
  while (!signal.aborted) {
    try {
      for await (const event of subscribe<T>(analyzer, following.resume(), signal)) {
        wasConnected = true;
        pause = 0;
        yield event;
      }
      if (signal.aborted) return;
      // No stream has an end of its own.
      throw unreachable(analyzer, new Error('the analyzer ended the stream'));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CanopyError) || error.code !== 'UNAVAILABLE' || !wasConnected) throw error;
      if (pause === 0) following.onLost?.(error);
      pause = Math.min(Math.max(FIRST_PAUSE, pause * 2), LONGEST_PAUSE);
      await sleep(pause, signal);
    }
  }
}

/** One subscription on one connection. Ends when the analyzer ends it or the signal is aborted. Throws `UNAVAILABLE` when the connection is lost. */
export async function* subscribe<T>(analyzer: Analyzer, question: Question, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  const client = connect(analyzer);
  const results = client.iterate<T>({ query: question.document, variables: question.variables, operationName: question.operationName });
  const stop = () => {
    void results.return?.();
    // Wakes the loop also while the connection is still being made.
    client.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { data, errors } of results) {
      if (signal.aborted) return;
      if (errors !== undefined && errors.length > 0) throw faultsToError(errors as unknown as readonly GraphqlFault[], question.document);
      yield data as T;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw toError(analyzer, error, question.document);
  } finally {
    signal.removeEventListener('abort', stop);
    void client.dispose();
  }
}

/** The client's own attempts are off: it would repeat the old question, and not the one that goes on from the last cursor. */
function connect(analyzer: Analyzer): Client {
  const headers = authorization(analyzer);
  class AuthorizedSocket extends WebSocket {
    constructor(url: string, protocols: string[], options?: ClientOptions) {
      super(url, protocols, { ...options, headers, handshakeTimeout: HANDSHAKE_PATIENCE });
    }
  }
  return createClient({
    url: `${analyzer.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: AuthorizedSocket,
    connectionParams: headers,
    retryAttempts: 0,
  });
}

/** Close codes of `graphql-transport-ws` that say no to us, not to the moment. */
const REFUSALS: Readonly<Record<number, 'UNAUTHENTICATED' | 'FORBIDDEN' | 'BAD_INPUT' | 'LIMIT_EXCEEDED'>> = {
  4400: 'BAD_INPUT',
  4401: 'UNAUTHENTICATED',
  4403: 'FORBIDDEN',
  4429: 'LIMIT_EXCEEDED',
};

function toError(analyzer: Analyzer, error: unknown, document: string): CanopyError {
  if (error instanceof CanopyError) return error;
  if (Array.isArray(error)) return faultsToError(error as GraphqlFault[], document);
  const { code, reason, message } = error as { code?: number | string; reason?: string; message?: string };
  const refusal = typeof code === 'number' ? REFUSALS[code] : undefined;
  if (refusal !== undefined)
    return new CanopyError(refusal, `the analyzer at ${analyzer.url} refused the subscription: ${reason || `code ${code}`}`);
  const cause = error instanceof Error ? error : new Error(reason || message || `the connection was closed (${code ?? 'no code'})`);
  return unreachable(analyzer, (error as { error?: Error }).error ?? cause);
}

const sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
