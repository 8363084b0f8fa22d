import { CanopyError } from '../../common/errors.js';
import type { Analyzer } from '../../client/analyzer.js';
import { excerpt, type GraphqlFault } from '../../client/answer.js';
import { askWhole } from '../../client/ask.js';
import { EDGE_FIELDS, NODE_FIELDS, type EdgeRow, type NodeRow } from '../../client/elements.js';

interface End {
  readonly name: string;
  readonly type: string;
}
export type GremlinEdgeRow = EdgeRow & { readonly source: End; readonly target: End };

/** What a string found: typed, or in Skydive's form, as was asked for. */
export interface GremlinAnswer {
  readonly kind: string;
  readonly totalCount: number;
  readonly truncated: boolean;
  readonly nodes?: readonly NodeRow[] | null;
  readonly edges?: readonly GremlinEdgeRow[] | null;
  readonly paths?: readonly { readonly nodes: readonly End[]; readonly edges: readonly { readonly relationType: string }[] }[] | null;
  readonly values?: readonly unknown[] | null;
  readonly json?: unknown;
}

export interface GremlinPlan {
  readonly gives: string;
  readonly steps: readonly {
    readonly step: string;
    readonly takes: string;
    readonly gives: string;
    readonly access: string | null;
    readonly inDatabase: boolean;
  }[];
  /** What Neo4j is asked for the steps that it does. */
  readonly cypher: { readonly statement: string; readonly parameters: unknown; readonly isChecked: boolean } | null;
}

const TYPED = `query Gremlin($query: String!) {
  gremlin(query: $query) {
    kind totalCount truncated values
    nodes { ...NodeFields }
    edges { ...EdgeFields source { name type } target { name type } }
    paths { nodes { name type } edges { relationType } }
  }
}
${NODE_FIELDS}
${EDGE_FIELDS}`;
const JSON_FORM = 'query Gremlin($query: String!) { gremlin(query: $query) { kind totalCount truncated json } }';
const EXPLAIN = `query Explain($query: String!) {
  gremlinExplain(query: $query) {
    gives
    steps { step takes gives access inDatabase }
    cypher { statement parameters isChecked }
  }
}`;

/** Throws the analyzer's error, with the string underlined where it is wrong. */
export async function askGremlin(analyzer: Analyzer, query: string, form: 'typed' | 'json'): Promise<GremlinAnswer> {
  const document = form === 'json' ? JSON_FORM : TYPED;
  return (await underlined(query, askWhole<{ gremlin: GremlinAnswer }>(analyzer, { document, variables: { query } }))).gremlin;
}

/** The plan of a string; throws as asking does. */
export async function explainGremlin(analyzer: Analyzer, query: string): Promise<GremlinPlan> {
  const answer = askWhole<{ gremlinExplain: GremlinPlan }>(analyzer, { document: EXPLAIN, variables: { query } });
  return (await underlined(query, answer)).gremlinExplain;
}

const COMPLETIONS = 'query Complete($query: String!) { gremlinCompletions(query: $query) { from items { text } } }';

/** How a string could go on at its end. */
export async function askGremlinCompletions(
  analyzer: Analyzer,
  query: string,
): Promise<{ readonly from: number; readonly items: readonly { readonly text: string }[] }> {
  const answer = askWhole<{ gremlinCompletions: Awaited<ReturnType<typeof askGremlinCompletions>> }>(analyzer, {
    document: COMPLETIONS,
    variables: { query },
  });
  return (await answer).gremlinCompletions;
}

/** The answer to a question that has a Gremlin string in it; of a wrong string the place is shown. */
export async function underlined<T>(query: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw withPlace(query, error);
  }
}

/** The error of a wrong string, or of a wrong filter in it or beside it, with its place shown below it, and what was probably meant. */
function withPlace(query: string, error: unknown): unknown {
  if (!(error instanceof CanopyError)) return error;
  const [fault] = (error.details.errors ?? []) as readonly GraphqlFault[];
  const { line, column, expected, nearest, filter } = (fault?.extensions?.details ?? {}) as Readonly<Record<string, unknown>>;
  if (fault === undefined || typeof line !== 'number' || typeof column !== 'number') return error;
  const hints = [
    ...(typeof expected === 'string' ? [`Expected here: ${expected}.`] : []),
    ...(typeof nearest === 'string' ? [`Did you mean ${nearest}?`] : []),
  ];
  return new CanopyError(
    error.code,
    [fault.message, excerpt(typeof filter === 'string' ? filter : query, line, column), hints.join(' ')].filter(Boolean).join('\n'),
  );
}
