import { defineCommand } from '../command.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const command = defineCommand({
  name: 'completion',
  summary: 'print the completion script of a shell',
  positionals: [{ name: 'SHELL', doc: 'bash, zsh or fish', choices: SHELLS }],
  options: {},
  settings: [],
  examples: [
    { line: 'completion bash > /etc/bash_completion.d/canopy', says: 'for everybody on this machine, from the next shell on' },
    { line: 'completion zsh > "${fpath[1]}/_canopy"', says: 'for zsh' },
    { line: 'completion fish > ~/.config/fish/completions/canopy.fish', says: 'for fish' },
  ],
  async run({ positionals: [shell], terminal }) {
    const { completionTree } = await import('../completion/tree.js');
    const tree = await completionTree();
    if (shell === 'bash') terminal.out((await import('../completion/bash.js')).bashCompletion(tree));
    else if (shell === 'zsh') terminal.out((await import('../completion/zsh.js')).zshCompletion(tree));
    else terminal.out((await import('../completion/fish.js')).fishCompletion(tree));
  },
});
