import type { Column } from '../output/table.js';

/** A probe of an agent as the analyzer knows it. */
export interface ProbeRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly missingCapabilities: readonly string[];
  /** Of the agent's main thread, over the last minute. */
  readonly busyPercent: number;
  readonly eventsPerSecond: number;
  readonly restarts: number;
}

/** An agent as the analyzer knows it. */
export interface AgentRow {
  readonly id: string;
  readonly host: string;
  readonly version: string | null;
  readonly state: string;
  readonly connectedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly probes: readonly ProbeRow[];
  readonly flows: {
    readonly received: number;
    readonly notStored: number;
    readonly lost: readonly { readonly reason: string; readonly count: number }[];
    readonly unread: readonly { readonly part: string; readonly count: number }[];
  };
  readonly missingCapabilities: readonly string[];
}

export const AGENT_FIELDS = `
fragment AgentFields on Agent {
  id host version state connectedAt lastSeenAt missingCapabilities
  flows { received notStored lost { reason count } unread { part count } }
  probes { name state reason missingCapabilities busyPercent eventsPerSecond events restarts }
}`;

const sum = (probes: readonly ProbeRow[], read: (probe: ProbeRow) => number): number =>
  probes.reduce((total, probe) => total + read(probe), 0);

export const AGENT_COLUMNS: readonly Column<AgentRow>[] = [
  { title: 'HOST', value: ({ host }) => host },
  { title: 'STATE', value: ({ state }) => state, colour: ({ state }) => (state === 'CONNECTED' ? 'good' : 'bad') },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'PROBES', value: ({ probes }) => probes.map(({ name, state }) => (state === 'RUNNING' ? name : `${name}:${state}`)).join(' ') },
  { title: 'EVENTS/S', value: ({ probes }) => sum(probes, ({ eventsPerSecond }) => eventsPerSecond).toFixed(1) },
  { title: 'CPU %', value: ({ probes }) => sum(probes, ({ busyPercent }) => busyPercent).toFixed(2) },
  { title: 'FLOWS', value: ({ flows }) => String(flows.received) },
  { title: 'LACKS', value: ({ missingCapabilities }) => missingCapabilities.join(' ') },
  { title: 'LAST SEEN', value: ({ lastSeenAt }) => lastSeenAt },
];

/** Columns of probes: of many hosts as the analyzer knows them, and, without the host, of one agent as it says itself. */
export const PROBE_COLUMNS: readonly Column<ProbeRow>[] = [
  { title: 'PROBE', value: ({ name }) => name },
  {
    title: 'STATE',
    value: ({ state }) => state,
    colour: ({ state }) => (state === 'RUNNING' ? 'good' : state === 'DEGRADED' ? 'notice' : 'bad'),
  },
  { title: 'EVENTS/S', value: ({ eventsPerSecond }) => eventsPerSecond.toFixed(1) },
  { title: 'CPU %', value: ({ busyPercent }) => busyPercent.toFixed(2) },
  { title: 'RESTARTS', value: ({ restarts }) => String(restarts) },
  { title: 'LACKS', value: ({ missingCapabilities }) => missingCapabilities.join(' ') },
  { title: 'SAYS', value: ({ reason }) => reason },
];

/** What is not well with an agent, one line each. What runs with less than it could is no problem. */
export const agentProblems = ({ host, state, lastSeenAt, probes }: AgentRow): string[] => [
  ...(state === 'CONNECTED' ? [] : [`the agent of ${host} is ${state.toLowerCase()}, last seen ${lastSeenAt ?? 'never'}`]),
  ...probes
    .filter((probe) => probe.state === 'FAILED')
    .map(({ name, reason }) => `the probe ${name} of ${host} failed: ${reason ?? 'no reason given'}`),
];

/** What agents see, or we keep, only in part, one line each. */
export const agentNotices = ({ host, probes, flows: { lost, notStored, unread } }: AgentRow): string[] => [
  ...probes
    .filter((probe) => probe.state === 'DEGRADED')
    .map(({ name, reason }) => `the probe ${name} of ${host} is degraded: ${reason ?? 'no reason given'}`),
  ...lost.map(({ reason, count }) => `the agent of ${host} could not send ${count} flows (${reason})`),
  ...unread.map(({ part, count }) => `${part} could not be read in ${count} flows of the agent of ${host}`),
  ...(notStored === 0 ? [] : [`${notStored} flows of ${host} could not be stored`]),
];
