import { NODE_FIELDS, type NodeRow } from '../../client/elements.js';
import { nameElement } from '../ask/describe.js';
import { nodeIdByName } from '../ask/nodeId.js';
import { reportFaults, type Connection } from '../ask/paging.js';
import { atOption } from '../ask/time.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { ask } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { CanopyError } from '../../common/errors.js';
import { printable } from '../output/colour.js';
import { outputOption, printData } from '../output/format.js';

interface End {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}
interface Details extends NodeRow {
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly ancestors: readonly End[];
  readonly edges: Connection<{ readonly id: string; readonly relationType: string; readonly source: End; readonly target: End }>;
}

const DOCUMENT = `query NodeDetails($id: ID!, $at: DateTime) {
  node(id: $id, at: $at) {
    ...NodeFields metadata ancestors { id name type }
    edges(first: 200) { pageInfo { hasNextPage endCursor } nodes { id relationType source { id name type } target { id name type } } }
  }
}
${NODE_FIELDS}`;

export const command = defineCommand({
  name: 'node',
  summary: 'show everything about one node: its owners, its edges, its metadata',
  positionals: [{ name: 'NODE', doc: 'its id, or its name where only one has it' }],
  options: { at: atOption, output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'node eth0', says: 'the node of that name' },
    { line: 'node 5a3c0f0e-6b8e-5d2e-9f5d-3b1f0c5f1a77 --at -1h -o json', says: 'by its id, as it was an hour ago' },
  ],
  async run({ options, positionals: [wanted], terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const find = (id: string) => ask<{ node: Details | null }>(analyzer, { document: DOCUMENT, variables: { id, at: options.at } });
    let answer = await find(wanted!);
    if (answer.data.node === null) answer = await find(await nodeIdByName(analyzer, wanted!, options.at));
    const { node } = answer.data;
    if (node === null) throw new CanopyError('NOT_FOUND', `there is no node '${wanted}' at that instant`);
    if (options.output === 'json' || options.output === 'yaml') await printData(node, options.output, terminal);
    else terminal.out(render(node));
    return reportFaults(answer.errors, terminal);
  },
});

function render(node: Details): string {
  const owners = [...node.ancestors].reverse().map(({ type, name }) => `${type} ${name}`);
  const facts: readonly (readonly [string, string])[] = [
    ['id', node.id],
    ['state', node.state],
    ['owned by', owners.join(' › ')],
    ['origin', node.origin],
    ['created', node.createdAt],
    ['updated', `${node.updatedAt} (revision ${node.revision})`],
  ];
  const edges = node.edges.nodes
    .filter(({ relationType }) => relationType !== 'ownership')
    .map(({ relationType, source, target }) =>
      source.id === node.id ? `${relationType} → ${target.type} ${target.name}` : `${relationType} ← ${source.type} ${source.name}`,
    );
  return [
    nameElement(node),
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `  ${name.padEnd(8)}  ${value}`),
    ...(edges.length > 0 ? ['edges', ...edges.map((edge) => `  ${edge}`)] : []),
    'metadata',
    ...metadataLines(node.metadata ?? {}, '  '),
  ]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

/** Metadata as an indented tree; lists of objects on one line each. */
function metadataLines(metadata: Readonly<Record<string, unknown>>, margin: string): string[] {
  return Object.entries(metadata).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return [`${margin}${name}:`, ...metadataLines(value as Readonly<Record<string, unknown>>, `${margin}  `)];
    }
    if (Array.isArray(value) && value.some((entry) => typeof entry === 'object')) {
      return [`${margin}${name}:`, ...value.map((entry) => `${margin}  - ${JSON.stringify(entry)}`)];
    }
    return [`${margin}${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`];
  });
}
