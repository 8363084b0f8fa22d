import { EDGE_FIELDS, isEdge, type EdgeRow } from '../../client/elements.js';
import { parseObject, textPattern } from '../ask/filters.js';
import { askRows, closeRows, PAGE_OPTIONS, type Connection } from '../ask/paging.js';
import { atOption } from '../ask/time.js';
import { watch, watchOption } from '../ask/watch.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { outputOption, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';

interface End {
  readonly name: string;
  readonly type: string;
}
type EdgeWithEnds = EdgeRow & { readonly source: End; readonly target: End };

const DOCUMENT = `query Edges($filter: EdgeFilter, $at: DateTime, $first: Int, $after: String) {
  edges(filter: $filter, at: $at, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ...EdgeFields source { name type } target { name type } }
  }
}
${EDGE_FIELDS}`;

const COLUMNS: readonly Column<EdgeWithEnds>[] = [
  { title: 'RELATION', value: ({ relationType }) => relationType },
  { title: 'FROM', value: ({ source }) => `${source.type} ${source.name}` },
  { title: 'TO', value: ({ target }) => `${target.type} ${target.name}` },
  { title: 'HOST', value: ({ host }) => host },
  { title: 'UPDATED', value: ({ updatedAt }) => updatedAt },
  { title: 'ID', value: ({ id }) => id },
];

export const command = defineCommand({
  name: 'edges',
  summary: 'list edges: what owns, carries or joins what',
  details: ['All given options must hold. With --watch: first what is there, then every change, across lost connections.'],
  options: {
    relation: {
      type: 'list',
      placeholder: 'TYPE',
      doc: 'type of the relation: ownership, layer2, vlayer2 …; patterns as in `canopy nodes --name`',
    },
    source: { type: 'text', placeholder: 'ID', doc: 'id of the node that it leaves' },
    target: { type: 'text', placeholder: 'ID', doc: 'id of the node that it reaches' },
    filter: { type: 'text', placeholder: 'JSON', doc: 'a whole EdgeFilter of the schema as JSON, in addition' },
    at: atOption,
    ...PAGE_OPTIONS,
    watch: watchOption,
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'edges --relation layer2', says: 'what is joined on layer 2' },
    { line: 'edges --relation ownership --at -1h --all', says: 'every ownership an hour ago' },
    { line: 'edges --watch -o json', says: 'edges as they come and go, a JSON line each' },
  ],
  async run(call) {
    const { options, terminal } = call;
    const parts: object[] = [];
    if (options.relation !== undefined) parts.push({ or: options.relation.map((relation) => ({ relationType: textPattern(relation) })) });
    if (options.source !== undefined) parts.push({ source: options.source });
    if (options.target !== undefined) parts.push({ target: options.target });
    if (options.filter !== undefined) parts.push(parseObject('--filter', options.filter));
    const filter = parts.length === 0 ? undefined : { and: parts };
    if (options.watch) return watch(call, { filter: filter && { edges: filter }, picture: true, shows: isEdge });
    const analyzer = await analyzerOf((await call.config()).config);
    const rows = await askRows(
      analyzer,
      DOCUMENT,
      { filter, at: options.at },
      options,
      (data: { edges: Connection<EdgeWithEnds> }) => data.edges,
    );
    await printRows(rows.rows, COLUMNS, options.output, terminal);
    return closeRows(rows, 'edges', terminal);
  },
});
