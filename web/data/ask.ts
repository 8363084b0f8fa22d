import { type DocumentNode, print } from 'graphql';
import { failureOf, QuestionFailed, unreachable } from './failure.js';
import type { ResultOf, TadaDocumentNode, VariablesOf } from './graphql.js';
import { refreshSession } from './session.js';
import { authorization } from './token.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Document = TadaDocumentNode<any, any, any>;

const printed = new WeakMap<object, string>();

/** The document as text, printed once. */
export function textOf(document: Document): string {
  let text = printed.get(document);
  if (text === undefined) printed.set(document, (text = print(document as unknown as DocumentNode)));
  return text;
}

/** What came back, and what of it is missing and why: fields that come from other stores fail alone. */
export interface Answer<Data> {
  readonly data: Data;
  /** The first error beside the data. */
  readonly missing: ReturnType<typeof failureOf> | undefined;
}

/** An analyzer that has too much to do refuses questions for some seconds; milliseconds between the attempts. */
const BUSY = 'UNAVAILABLE';
const BUSY_STATUS = 503;
const WAITS_MS = [400, 1_000, 2_000, 4_000];

/** A session has ended; the next one may be had without a password. */
const ENDED = 'UNAUTHENTICATED';

/** Asks over HTTP, again when the analyzer is too busy or the session has ended. Throws `QuestionFailed` when there is no answer at all. */
export async function ask<D extends Document>(document: D, variables: VariablesOf<D>, signal?: AbortSignal): Promise<Answer<ResultOf<D>>> {
  let isRefreshed = false;
  for (let attempt = 0; ; attempt++) {
    try {
      return await askOnce(document, variables, signal);
    } catch (error) {
      if (!isRefreshed && error instanceof QuestionFailed && error.failure.code === ENDED && (await refreshSession())) {
        isRefreshed = true;
        continue;
      }
      const isBusy = error instanceof QuestionFailed && error.failure.code === BUSY && attempt < WAITS_MS.length;
      if (!isBusy || signal?.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt]));
    }
  }
}

async function askOnce<D extends Document>(
  document: D,
  variables: VariablesOf<D>,
  signal: AbortSignal | undefined,
): Promise<Answer<ResultOf<D>>> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization() },
    body: JSON.stringify({ query: textOf(document), variables }),
    signal: signal ?? null,
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new QuestionFailed(unreachable('the analyzer cannot be reached'));
  });
  const body = (await response.json().catch(() => ({}))) as { data?: ResultOf<D> | null; errors?: Parameters<typeof failureOf>[0] };
  const { data, errors } = body;
  if (data === undefined || data === null) {
    throw new QuestionFailed(errors?.length ? failureOf(errors) : unreachable(`the analyzer answered ${response.status}`));
  }
  return { data, missing: errors?.length ? failureOf(errors) : undefined };
}

/** A file that the analyzer hands out, as soon as it has time for it. Throws `QuestionFailed` when there is none. */
export async function readFile(path: string): Promise<Blob> {
  const read = (): Promise<Response | undefined> => fetch(path, { headers: authorization() }).catch(() => undefined);
  let response = await read();
  for (const wait of WAITS_MS) {
    if (response?.status !== BUSY_STATUS) break;
    await new Promise((resolve) => setTimeout(resolve, wait));
    response = await read();
  }
  if (response?.status === 401 && (await refreshSession())) response = await read();
  if (response?.ok) return response.blob();
  const body = (await response?.json().catch(() => undefined)) as { errors?: Parameters<typeof failureOf>[0] } | undefined;
  throw new QuestionFailed(body?.errors?.length ? failureOf(body.errors) : unreachable('the analyzer cannot be reached'));
}
