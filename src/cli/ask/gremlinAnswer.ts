import type { Analyzer } from '../../client/analyzer.js';
import { renderData } from '../output/anyData.js';
import { printable, stateColour } from '../output/colour.js';
import { printData, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import type { Terminal } from '../terminal.js';
import type { NodeRow } from '../../client/elements.js';
import { askGremlin, explainGremlin, type GremlinAnswer, type GremlinEdgeRow, type GremlinPlan } from './gremlin.js';

const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATE', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
  { title: 'HOST', value: ({ host }) => host },
  { title: 'ADDRESSES', value: ({ addresses }) => addresses?.join(' ') },
  { title: 'ID', value: ({ id }) => id },
];

const EDGE_COLUMNS: readonly Column<GremlinEdgeRow>[] = [
  { title: 'RELATION', value: ({ relationType }) => relationType },
  { title: 'FROM', value: ({ source }) => `${source.type} ${source.name}` },
  { title: 'TO', value: ({ target }) => `${target.type} ${target.name}` },
  { title: 'ID', value: ({ id }) => id },
];

const PLAN_COLUMNS: readonly Column<GremlinPlan['steps'][number]>[] = [
  { title: 'STEP', value: ({ step }) => step },
  { title: 'TAKES', value: ({ takes }) => takes },
  { title: 'GIVES', value: ({ gives }) => gives },
  { title: 'ACCESS', value: ({ access }) => access },
];

const RUNS_COLUMN: Column<GremlinPlan['steps'][number]> = {
  title: 'RUNS IN',
  value: ({ inDatabase }) => (inDatabase ? 'database' : 'memory'),
};

/** Shows the plan of a string: its steps, and what a database is asked for some of them. */
export async function showPlan(analyzer: Analyzer, query: string, output: string | undefined, terminal: Terminal): Promise<void> {
  const plan = await explainGremlin(analyzer, query);
  if (output === 'json' || output === 'yaml') return printData(plan, output, terminal);
  const { steps, cypher } = plan;
  await printRows(steps, cypher === null ? PLAN_COLUMNS : [...PLAN_COLUMNS, RUNS_COLUMN], output, terminal);
  if (cypher === null) return;
  const statement = cypher.statement.split('\n').map(printable).join('\n');
  terminal.out(`\n${statement}\n\n${printable(JSON.stringify(cypher.parameters))}\n`);
  if (cypher.isChecked) terminal.out('\nIts rows are looked at again in memory.\n');
}

/** Kinds whose answers are rows of a table; others are shown from Skydive's form. */
const TYPED_KINDS = new Set(['NODES', 'EDGES', 'PATHS', 'VALUES', 'VALUE', 'GRAPH']);

/** What the string finds, in the form in which it is shown. Throws as `askGremlin` does. */
export async function answerOf(analyzer: Analyzer, query: string, output: string | undefined): Promise<GremlinAnswer> {
  if (output === 'json' || output === 'yaml') return askGremlin(analyzer, query, 'json');
  const answer = await askGremlin(analyzer, query, 'typed');
  return TYPED_KINDS.has(answer.kind) ? answer : askGremlin(analyzer, query, 'json');
}

/** Shows an answer: tables, or Skydive's form as JSON. */
export async function show(answer: GremlinAnswer, output: string | undefined, terminal: Terminal): Promise<void> {
  const { kind, nodes, edges, paths, values, totalCount, truncated } = answer;
  if (output === 'json' || output === 'yaml') await printData(answer.json ?? null, output, terminal);
  else if (!TYPED_KINDS.has(kind)) terminal.out(renderData({ [kind]: answer.json }, terminal));
  else {
    if (nodes) await printRows(nodes, NODE_COLUMNS, output, terminal);
    if (nodes?.length && edges?.length) terminal.out('\n');
    if (edges) await printRows(edges, EDGE_COLUMNS, output, terminal);
    for (const path of paths ?? []) terminal.out(`${printable(describePath(path))}\n`);
    for (const value of values ?? []) terminal.out(`${printable(typeof value === 'string' ? value : JSON.stringify(value))}\n`);
    if (totalCount === 0) terminal.err('nothing found\n');
  }
  if (truncated) terminal.err(`only the first of ${totalCount}; Limit, or ask POST /api/topology for all\n`);
}

/** `bridge br0 –layer2– veth veth0`. */
const describePath = ({ nodes, edges }: NonNullable<GremlinAnswer['paths']>[number]): string =>
  nodes.map(({ type, name }, index) => `${index === 0 ? '' : `–${edges[index - 1]?.relationType ?? ''}– `}${type} ${name}`).join(' ');

/** Wakes at every batch of changes, and every ten seconds when nothing changes: what is measured changes without one. */
const CHANGES = 'subscription Woken { topologyChanges(batch: { every: "1s" }) { __typename ... on TopologySnapshot { complete } } }';

/** Shows the answer, and again whenever it is another, until the signal. */
export async function watchGremlin(
  analyzer: Analyzer,
  query: string,
  output: string | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { follow } = await import('../../client/subscribe.js');
  let shown: string | undefined;
  const events = follow<{ topologyChanges: { readonly complete?: boolean } }>(analyzer, {
    signal,
    resume: () => ({ document: CHANGES }),
    onLost: (error) => terminal.err(`${error.message.split('\n')[0]}; trying again\n`),
  });
  for await (const { topologyChanges } of events) {
    if (topologyChanges.complete === false) continue;
    const answer = await answerOf(analyzer, query, output);
    const text = JSON.stringify(answer);
    if (text === shown) continue;
    if (output === 'json') terminal.out(`${JSON.stringify(answer.json ?? null)}\n`);
    else {
      if (shown !== undefined) terminal.out('\n');
      terminal.out(`${new Date().toISOString()}\n`);
      await show(answer, output, terminal);
    }
    shown = text;
  }
}
