import type { JSX } from 'react';
import { type Column, Table } from '../ui/Table.js';
import type { AgentAbilities } from './documents.js';

interface HostRow {
  readonly host: string;
  readonly agent: AgentAbilities | undefined;
  /** How many of the things that were found are there. */
  readonly found: number;
}

/** What stands in the way on a host, whatever the kind of capture; `undefined` where nothing does. */
function obstacle({ agent }: HostRow): string | undefined {
  if (agent === undefined) return 'no agent watches it';
  if (agent.state !== 'CONNECTED') return `its agent is ${agent.state.toLowerCase()}`;
  return agent.abilities?.allowsCapture === false ? 'its agent does not allow captures (agent.allow.capture)' : undefined;
}

const canDo = (row: HostRow): string =>
  obstacle(row)
    ? ''
    : (row.agent?.abilities?.captures ?? [])
        .filter(({ impossible }) => impossible === null)
        .map(({ type }) => type.toLowerCase())
        .join(', ');

const cannotDo = (row: HostRow): string =>
  obstacle(row) ??
  (row.agent?.abilities?.captures ?? [])
    .flatMap(({ type, impossible }) => (impossible === null ? [] : [`${type.toLowerCase()}: ${impossible}`]))
    .join('; ');

const COLUMNS: readonly Column<HostRow>[] = [
  { title: 'Host', value: ({ host }) => host },
  { title: 'Found', value: ({ found }) => found, isNumber: true },
  { title: 'Can', value: canDo, width: 'minmax(160px, 2fr)', show: (row) => <span className="state-UP">{canDo(row) || '–'}</span> },
  { title: 'Cannot, and why', value: cannotDo, width: 'minmax(200px, 3fr)' },
];

/** Before a capture starts: what the hosts can do on which something was found. */
export function AbilitiesTable({
  hosts,
  agents,
}: {
  readonly hosts: readonly string[];
  readonly agents: readonly AgentAbilities[];
}): JSX.Element {
  const rows = [...new Set(hosts)].map((host): HostRow => ({
    host,
    agent: agents.find((agent) => agent.host === host),
    found: hosts.filter((other) => other === host).length,
  }));
  return <Table title="What each host can do" columns={COLUMNS} rows={rows} keyOf={({ host }) => host} empty="Nothing is found." />;
}
