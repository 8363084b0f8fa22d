import { type DocumentNode, print } from 'graphql';
import { failureOf, QuestionFailed, unreachable } from './failure.js';
import type { ResultOf, TadaDocumentNode, VariablesOf } from './graphql.js';
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

/** Asks over HTTP. Throws `QuestionFailed` when there is no answer at all. */
export async function ask<D extends Document>(document: D, variables: VariablesOf<D>, signal?: AbortSignal): Promise<Answer<ResultOf<D>>> {
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
