import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { CanopyError } from '../../common/errors.js';
import { OK } from '../exitCodes.js';
import { usageError } from '../parse.js';

const REMOVE = 'mutation Remove($ids: [ID!]!) { removeElements(ids: $ids) { removed missing } }';
const FIND = 'query Find($query: String!) { gremlin(query: $query) { json } }';

export const command = defineCommand({
  name: 'remove',
  summary: 'take published nodes and edges out of the graph',
  details: ['What agents see cannot be removed: it belongs to them. The edges of a removed node go with it.'],
  positionals: [{ name: 'ID', doc: 'of the node or edge', optional: true }],
  options: {
    gremlin: { type: 'text', short: 'g', placeholder: 'QUERY', doc: 'every node or edge that this string finds' },
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'remove tor-1', says: 'a node that was published under this id' },
    { line: `remove --gremlin "G.V().Has('Type', 'switch', 'Site.Rack', 'r12')"`, says: 'all that the string finds' },
  ],
  async run({ options, positionals: [id], terminal, config }) {
    const { gremlin } = options;
    if ((id === undefined) === (gremlin === undefined)) throw usageError('remove needs an ID or --gremlin', 'See canopy help remove.');
    const analyzer = await analyzerOf((await config()).config);
    const ids = gremlin === undefined ? [id!] : await idsOf(analyzer, gremlin);
    if (ids.length === 0) throw new CanopyError('NOT_FOUND', 'the string finds nothing');
    const { removed, missing } = (
      await askWhole<{ removeElements: { removed: number; missing: string[] } }>(analyzer, { document: REMOVE, variables: { ids } })
    ).removeElements;
    if (missing.length > 0) throw new CanopyError('NOT_FOUND', `there is no node or edge ${missing.join(', ')}; ${removed} removed`);
    terminal.out(`${removed} removed\n`);
    return OK;
  },
});

/** Ids of what a string finds. Throws `BAD_INPUT` for one that finds neither nodes nor edges. */
async function idsOf(analyzer: Parameters<typeof askWhole>[0], query: string): Promise<string[]> {
  const { json } = (await askWhole<{ gremlin: { json: unknown } }>(analyzer, { document: FIND, variables: { query } })).gremlin;
  const ids = Array.isArray(json) ? json.map((one) => (one as { ID?: unknown } | null)?.ID) : [undefined];
  if (ids.every((one) => typeof one === 'string')) return ids;
  throw usageError('the string finds neither nodes nor edges', "Such as G.V().Has('Type', 'switch').");
}
