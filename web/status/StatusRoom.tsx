import type { JSX } from 'react';
import { graphql, type ResultOf } from '../data/graphql.js';
import { useListening } from '../data/useListening.js';
import { bytes, count, duration } from '../ui/format.js';
import { useMay } from '../data/rights.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { AuditSection } from './AuditSection.js';
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
      flows {
        bytes
        stored
        dropped
        error
      }
      registry {
        home
        error
        notice
      }
      projection {
        state
        url
        server
        behind
        lagMs
        error
        setAside {
          id
        }
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
        flows {
          received
          notStored
          lost {
            reason
            count
          }
        }
        abilities {
          allowsCapture
          ringBytes
          ringBytesUsed
        }
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

/** Updates of flows that were lost between the agent and the store, by reason. */
const lostFlows = ({ lost, notStored }: Agent['flows']): readonly (readonly [string, number])[] =>
  [...lost.map(({ reason, count: many }) => [reason, many] as const), ['not stored', notStored] as const].filter(([, many]) => many > 0);

const AGENTS: readonly Column<Agent>[] = [
  { title: 'Host', value: ({ host }) => host },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => <span className={`state-${WORD[state]}`}>{state.toLowerCase()}</span>,
  },
  { title: 'Version', value: ({ version }) => version, yields: 3 },
  {
    title: 'Clock',
    value: ({ clockOffsetMs }) => clockOffsetMs,
    show: ({ clockOffsetMs }) =>
      clockOffsetMs === null ? '–' : `${clockOffsetMs >= 0 ? '+' : '−'}${Math.abs(clockOffsetMs).toFixed(1)} ms`,
    isNumber: true,
    yields: 5,
  },
  {
    title: 'Last heard of',
    value: ({ lastSeenAt }) => lastSeenAt,
    show: ({ lastSeenAt }) => (lastSeenAt ? <Instant at={lastSeenAt} /> : '–'),
    width: 'minmax(164px, 1fr)',
    yields: 2,
  },
  {
    title: 'Probes',
    value: ({ probes }) => `${probes.filter(({ state }) => state === 'RUNNING').length} of ${probes.length} running`,
    width: 'minmax(116px, 1fr)',
    yields: 1,
  },
  {
    title: 'Captures',
    value: ({ abilities }) => (abilities === null ? null : abilities.allowsCapture ? 'allowed' : 'not allowed'),
    show: ({ abilities }) =>
      abilities === null
        ? '–'
        : abilities.allowsCapture
          ? `${bytes(abilities.ringBytesUsed)} of ${bytes(abilities.ringBytes)}`
          : 'not allowed',
    width: 'minmax(140px, 1fr)',
    yields: 6,
  },
  {
    title: 'Flows lost',
    value: ({ flows }) => lostFlows(flows).reduce((sum, [, many]) => sum + many, 0),
    show: ({ flows }) =>
      lostFlows(flows)
        .map(([reason, many]) => `${count(many)} ${reason}`)
        .join(', ') || '0',
    isNumber: true,
    width: 'minmax(92px, 0.6fr)',
    yields: 4,
  },
  { title: 'Lacks', value: ({ missingCapabilities }) => missingCapabilities.join(', ') || 'nothing', width: 'minmax(120px, 1.4fr)' },
];

const PROBES: readonly Column<ProbeRow>[] = [
  { title: 'Host', value: ({ host }) => host, width: 'minmax(72px, 1fr)' },
  { title: 'Probe', value: ({ name }) => name, width: 'minmax(72px, 1fr)' },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => (
      <span className={`state-${state === 'RUNNING' ? 'UP' : state === 'FAILED' ? 'DOWN' : 'OTHER'}`}>{state.toLowerCase()}</span>
    ),
  },
  {
    title: 'Busy',
    value: ({ busyPercent }) => busyPercent,
    show: ({ busyPercent }) => `${busyPercent.toFixed(1)} %`,
    isNumber: true,
    yields: 2,
  },
  {
    title: 'Events',
    value: ({ eventsPerSecond }) => eventsPerSecond,
    show: ({ eventsPerSecond }) => `${eventsPerSecond.toFixed(1)}/s`,
    isNumber: true,
    yields: 3,
  },
  { title: 'Restarts', value: ({ restarts }) => restarts, isNumber: true, yields: 4 },
  { title: 'Lacks', value: ({ missingCapabilities }) => missingCapabilities.join(', ') || null, yields: 1 },
  { title: 'Why', value: ({ reason }) => reason, width: 'minmax(120px, 3fr)' },
];

/** One place where something is kept. */
interface Store {
  readonly name: string;
  readonly home: string;
  readonly error: string | null;
  readonly kept: string;
  readonly bytes: number | null;
  /** What waits to get in, and what was lost because it could not. */
  readonly waiting: number | null;
  readonly dropped: number | null;
}

const STORES: readonly Column<Store>[] = [
  { title: 'Store', value: ({ name }) => name, width: 'minmax(124px, 1fr)' },
  { title: 'Where', value: ({ home }) => home, yields: 5 },
  {
    title: 'State',
    value: ({ error }) => (error === null ? 'well' : 'failing'),
    show: ({ error }) => <span className={error === null ? 'state-UP' : 'state-DOWN'}>{error === null ? 'well' : 'failing'}</span>,
  },
  { title: 'Kept', value: ({ kept }) => kept, width: 'minmax(196px, 1.6fr)' },
  {
    title: 'Size',
    value: (store) => store.bytes,
    show: (store) => (store.bytes === null ? '–' : bytes(store.bytes)),
    isNumber: true,
    yields: 4,
  },
  { title: 'Waiting', value: ({ waiting }) => waiting, isNumber: true, yields: 3 },
  { title: 'Lost', value: ({ dropped }) => dropped, isNumber: true, yields: 2 },
];

/** Only where something fails. */
const WHY: Column<Store> = { title: 'Why', value: ({ error }) => error, width: 'minmax(160px, 3fr)', yields: 1 };

function storesOf({ journal, samples, flows, registry, projection }: Status): readonly Store[] {
  const inFolder = 'data folder';
  const stores: readonly Store[] = [
    {
      name: 'Changes',
      home: inFolder,
      error: journal.error ?? (journal.isFull ? 'so much waits for the disk that writing is held up' : null),
      kept: `${count(journal.changes)} changes`,
      bytes: journal.bytes,
      waiting: journal.tailChanges,
      dropped: 0,
    },
    {
      name: 'Measurements',
      home: inFolder,
      error: samples.error,
      kept: `${count(samples.stored)} since the start`,
      bytes: samples.bytes,
      waiting: samples.queued,
      dropped: samples.dropped,
    },
    {
      name: 'Flows',
      home: inFolder,
      error: flows.error,
      kept: `${count(flows.stored)} updates since the start`,
      bytes: flows.bytes,
      waiting: null,
      dropped: flows.dropped,
    },
    {
      name: 'Captures, views',
      home: registry.home === 'embedded' ? inFolder : registry.home,
      error: registry.error,
      kept: registry.notice ?? '–',
      bytes: null,
      waiting: null,
      dropped: null,
    },
  ];
  if (!projection) return stores;
  const { state, server, url, behind, lagMs, error, setAside } = projection;
  const isWell = state === 'FOLLOWING' || state === 'CONNECTING' || state === 'REBUILDING';
  return [
    ...stores,
    {
      name: 'History in Neo4j',
      home: server ?? url,
      error: isWell ? null : (error ?? state.toLowerCase()),
      kept: `${state.toLowerCase()}, ${duration(lagMs)} behind`,
      bytes: null,
      waiting: behind,
      dropped: setAside.length,
    },
  ];
}

/** Agents, probes and stores: how everything that the page shows comes about, and what keeps it from being complete. */
export function StatusRoom({ onSelect }: { onSelect(selected: { readonly kind: 'group'; readonly id: string }): void }): JSX.Element {
  const { data, failure } = useListening(StatusChanges, {});
  const mayAudit = useMay('audit:read');
  const status = data?.statusChanges;
  if (!status) {
    return (
      <section className="room" aria-label="Status">
        <Problem message={failure?.message} />
        {!failure && <p className="empty">Reading the status…</p>}
      </section>
    );
  }
  const stores = storesOf(status);
  const probes = status.agents.flatMap(({ host, probes }) => probes.map((probe): ProbeRow => ({ host, ...probe })));
  return (
    <section className="room" aria-label="Status">
      <header className="room-head">
        <h2>Status</h2>
        <span className="muted small">Canopy {status.version}</span>
      </header>
      {status.clockAheadMs > 0 && (
        <Problem message={`The analyzer's clock stepped back: new changes are stamped ${duration(status.clockAheadMs)} ahead of it.`} />
      )}
      <Figures status={status} />
      <Table
        title="Stores"
        heading="Stores"
        columns={stores.some(({ error }) => error !== null) ? [...STORES, WHY] : STORES}
        rows={stores}
        keyOf={({ name }) => name}
      />
      <Table
        title="Agents"
        heading="Agents"
        columns={AGENTS}
        rows={status.agents}
        keyOf={({ id }) => id}
        empty="No agent is known. Start one with: canopy agent --analyzer ADDRESS"
        onChoose={({ host }) => onSelect({ kind: 'group', id: `host:${host}` })}
      />
      <Table
        title="Probes"
        heading="Probes"
        columns={PROBES}
        rows={probes}
        keyOf={({ host, name }) => `${host} ${name}`}
        empty="No probe is known."
      />
      {mayAudit && <AuditSection />}
    </section>
  );
}

function Figures({ status }: { readonly status: Status }): JSX.Element {
  const { journal, subscriptions, agents } = status;
  const connected = agents.filter(({ state }) => state === 'CONNECTED').length;
  const offsets = agents.map(({ clockOffsetMs }) => Math.abs(clockOffsetMs ?? 0));
  const figures: readonly (readonly [string, string, string])[] = [
    ['Topology', `${count(status.nodes)} nodes`, `${count(status.edges)} edges, ${count(status.leases)} leases`],
    ['Runs for', duration(Date.parse(status.now) - Date.parse(status.startedAt)), `${bytes(status.residentBytes)} of memory`],
    [
      'History',
      `${count(journal.changes)} changes`,
      `${bytes(journal.bytes)} over ${duration(Date.parse(status.now) - Date.parse(status.oldest))}`,
    ],
    ['Agents', `${connected} of ${agents.length} connected`, `clocks within ${Math.max(0, ...offsets).toFixed(1)} ms`],
    [
      'Listeners',
      `${subscriptions.subscriptions} subscriptions`,
      `${subscriptions.connections} ${subscriptions.connections === 1 ? 'connection' : 'connections'}, ${subscriptions.groups} streams`,
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
