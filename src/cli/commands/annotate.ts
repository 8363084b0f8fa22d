import { askWhole } from '../../client/ask.js';
import type { JsonObject } from '../../common/json.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { nodeIdOf } from '../ask/nodeId.js';
import { metadataOption, readAssignment } from '../ask/values.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printData } from '../output/format.js';
import { usageError } from '../parse.js';

const UPDATE = `mutation Annotate($id: ID!, $set: JSON, $unset: [String!]) {
  updateNodeMetadata(id: $id, set: $set, unset: $unset) { node { id metadata } }
}`;

interface Updated {
  readonly updateNodeMetadata: { readonly node: { readonly id: string; readonly metadata: JsonObject } };
}

export const command = defineCommand({
  name: 'annotate',
  summary: 'lay values of your own over the metadata of a node, or take them away',
  details: ["The owner's own values stay below and come back when yours are taken away; a restart of the agent keeps yours."],
  positionals: [{ name: 'NODE', doc: 'its id, or its name where only one has it' }],
  options: {
    metadata: metadataOption,
    unset: { type: 'list', placeholder: 'PATH', doc: 'take away what was laid over this dotted path; may be repeated' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'annotate eth0 --metadata Site.Rack=r12 --metadata Site.Port=7', says: 'where the other end of the cable is' },
    { line: 'annotate eth0 --unset Site.Port', says: 'takes one value away again' },
  ],
  async run({ options, positionals: [wanted], terminal, config }) {
    const { metadata, unset } = options;
    if (metadata === undefined && unset === undefined)
      throw usageError('annotate needs --metadata or --unset', 'See canopy help annotate.');
    const set = metadata && Object.fromEntries(metadata.map((text) => readAssignment(text, 'metadata')));
    const analyzer = await analyzerOf((await config()).config);
    const id = await nodeIdOf(analyzer, wanted!);
    const { node } = (await askWhole<Updated>(analyzer, { document: UPDATE, variables: { id, set, unset } })).updateNodeMetadata;
    if (options.output === 'json' || options.output === 'yaml') await printData(node, options.output, terminal);
    else terminal.out(`${node.id}\n`);
    return OK;
  },
});
