import type { Column } from '../output/table.js';

/** An agent as the analyzer knows it. */
export interface AgentRow {
  readonly id: string;
  readonly host: string;
  readonly version: string | null;
  readonly state: string;
  readonly connectedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly probes: readonly { readonly name: string; readonly state: string; readonly error: string | null }[];
  readonly missingCapabilities: readonly string[];
}

export const AGENT_FIELDS = `
fragment AgentFields on Agent {
  id host version state connectedAt lastSeenAt probes { name state error } missingCapabilities
}`;

export const AGENT_COLUMNS: readonly Column<AgentRow>[] = [
  { title: 'HOST', value: ({ host }) => host },
  { title: 'STATE', value: ({ state }) => state, colour: ({ state }) => (state === 'CONNECTED' ? 'good' : 'bad') },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'PROBES', value: ({ probes }) => probes.map(({ name, state }) => (state === 'RUNNING' ? name : `${name}:${state}`)).join(' ') },
  { title: 'LACKS', value: ({ missingCapabilities }) => missingCapabilities.join(' ') },
  { title: 'LAST SEEN', value: ({ lastSeenAt }) => lastSeenAt },
];

/** What is not well with an agent, one line each. What runs with less than it could is no problem. */
export const agentProblems = ({ host, state, lastSeenAt, probes }: AgentRow): string[] => [
  ...(state === 'CONNECTED' ? [] : [`the agent of ${host} is ${state.toLowerCase()}, last seen ${lastSeenAt ?? 'never'}`]),
  ...probes
    .filter((probe) => probe.state === 'FAILED')
    .map(({ name, error }) => `the probe ${name} of ${host} failed: ${error ?? 'no reason given'}`),
];
