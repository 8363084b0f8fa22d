import { interruption } from '../ask/interrupt.js';
import { askGremlin, explainGremlin, type GremlinAnswer, type GremlinEdgeRow, type GremlinPlan } from '../ask/gremlin.js';
import type { NodeRow } from '../ask/elements.js';
import { analyzerOf, type Analyzer } from '../client/analyzer.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { renderData } from '../output/anyData.js';
import { printable, stateColour } from '../output/colour.js';
import { outputOption, printData, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

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

export const command = defineCommand({
  name: 'gremlin',
  summary: "ask with a Gremlin string in Skydive's dialect",
  details: [
    'JSON is what Skydive would answer. With --watch the string is asked again when the topology changes, and shown when its answer is another.',
    'docs/gremlin.md introduces the dialect.',
  ],
  positionals: [{ name: 'QUERY', doc: 'the string, such as `G.V().Count()`; `-` reads it from standard input' }],
  options: {
    explain: { type: 'switch', doc: 'show the plan instead of running it' },
    watch: { type: 'switch', short: 'w', doc: 'go on with every other answer, until Ctrl-C' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: `gremlin "G.V().Has('Type', 'veth')"`, says: 'veth interfaces as a table' },
    { line: `gremlin "G.At('-1h').V().Has('State', 'DOWN').Count()"`, says: 'how many were down an hour ago' },
    { line: `gremlin "G.V().Has('Name', 'eth0').Values('MTU')" -o json`, says: 'values, in the form that scripts know' },
    { line: `gremlin "G.V().Has('State', 'DOWN')" --watch`, says: 'what is down, whenever that changes' },
    { line: `gremlin "G.V().Has('Name', 'eth0').Out()" --explain`, says: 'how the string is run' },
  ],
  async run({ options, positionals, terminal, config }) {
    const query = positionals[0] === '-' ? (await terminal.input()).trimEnd() : positionals[0]!;
    if (options.explain && options.watch) throw usageError('both --explain and --watch are given', 'Leave one of them out.');
    const analyzer = analyzerOf((await config()).config);
    if (options.explain) {
      const plan = await explainGremlin(analyzer, query);
      if (options.output === 'json' || options.output === 'yaml') await printData(plan, options.output, terminal);
      else await printRows(plan.steps, PLAN_COLUMNS, options.output, terminal);
      return OK;
    }
    if (options.watch) return watch(analyzer, query, options.output, terminal);
    await show(await answerOf(analyzer, query, options.output), options.output, terminal);
    return OK;
  },
});

/** Kinds whose answers are rows of a table; others are shown from Skydive's form. */
const TYPED_KINDS = new Set(['NODES', 'EDGES', 'PATHS', 'VALUES', 'VALUE', 'GRAPH']);

async function answerOf(analyzer: Analyzer, query: string, output: string | undefined): Promise<GremlinAnswer> {
  if (output === 'json' || output === 'yaml') return askGremlin(analyzer, query, 'json');
  const answer = await askGremlin(analyzer, query, 'typed');
  return TYPED_KINDS.has(answer.kind) ? answer : askGremlin(analyzer, query, 'json');
}

async function show(answer: GremlinAnswer, output: string | undefined, terminal: Terminal): Promise<void> {
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

async function watch(analyzer: Analyzer, query: string, output: string | undefined, terminal: Terminal): Promise<number> {
  const { follow } = await import('../client/subscribe.js');
  const { signal, release } = interruption(terminal);
  let shown: string | undefined;
  try {
    const events = follow<{ topologyChanges: { readonly complete?: boolean } }>(analyzer, {
      signal,
      isEndless: true,
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
    return OK;
  } finally {
    release();
  }
}
