import type { Command } from '../command.js';

/** Commands by name, in the order of the help; each file is loaded only when its command is meant. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  allinone: async () => (await import('./allinone.js')).command,
  analyzer: async () => (await import('./analyzer.js')).command,
  agent: async () => (await import('./agent.js')).command,
  status: async () => (await import('./status.js')).command,
  nodes: async () => (await import('./nodes.js')).command,
  node: async () => (await import('./node.js')).command,
  edges: async () => (await import('./edges.js')).command,
  changes: async () => (await import('./changes.js')).command,
  diff: async () => (await import('./diff.js')).command,
  paths: async () => (await import('./paths.js')).command,
  agents: async () => (await import('./agents.js')).command,
  gremlin: async () => (await import('./gremlin.js')).command,
  query: async () => (await import('./query.js')).command,
  shell: async () => (await import('./shell.js')).command,
  flows: async () => (await import('./flows.js')).command,
  capture: async () => (await import('./capture.js')).command,
  inject: async () => (await import('./inject.js')).command,
  pcap: async () => (await import('./pcap.js')).command,
  import: async () => (await import('./import.js')).command,
  doctor: async () => (await import('./doctor.js')).command,
  history: async () => (await import('./history.js')).command,
  config: async () => (await import('./config.js')).command,
  completion: async () => (await import('./completion.js')).command,
  version: async () => (await import('./version.js')).command,
  help: async () => (await import('./help.js')).command,
};

/** Commands in groups, for the help and docs/cli.md. */
export const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Run', ['allinone', 'analyzer', 'agent']],
  [
    'Ask',
    [
      'status',
      'nodes',
      'node',
      'edges',
      'changes',
      'diff',
      'paths',
      'agents',
      'gremlin',
      'query',
      'shell',
      'flows',
      'capture',
      'inject',
      'pcap',
    ],
  ],
  ['Look after', ['doctor', 'history', 'config', 'import', 'completion', 'version', 'help']],
];
