import { NODE_FIELDS, type NodeRow } from '../../client/elements.js';
import { parseObject, textPattern } from '../ask/filters.js';
import { reportFaults } from '../ask/paging.js';
import { atOption } from '../ask/time.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { ask } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { NOT_FOUND } from '../exitCodes.js';
import { printable } from '../output/colour.js';
import { outputOption, printData } from '../output/format.js';

interface Path {
  readonly length: number;
  readonly nodes: readonly NodeRow[];
  readonly edges: readonly { readonly id: string; readonly relationType: string }[];
}

const DOCUMENT = `query Paths($from: NodeFilter!, $to: NodeFilter!, $via: EdgeFilter, $at: DateTime) {
  shortestPaths(from: $from, to: $to, via: $via, at: $at) { length nodes { ...NodeFields } edges { id relationType } }
}
${NODE_FIELDS}`;

export const command = defineCommand({
  name: 'paths',
  summary: 'find the shortest ways from one node to another',
  positionals: [
    { name: 'FROM', doc: 'name of the node (patterns as in `canopy nodes --name`), or a NodeFilter as JSON' },
    { name: 'TO', doc: 'likewise' },
  ],
  options: {
    via: { type: 'list', placeholder: 'TYPE', doc: 'only over relations of this type, such as layer2; may be repeated' },
    at: atOption,
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'paths eth0 veth7 --via layer2', says: 'the way from one interface to another on layer 2' },
    { line: `paths '{"type": {"eq": "host"}}' 'veth*' --at -1h`, says: 'from the hosts to all veth interfaces, an hour ago' },
  ],
  async run({ options, positionals, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const [from, to] = positionals.map(endFilter);
    const via = options.via && { relationType: { in: options.via } };
    const { data, errors } = await ask<{ shortestPaths: Path[] }>(analyzer, {
      document: DOCUMENT,
      variables: { from, to, via, at: options.at },
    });
    if (options.output === 'json' || options.output === 'yaml') await printData(data.shortestPaths, options.output, terminal);
    else for (const path of data.shortestPaths) terminal.out(`${printable(describe(path))}\n`);
    if (data.shortestPaths.length > 0 || errors.length > 0) return reportFaults(errors, terminal);
    terminal.err('no path\n');
    return NOT_FOUND;
  },
});

const endFilter = (text: string): object => (text.startsWith('{') ? parseObject('the filter', text) : { name: textPattern(text) });

/** `host web-1 –ownership– veth veth0 –layer2– bridge br0`. */
const describe = ({ nodes, edges }: Path): string =>
  nodes.map(({ type, name }, index) => `${index === 0 ? '' : `–${edges[index - 1]?.relationType ?? ''}– `}${type} ${name}`).join(' ');
