import { programVersion } from '../../common/version.js';
import { defineCommand } from '../command.js';

export const command = defineCommand({
  name: 'version',
  summary: 'print the version of this program',
  options: {},
  settings: [],
  examples: [{ line: 'version', says: 'the version of Canopy, and of Node under it' }],
  async run({ terminal }) {
    terminal.out(`canopy ${programVersion()} (node ${process.versions.node}, ${process.platform} ${process.arch})\n`);
  },
});
