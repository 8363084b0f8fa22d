import type { IncomingMessage } from 'node:http';
import { CanopyError } from '../common/errors.js';
import { authorization, type Analyzer } from './analyzer.js';
import { faultsToError, type Answer, type GraphqlFault } from './answer.js';

export interface Question {
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Longest wait for an answer, milliseconds: longer than the analyzer's own deadline, so that its error comes first. */
const PATIENCE = 60_000;

/**
 * Asks a query or mutation over HTTP. Throws `UNAVAILABLE` when nobody answers, and the analyzer's own error when it answers without data; errors of parts come back
 * with the data.
 */
export async function ask<T>(analyzer: Analyzer, question: Question): Promise<Answer<T>> {
  const { document, variables, operationName } = question;
  const { status, text } = await post(analyzer, JSON.stringify({ query: document, variables, operationName }));
  const { data, errors = [] } = readAnswer<T>(analyzer, status, text);
  if (data === undefined || data === null) throw refusal(analyzer, status, errors, document);
  return { data, errors };
}

/** The same for callers to whom a part is no use: any error is thrown. */
export async function askWhole<T>(analyzer: Analyzer, question: Question): Promise<T> {
  const { data, errors } = await ask<T>(analyzer, question);
  if (errors.length > 0) throw faultsToError(errors, question.document);
  return data;
}

/** Through `node:http`: `fetch` of Node 20 needs 100 ms and more until its first request leaves, which is most of what a command may take. */
async function post(analyzer: Analyzer, body: string): Promise<{ status: number; text: string }> {
  const { request } = analyzer.url.startsWith('https:') ? await import('node:https') : await import('node:http');
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...authorization(analyzer) };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(unreachable(analyzer, cause));
    const outgoing = request(`${analyzer.url}/graphql`, { method: 'POST', headers, timeout: PATIENCE }, (incoming) => {
      readText(incoming).then((text) => resolve({ status: incoming.statusCode ?? 0, text }), fail);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

async function readText(incoming: IncomingMessage): Promise<string> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) text += part as string;
  return text;
}

function readAnswer<T>(analyzer: Analyzer, status: number, text: string): { data?: T | null; errors?: readonly GraphqlFault[] } {
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)) return answer as { data?: T | null };
  } catch {
    // Not JSON: said below, like any other foreign answer.
  }
  if (status === 401 || status === 403) return {};
  throw new CanopyError(
    'UNAVAILABLE',
    `${analyzer.url} answered with status ${status}, but not as a Canopy analyzer does\nName the analyzer with --analyzer URL.`,
  );
}

function refusal(analyzer: Analyzer, status: number, errors: readonly GraphqlFault[], document: string): CanopyError {
  if (status !== 401 && status !== 403) return faultsToError(errors, document);
  const said = errors[0]?.message ?? `status ${status}`;
  if (status === 403) return new CanopyError('FORBIDDEN', `the analyzer at ${analyzer.url} refused: ${said}`);
  const advice =
    analyzer.token === undefined
      ? 'Sign in with `canopy login`, or give a token with --token-file FILE.'
      : 'The token or session is not among those that the analyzer knows; `canopy login` begins a new session.';
  return new CanopyError('UNAUTHENTICATED', `the analyzer at ${analyzer.url} refused: ${said}\n${advice}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be resolved just now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was cut',
};

/** The error for a connection that did not come about or broke. */
export function unreachable(analyzer: Analyzer, cause: Error & { code?: string }): CanopyError {
  // Node tries every address of a name and reports them together.
  const code = cause.code ?? (cause as Error & { errors?: { code?: string }[] }).errors?.[0]?.code ?? '';
  const reason = REASONS[code] ?? cause.message;
  const advice = 'Start one with `canopy allinone`, or name another with --analyzer URL.';
  return new CanopyError('UNAVAILABLE', `cannot reach the analyzer at ${analyzer.url}: ${reason}\n${advice}`, { retriable: true, cause });
}
