import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { printData } from '../output/format.js';

interface Answer {
  readonly viewer: { readonly name: string; readonly roles: readonly string[]; readonly scopes: readonly string[] };
}

/** Who has no scope sees everything, and is told nothing of it. */
const seen = (scopes: readonly string[]): string => (scopes.length === 0 ? '' : `, sees ${scopes.join(', ')},`);

export const command = defineCommand({
  name: 'whoami',
  summary: 'say as whom the analyzer knows you, with which roles, and in which scopes',
  options: {
    output: {
      type: 'text',
      short: 'o',
      placeholder: 'FORMAT',
      choices: ['json', 'yaml'],
      doc: 'for programs; one line of text unless given',
    },
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'whoami', says: 'name, roles, and scopes where you have some' },
    { line: 'whoami -o json', says: 'the same for programs' },
  ],
  async run({ options, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const { viewer } = await askWhole<Answer>(analyzer, { document: '{ viewer { name roles scopes } }' });
    const roles = viewer.roles.map((role) => role.toLowerCase());
    if (options.output === undefined) terminal.out(`${viewer.name} (${roles.join(', ')})${seen(viewer.scopes)} at ${analyzer.url}\n`);
    else await printData({ analyzer: analyzer.url, name: viewer.name, roles, scopes: viewer.scopes }, options.output, terminal);
    return OK;
  },
});
