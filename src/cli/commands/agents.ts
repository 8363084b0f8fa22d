import { AGENT_COLUMNS, AGENT_FIELDS, PROBE_COLUMNS, type AgentRow, type ProbeRow } from '../ask/agents.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { askWhole } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { outputOption, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';

const DOCUMENT = `query Agents { agents { ...AgentFields } }
${AGENT_FIELDS}`;

type HostProbeRow = ProbeRow & { readonly host: string };

const HOST_PROBE_COLUMNS: readonly Column<HostProbeRow>[] = [{ title: 'HOST', value: ({ host }) => host }, ...PROBE_COLUMNS];

export const command = defineCommand({
  name: 'agents',
  summary: 'list the agents with their probes, what these cost, and what they lack',
  details: [
    'CPU is the share of the agent’s main thread that the probes took over the last minute, of one core; EVENTS/S is what they heard in it.',
  ],
  options: {
    probes: { type: 'switch', doc: 'one line for each probe, with what it says of itself' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'agents', says: 'who publishes, and how they fare' },
    { line: 'agents --probes', says: 'each probe of each host, with what it costs and why it is degraded' },
    { line: 'agents -o json', says: 'the same for a script' },
  ],
  async run({ options, terminal, config }) {
    const { agents } = await askWhole<{ agents: AgentRow[] }>(await analyzerOf((await config()).config), { document: DOCUMENT });
    if (options.probes) {
      const rows = agents.flatMap(({ host, probes }) => probes.map((probe) => ({ host, ...probe })));
      await printRows(rows, HOST_PROBE_COLUMNS, options.output, terminal);
    } else await printRows(agents, AGENT_COLUMNS, options.output, terminal);
    if (agents.length === 0) terminal.err('no agents; start one with `canopy agent`\n');
  },
});
