import { AGENT_COLUMNS, AGENT_FIELDS, type AgentRow } from '../ask/agents.js';
import { analyzerOf } from '../client/analyzer.js';
import { askWhole } from '../client/ask.js';
import { defineCommand } from '../command.js';
import { outputOption, printRows } from '../output/format.js';

const DOCUMENT = `query Agents { agents { ...AgentFields } }
${AGENT_FIELDS}`;

export const command = defineCommand({
  name: 'agents',
  summary: 'list the agents with their probes and what they lack',
  options: { output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'agents', says: 'who publishes, and how they fare' },
    { line: 'agents -o json', says: 'with what each failed probe says' },
  ],
  async run({ options, terminal, config }) {
    const { agents } = await askWhole<{ agents: AgentRow[] }>(analyzerOf((await config()).config), { document: DOCUMENT });
    await printRows(agents, AGENT_COLUMNS, options.output, terminal);
    if (agents.length === 0) terminal.err('no agents; start one with `canopy agent`\n');
  },
});
