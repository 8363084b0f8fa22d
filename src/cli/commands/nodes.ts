import { NODE_FIELDS, isEdge, type NodeRow } from '../../client/elements.js';
import { NODE_FILTER_OPTIONS, nodeFilter } from '../ask/filters.js';
import { askRows, closeRows, PAGE_OPTIONS, type Connection } from '../ask/paging.js';
import { atOption } from '../ask/time.js';
import { watch, watchOption } from '../ask/watch.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand, type Call } from '../command.js';
import { stateColour } from '../output/colour.js';
import { outputOption, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';

const DOCUMENT = `query Nodes($filter: NodeFilter, $at: DateTime, $first: Int, $after: String) {
  nodes(filter: $filter, at: $at, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ...NodeFields }
  }
}
${NODE_FIELDS}`;

const COLUMNS: readonly Column<NodeRow>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'STATE', value: ({ state }) => state, colour: ({ state }) => stateColour(state) },
  { title: 'HOST', value: ({ host }) => host },
  { title: 'MAC', value: ({ mac }) => mac },
  { title: 'ADDRESSES', value: ({ addresses }) => addresses?.join(' ') },
  { title: 'UPDATED', value: ({ updatedAt }) => updatedAt },
  { title: 'ID', value: ({ id }) => id },
];

const agentOption = { type: 'switch', doc: 'of the agent of this host itself, without an analyzer (needs `agent.listen`)' } as const;

export const command = defineCommand({
  name: 'nodes',
  summary: 'list nodes: hosts, namespaces, interfaces and everything else',
  details: ['All given options must hold. With --watch: first what is there, then every change, across lost connections.'],
  options: { ...NODE_FILTER_OPTIONS, at: atOption, ...PAGE_OPTIONS, watch: watchOption, agent: agentOption, output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'nodes', says: 'the first fifty nodes' },
    { line: 'nodes --type veth --at -5m', says: 'veth interfaces as they were five minutes ago' },
    { line: "nodes --name 'eth*' --state down --all", says: 'every interface eth… that is down' },
    { line: 'nodes --type veth --watch', says: 'veth interfaces as they come and go' },
    { line: 'nodes --address 10.0.0.0/8 -o json', says: 'nodes with an address in the prefix, as JSON' },
    { line: 'nodes --agent --type veth --set agent.listen=127.0.0.1:8083', says: 'what the agent of this host sees, without an analyzer' },
  ],
  async run(call) {
    const { options, terminal } = call;
    if (options.agent) return (await import('../ask/localNodes.js')).listLocalNodes(call as Call, options, options.output);
    const filter = nodeFilter(options);
    if (options.watch) return watch(call, { filter: filter && { nodes: filter }, picture: true, shows: (element) => !isEdge(element) });
    const analyzer = await analyzerOf((await call.config()).config);
    const rows = await askRows(
      analyzer,
      DOCUMENT,
      { filter, at: options.at },
      options,
      (data: { nodes: Connection<NodeRow> }) => data.nodes,
    );
    await printRows(rows.rows, COLUMNS, options.output, terminal);
    return closeRows(rows, 'nodes', terminal);
  },
});
