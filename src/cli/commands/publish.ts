import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { askWhole } from '../../client/ask.js';
import { randomId } from '../../common/ids.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { nodeIdOf } from '../ask/nodeId.js';
import { metadataOption, readMetadata } from '../ask/values.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printData } from '../output/format.js';
import { usageError } from '../parse.js';

const USAGE = 'See canopy help publish.';
const PUBLISH =
  'mutation Publish($input: PublishTopologyInput!) { publishTopology(input: $input) { created updated unchanged removed cursor } }';

interface Published {
  readonly publishTopology: Readonly<Record<'created' | 'updated' | 'unchanged' | 'removed', number>> & { readonly cursor: string };
}

export const command = defineCommand({
  name: 'publish',
  summary: 'put a node, an edge or a whole part of a topology into the graph',
  details: [
    'A node or an edge is described by options; its id is printed. With the same --id it is the same element and is changed.',
    'file publishes a `PublishTopologyInput` of the schema as JSON, all of it or nothing. Elements belong to their origin.',
  ],
  positionals: [
    { name: 'WHAT', doc: 'what to publish', choices: ['node', 'edge', 'file'] },
    { name: 'FILE', doc: 'with file: where it is; - is standard input', optional: true },
  ],
  options: {
    id: { type: 'text', placeholder: 'ID', doc: 'a stable id of your own; a new one for a node, one of its ends and relation for an edge' },
    name: { type: 'text', placeholder: 'NAME', doc: 'name of the node' },
    type: { type: 'text', placeholder: 'TYPE', doc: 'type of the node: switch, rack, site …' },
    host: { type: 'text', placeholder: 'HOST', doc: 'host that the node belongs to' },
    source: { type: 'text', placeholder: 'NODE', doc: 'where the edge starts: id or name of a node' },
    target: { type: 'text', placeholder: 'NODE', doc: 'where it ends' },
    relation: { type: 'text', placeholder: 'TYPE', doc: 'type of the relation: ownership, layer2 …' },
    metadata: metadataOption,
    origin: { type: 'text', placeholder: 'ORIGIN', doc: 'whose it is; cli.HOSTNAME unless given' },
    lease: { type: 'text', placeholder: 'DURATION', doc: 'goes by itself when it is not published again within this time: 10m' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'publish node --name tor-1 --type switch --metadata Site.Rack=r12', says: 'a switch that no agent sees' },
    { line: 'publish edge --source tor-1 --target eth0 --relation layer2', says: 'its cable to an interface' },
    { line: 'publish file racks.json', says: 'many elements at once' },
  ],
  async run({ options, positionals: [what, file], terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const need = (flag: 'name' | 'type' | 'source' | 'target' | 'relation'): string => {
      const value = options[flag];
      if (value === undefined) throw usageError(`publish ${what} needs --${flag}`, USAGE);
      return value;
    };
    const { lease, origin = `cli.${hostname()}`, host } = options;
    if ((what === 'file') !== (file !== undefined))
      throw usageError(what === 'file' ? 'publish file needs a FILE' : `unexpected argument '${file}'`, USAGE);
    const metadata = readMetadata(options.metadata);
    const publish = async (input: object): Promise<Published['publishTopology']> =>
      (await askWhole<Published>(analyzer, { document: PUBLISH, variables: { input } })).publishTopology;
    switch (what) {
      case 'node': {
        const id = options.id ?? randomId();
        await publish({ origin, lease, nodes: [{ id, name: need('name'), type: need('type'), host, metadata }] });
        terminal.out(`${id}\n`);
        return OK;
      }
      case 'edge': {
        const [relationType, from, to] = [need('relation'), need('source'), need('target')];
        const [source, target] = [await nodeIdOf(analyzer, from), await nodeIdOf(analyzer, to)];
        const id = options.id ?? randomId();
        await publish({ origin, lease, edges: [{ id, source, target, relationType, metadata }] });
        terminal.out(`${id}\n`);
        return OK;
      }
      default: {
        const { cursor, ...counts } = await publish({ origin, lease, ...inputIn(file!) });
        if (options.output === 'json' || options.output === 'yaml') await printData({ ...counts, cursor }, options.output, terminal);
        else
          terminal.out(
            `${Object.entries(counts)
              .map(([name, count]) => `${count} ${name}`)
              .join(', ')}\n`,
          );
        return OK;
      }
    }
  },
});

/** The object in a file. Throws `BAD_INPUT` with the place of what is no JSON. */
function inputIn(file: string): object {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}: ${(error as Error).message}`, USAGE);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    throw usageError(`${file} is not JSON: ${(error as Error).message}`, USAGE);
  }
  throw usageError(`${file} has no object`, USAGE);
}
