import type { JSX } from 'react';
import { graphql, type ResultOf } from '../data/graphql.js';
import { useListening } from '../data/useListening.js';
import { bytes, count, duration } from '../ui/format.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import './status.css';

const StatusChanges = graphql(`
  subscription StatusChanges {
    statusChanges {
      version
      startedAt
      now
      oldest
      clockAheadMs
      nodes
      edges
      leases
      residentBytes
      journal {
        bytes
        changes
        tailChanges
        tailBytes
        isFull
        error
      }
      samples {
        bytes
        stored
        queued
        dropped
        error
      }
      subscriptions {
        connections
        subscriptions
        groups
      }
      agents {
        id
        host
        state
        version
        clockOffsetMs
        connectedAt
        lastSeenAt
        missingCapabilities
        probes {
          name
          state
          reason
          restarts
          busyPercent
          eventsPerSecond
          missingCapabilities
        }
      }
    }
  }
`);

type Status = ResultOf<typeof StatusChanges>['statusChanges'];
type Agent = Status['agents'][number];

type ProbeRow = Agent['probes'][number] & { readonly host: string };

const WORD = { CONNECTED: 'UP', AWAY: 'OTHER', LOST: 'DOWN' } as const;

const AGENTS: readonly Column<Agent>[] = [
  { title: 'Host', value: ({ host }) => host },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => <span className={`state-${WORD[state]}`}>{state.toLowerCase()}</span>,
  },
  { title: 'Version', value: ({ version }) => version },
  {
    title: 'Clock',
    value: ({ clockOffsetMs }) => clockOffsetMs,
    show: ({ clockOffsetMs }) =>
      clockOffsetMs === null ? '–' : `${clockOffsetMs >= 0 ? '+' : '−'}${Math.abs(clockOffsetMs).toFixed(1)} ms`,
    isNumber: true,
  },
  {
    title: 'Last heard of',
    value: ({ lastSeenAt }) => lastSeenAt,
    show: ({ lastSeenAt }) => (lastSeenAt ? <Instant at={lastSeenAt} /> : '–'),
    width: 'minmax(170px, 1fr)',
  },
  { title: 'Probes', value: ({ probes }) => `${probes.filter(({ state }) => state === 'RUNNING').length} of ${probes.length} running` },
  { title: 'Lacks', value: ({ missingCapabilities }) => missingCapabilities.join(', ') || 'nothing', width: 'minmax(120px, 1.4fr)' },
];

const PROBES: readonly Column<ProbeRow>[] = [
  { title: 'Host', value: ({ host }) => host },
  { title: 'Probe', value: ({ name }) => name },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => (
      <span className={`state-${state === 'RUNNING' ? 'UP' : state === 'FAILED' ? 'DOWN' : 'OTHER'}`}>{state.toLowerCase()}</span>
    ),
  },
  { title: 'Busy', value: ({ busyPercent }) => busyPercent, show: ({ busyPercent }) => `${busyPercent.toFixed(1)} %`, isNumber: true },
  {
    title: 'Events',
    value: ({ eventsPerSecond }) => eventsPerSecond,
    show: ({ eventsPerSecond }) => `${eventsPerSecond.toFixed(1)} /s`,
    isNumber: true,
  },
  { title: 'Restarts', value: ({ restarts }) => restarts, isNumber: true },
  { title: 'Lacks', value: ({ missingCapabilities }) => missingCapabilities.join(', ') },
  { title: 'Why', value: ({ reason }) => reason, width: 'minmax(180px, 3fr)' },
];

/** Agents, probes and stores: how everything that the page shows comes about, and what keeps it from being complete. */
export function StatusRoom({ onSelect }: { onSelect(selected: { readonly kind: 'group'; readonly id: string }): void }): JSX.Element {
  const { data, failure } = useListening(StatusChanges, {});
  const status = data?.statusChanges;
  if (!status) {
    return (
      <section className="room" aria-label="Status">
        <Problem message={failure?.message} />
        {!failure && <p className="empty">Reading the status…</p>}
      </section>
    );
  }
  const probes = status.agents.flatMap(({ host, probes }) => probes.map((probe): ProbeRow => ({ host, ...probe })));
  return (
    <section className="room" aria-label="Status">
      <header className="room-head">
        <h2>Status</h2>
        <span className="muted small">Canopy {status.version}</span>
      </header>
      <Problem message={status.journal.error ?? undefined} />
      <Problem message={status.samples.error ?? undefined} />
      <Figures status={status} />
      <h3>Agents</h3>
      <Table
        title="Agents"
        columns={AGENTS}
        rows={status.agents}
        keyOf={({ id }) => id}
        empty="No agent is known. Start one with: canopy agent --analyzer ADDRESS"
        onChoose={({ host }) => onSelect({ kind: 'group', id: `host:${host}` })}
      />
      <h3>Probes</h3>
      <Table title="Probes" columns={PROBES} rows={probes} keyOf={({ host, name }) => `${host} ${name}`} empty="No probe is known." />
    </section>
  );
}

function Figures({ status }: { readonly status: Status }): JSX.Element {
  const { journal, samples, subscriptions } = status;
  const figures: readonly (readonly [string, string, string])[] = [
    ['Topology', `${count(status.nodes)} nodes`, `${count(status.edges)} edges, ${count(status.leases)} leases`],
    ['Runs for', duration(Date.parse(status.now) - Date.parse(status.startedAt)), `${bytes(status.residentBytes)} of memory`],
    [
      'History',
      `${count(journal.changes)} changes`,
      `${bytes(journal.bytes)}, since ${duration(Date.parse(status.now) - Date.parse(status.oldest))}`,
    ],
    ['Waiting for disk', journal.isFull ? 'held up' : count(journal.tailChanges), bytes(journal.tailBytes)],
    ['Measurements', count(samples.stored), `${count(samples.queued)} waiting, ${count(samples.dropped)} lost, ${bytes(samples.bytes)}`],
    [
      'Listeners',
      `${subscriptions.subscriptions} subscriptions`,
      `${subscriptions.connections} connections, ${subscriptions.groups} streams`,
    ],
  ];
  return (
    <dl className="figures">
      {figures.map(([name, value, more]) => (
        <div key={name}>
          <dt className="small muted">{name}</dt>
          <dd>{value}</dd>
          <dd className="small muted">{more}</dd>
        </div>
      ))}
    </dl>
  );
}
