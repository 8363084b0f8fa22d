import { ELEMENT_FIELDS } from '../../client/elements.js';
import { endNames } from '../ask/names.js';
import { NODE_FILTER_OPTIONS, nodeFilter } from '../ask/filters.js';
import { askRows, closeRows, PAGE_OPTIONS, type Connection } from '../ask/paging.js';
import { describeChange, watch, watchOption } from '../ask/watch.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import type { TopologyChange } from '../../client/topology.js';
import { defineCommand } from '../command.js';
import { outputOption, printData } from '../output/format.js';

const DOCUMENT = `query Changes($from: DateTime!, $to: DateTime, $filter: TopologyFilter, $first: Int, $after: String) {
  changes(between: { from: $from, to: $to }, filter: $filter, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { op at observedAt cursor reason paths { path before after } element { ...ElementFields } }
  }
}
${ELEMENT_FIELDS}`;

const DEFAULT_SINCE = '-10m';

export const command = defineCommand({
  name: 'changes',
  summary: 'list every change between two instants, in order, or follow them live',
  options: {
    since: { type: 'text', placeholder: 'TIME', doc: `from this instant: -1h, 2026-01-31T12:00:00Z; ${DEFAULT_SINCE} unless given` },
    until: { type: 'text', placeholder: 'TIME', doc: 'up to this instant; now unless given' },
    ...NODE_FILTER_OPTIONS,
    ...PAGE_OPTIONS,
    watch: watchOption,
    after: { type: 'text', placeholder: 'CURSOR', doc: 'with --watch: continue after this cursor, as printed by -o json' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'changes', says: 'what changed in the last ten minutes' },
    { line: 'changes --since -1h --until -30m --type veth', says: 'changes of veth interfaces in that half hour' },
    { line: 'changes --watch', says: 'every change as it happens' },
    { line: 'changes --watch -o json', says: 'the same as JSON lines, each with a cursor to continue from' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const nodes = nodeFilter(options);
    const filter = nodes && { nodes };
    if (options.watch) return watch(call, { filter, after: options.after, picture: false, shows: () => true });
    const analyzer = await analyzerOf((await call.config()).config);
    const variables = { from: options.since ?? DEFAULT_SINCE, to: options.until ?? 'now', filter };
    const rows = await askRows(analyzer, DOCUMENT, variables, options, (data: { changes: Connection<TopologyChange> }) => data.changes);
    if (options.output === 'json' || options.output === 'yaml') await printData(rows.rows, options.output, terminal);
    else {
      const names = await endNames(
        analyzer,
        rows.rows.map(({ element }) => element),
        [variables.to, variables.from],
      );
      for (const change of rows.rows) terminal.out(describeChange(change, names, terminal.hasColour));
    }
    return closeRows(rows, 'changes', terminal);
  },
});
