/**
 * `canopy/client`: an analyzer asked and followed from a program. Works with plain strings, and with documents typed by gql.tada or GraphQL code generators, whose
 * answers and variables are then typed by the schema (`canopy/schema.graphql`).
 */
import { print, type DocumentNode } from 'graphql';
import { ask, askWhole, type Question } from './ask.js';
import type { Analyzer } from './analyzer.js';
import type { Answer } from './answer.js';
import { followDocument, type Attention } from './resume.js';
import type { CanopyError } from '../common/errors.js';
import { watchTopology, type TopologyNews } from './topology.js';

export { CanopyError, type ErrorCode } from '../common/errors.js';
export type { Answer, GraphqlFault } from './answer.js';
export type { EdgeRow, ElementRow, NodeRow, PathChange } from './elements.js';
export type { TopologyChange, TopologyNews } from './topology.js';

/** A document that knows the type of its answer and of its variables, in the form that all generators agree on. */
export interface TypedDocument<Result, Variables> {
  readonly __apiType?: (variables: Variables) => Result;
}

/** A document: text, or what a generator made of it. */
export type Document<Result, Variables> = string | (TypedDocument<Result, Variables> & (DocumentNode | { toString(): string }));

export interface ConnectOptions {
  /** Where the analyzer is; `http://127.0.0.1:8082` unless given. */
  readonly url?: string;
  /** The token or password that it asks for. */
  readonly token?: string;
}

export interface FollowOptions {
  /** Ends the stream when it is aborted; leaving the loop ends it too. */
  readonly signal?: AbortSignal;
  /** Told once for each lost connection, before the first attempt to come back. */
  onLost?(error: CanopyError): void;
}

export interface WatchOptions extends FollowOptions {
  /** Which part of the topology: a `TopologyFilter` of the schema. */
  readonly filter?: object;
  /** Goes on after this cursor instead of beginning with the picture; `RESYNC_REQUIRED` when what followed it is not kept any more. */
  readonly after?: string;
}

/** An analyzer as a program sees it. Holds nothing open between calls; every stream has a connection of its own. */
export interface Client {
  /** The answer of a query or mutation. Throws `CanopyError`: `UNAVAILABLE` when nobody answers, else with the code of the first error of the answer. */
  ask<Result, Variables extends object>(document: Document<Result, Variables>, variables?: Variables): Promise<Result>;
  /** The same for callers that can use a part: errors of parts come beside the data. */
  askParts<Result, Variables extends object>(document: Document<Result, Variables>, variables?: Variables): Promise<Answer<Result>>;
  /**
   * The events of a subscription, across lost connections. One that declares `$after: Cursor` and asks for `cursor` and `__typename` goes on exactly where it was.
   * Throws what the analyzer refuses, and `UNAVAILABLE` when the first connection fails; later losses are waited out.
   */
  follow<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables?: Variables,
    options?: FollowOptions,
  ): AsyncGenerator<Result, void, undefined>;
  /** The topology: first the picture, then every change, and `restart` where the thread was lost. */
  watchTopology(options?: WatchOptions): AsyncGenerator<TopologyNews, void, undefined>;
}

const DEFAULT_URL = 'http://127.0.0.1:8082';

/** A client of one analyzer. Nothing is asked before the first call. */
export function connect({ url = DEFAULT_URL, token }: ConnectOptions = {}): Client {
  const analyzer: Analyzer = { url: url.replace(/\/+$/, ''), token };
  return {
    ask: (document, variables) => askWhole(analyzer, questionOf(document, variables)),
    askParts: (document, variables) => ask(analyzer, questionOf(document, variables)),
    follow: (document, variables, options) => followDocument(analyzer, questionOf(document, variables), attentionOf(options)),
    watchTopology: ({ filter, after, ...options } = {}) => watchTopology(analyzer, { filter, after, ...attentionOf(options) }),
  };
}

/** Without a signal the stream ends when its reader leaves the loop. */
const attentionOf = ({ signal = new AbortController().signal, onLost }: FollowOptions = {}): Attention => ({ signal, onLost });

const isNode = (document: unknown): document is DocumentNode => (document as { kind?: unknown }).kind === 'Document';

const questionOf = (document: Document<unknown, never>, variables: object | undefined): Question => ({
  document: isNode(document) ? print(document) : String(document),
  variables: variables as Question['variables'],
});
