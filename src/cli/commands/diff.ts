import { ELEMENT_FIELDS, isEdge, type ElementRow, type PathChange } from '../../client/elements.js';
import { describePath, nameElement, type NodeNames } from '../ask/describe.js';
import { NODE_FILTER_OPTIONS, nodeFilter } from '../ask/filters.js';
import { endNames } from '../ask/names.js';
import { reportFaults, type Connection } from '../ask/paging.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import type { Analyzer } from '../../client/analyzer.js';
import type { GraphqlFault } from '../../client/answer.js';
import { ask } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { paint, printable, stateColour, type Colour } from '../output/colour.js';
import { outputOption, printData } from '../output/format.js';
import { describeGap, type Coverage } from '../ask/coverage.js';

interface Changed {
  readonly element: ElementRow;
  readonly paths: readonly PathChange[];
}
interface Lists {
  readonly added: readonly ElementRow[];
  readonly removed: readonly ElementRow[];
  readonly changed: readonly Changed[];
}
interface Data {
  readonly topologyDiff: { readonly from: string; readonly to: string; readonly coverage: Coverage } & {
    readonly [List in keyof Lists]: Connection<Lists[List][number]>;
  };
}

const PAGE = 'pageInfo { hasNextPage endCursor }';
const DOCUMENT = `query Diff($from: DateTime!, $to: DateTime, $filter: TopologyFilter, $added: Int, $afterAdded: String, $removed: Int, $afterRemoved: String, $changed: Int, $afterChanged: String) {
  topologyDiff(from: $from, to: $to, filter: $filter) {
    from to coverage { complete gaps { from to reason host probe } }
    added(first: $added, after: $afterAdded) { ${PAGE} nodes { ...ElementFields } }
    removed(first: $removed, after: $afterRemoved) { ${PAGE} nodes { ...ElementFields } }
    changed(first: $changed, after: $afterChanged) { ${PAGE} nodes { element { ...ElementFields } paths { path before after } } }
  }
}
${ELEMENT_FIELDS}`;

const PAGE_SIZE = 1_000;
/** The least that a list can be asked for; used for a list that is at its end while others go on. */
const NOTHING_MORE = 1;

export const command = defineCommand({
  name: 'diff',
  summary: 'show what is different between two instants, each element once',
  details: ['An element that came and went in between does not show: `canopy changes --since FROM --until TO` lists every step.'],
  positionals: [
    { name: 'FROM', doc: 'the earlier instant: -5m, 2026-01-31T12:00:00Z' },
    { name: 'TO', doc: 'the later instant; now unless given', optional: true },
  ],
  options: { ...NODE_FILTER_OPTIONS, output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'diff -5m', says: 'what is different from five minutes ago' },
    { line: 'diff -2h -1h --host web-1', says: 'what that hour changed on one host' },
    { line: 'diff 2026-01-31T12:00:00Z -o json', says: 'as JSON' },
  ],
  async run({ options, positionals, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const nodes = nodeFilter(options);
    const diff = await askDiff(analyzer, positionals[0]!, positionals[1] ?? 'now', nodes && { nodes });
    if (options.output === 'json' || options.output === 'yaml') {
      const { errors, ...data } = diff;
      await printData(data, options.output, terminal);
      return reportFaults(errors, terminal);
    }
    const { added, removed, changed } = diff;
    const names = await endNames(analyzer, [...added, ...removed, ...changed.map(({ element }) => element)], [diff.to, diff.from]);
    const print = (sign: string, colour: Colour, element: ElementRow) =>
      terminal.out(line(sign, colour, element, names, terminal.hasColour));
    for (const element of added.toSorted(inOrder)) print('+', 'good', element);
    for (const element of removed.toSorted(inOrder)) print('-', 'bad', element);
    for (const { element, paths } of changed.toSorted((a, b) => inOrder(a.element, b.element))) {
      print('~', 'notice', element);
      for (const path of paths) terminal.out(`    ${printable(describePath(path))}\n`);
    }
    terminal.err(`${diff.from} to ${diff.to}: ${added.length} added, ${removed.length} removed, ${changed.length} changed\n`);
    for (const gap of diff.coverage.gaps) terminal.err(`not watched: ${describeGap(gap)}\n`);
    return reportFaults(diff.errors, terminal);
  },
});

async function askDiff(analyzer: Analyzer, from: string, to: string, filter: object | undefined) {
  const lists = { added: [] as ElementRow[], removed: [] as ElementRow[], changed: [] as Changed[] };
  const names = Object.keys(lists) as (keyof Lists)[];
  const errors: GraphqlFault[] = [];
  // The first page resolves the instants; the pages after it ask for the same ones.
  let span = { from, to };
  let pages: Record<string, number | string | undefined> = Object.fromEntries(names.map((name) => [name, PAGE_SIZE]));
  const open = new Set(names);
  for (;;) {
    const { data, errors: faults } = await ask<Data>(analyzer, { document: DOCUMENT, variables: { ...span, filter, ...pages } });
    errors.push(...faults);
    const diff = data.topologyDiff;
    span = { from: diff.from, to: diff.to };
    for (const name of [...open]) {
      (lists[name] as unknown[]).push(...diff[name].nodes);
      const { hasNextPage, endCursor } = diff[name].pageInfo;
      const after = `after${name[0]!.toUpperCase()}${name.slice(1)}`;
      if (hasNextPage && endCursor !== null) pages = { ...pages, [after]: endCursor };
      else {
        open.delete(name);
        pages = { ...pages, [name]: NOTHING_MORE };
      }
    }
    if (open.size === 0) return { ...span, coverage: diff.coverage, ...lists, errors };
  }
}

/** Nodes before edges, by host and name. */
const inOrder = (a: ElementRow, b: ElementRow): number =>
  Number(isEdge(a)) - Number(isEdge(b)) || a.host.localeCompare(b.host) || nameElement(a).localeCompare(nameElement(b));

function line(sign: string, colour: Colour, element: ElementRow, names: NodeNames, hasColour: boolean): string {
  const state = isEdge(element) ? '' : ` ${paint(element.state, stateColour(element.state), hasColour)}`;
  return `${paint(sign, colour, hasColour)} ${printable(nameElement(element, names))}${state}\n`;
}
