import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { printData } from '../output/format.js';

interface Answer {
  readonly viewer: { readonly name: string; readonly roles: readonly string[] };
}

export const command = defineCommand({
  name: 'whoami',
  summary: 'say as whom the analyzer knows you, and with which roles',
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
    { line: 'whoami', says: 'name and roles' },
    { line: 'whoami -o json', says: 'the same for programs' },
  ],
  async run({ options, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const { viewer } = await askWhole<Answer>(analyzer, { document: '{ viewer { name roles } }' });
    const roles = viewer.roles.map((role) => role.toLowerCase());
    if (options.output === undefined) terminal.out(`${viewer.name} (${roles.join(', ')}) at ${analyzer.url}\n`);
    else await printData({ analyzer: analyzer.url, name: viewer.name, roles }, options.output, terminal);
    return OK;
  },
});
