import type { Connections } from './connections.js';
import type { FlowDatagrams } from '../compat/agents/datagrams.js';
import type { CompatDoor } from '../compat/ws/door.js';
import type { FlowStore } from '../flowstore/store.js';
import type { Hub } from '../hub/hub.js';
import type { Recorder } from '../journal/recorder.js';
import type { SampleStore } from '../samples/store.js';
import type { OpenedHistory } from './history.js';
import type { LoadGate } from './load.js';
import type { Figure } from './metrics.js';
import type { ClientSocket } from './subscriptions/clientSocket.js';
import type { Groups } from './subscriptions/groups.js';

/** What the figures are read from. */
export interface FigureSources {
  readonly recorder: Recorder;
  readonly past: OpenedHistory;
  readonly samples: SampleStore;
  readonly flowStore: FlowStore;
  readonly liveFlows: () => number;
  readonly hub: Hub;
  readonly groups: Groups;
  readonly clients: ClientSocket;
  /** Made after the figures. */
  readonly oldClients: () => Pick<CompatDoor, 'clients' | 'counters' | 'flowsHeld'>;
  /** `undefined` until the analyzer serves. */
  readonly datagrams: () => FlowDatagrams | undefined;
  readonly load: LoadGate;
  readonly connections: Connections;
}

type Read = Figure['read'];
const gauge = (name: string, help: string, read: Read, label?: string): Figure => ({ name, help, kind: 'gauge', label, read });
const counter = (name: string, help: string, read: Read, label?: string): Figure => ({ name, help, kind: 'counter', label, read });

/** What `/metrics` shows of Canopy itself, by room. */
export const figures = (sources: FigureSources): readonly Figure[] => [
  ...journalFigures(sources),
  ...hubFigures(sources),
  ...projectionFigures(sources),
  ...flowFigures(sources),
  ...subscriptionFigures(sources),
  ...oldFigures(sources),
  gauge('event_loop_lateness_seconds', 'Mean lateness of the event loop in the last second', () => sources.load.latenessMs / 1_000),
  counter('connections_refused_total', 'Connections cut because too many stood with their address', () => sources.connections.refused),
  gauge('connections', 'Connections of any kind', () => sources.connections.open),
  counter(
    'connections_slow_total',
    'Connections cut because a request or a message took too long to arrive',
    () => sources.connections.slow,
  ),
  counter(
    'connections_silent_total',
    'WebSockets of clients cut because they answered no ping',
    () => sources.clients.silent + sources.oldClients().counters.silent,
  ),
  counter('operations_shed_total', 'Queries and subscriptions refused because of load', () => sources.load.refused),
  gauge(
    'cache_bytes',
    'Bytes held by caches',
    () => {
      const { viewBytes, revisionBytes } = sources.past.embedded.status();
      return [
        ['views', viewBytes + sources.past.pictureBytes()],
        ['revisions', revisionBytes],
        ['subscriptions', sum(sources.groups, 'bytes')],
      ];
    },
    'cache',
  ),
];

const journalFigures = ({ recorder, samples }: FigureSources): readonly Figure[] => [
  gauge('nodes', 'Nodes in the live graph', () => recorder.graph.stats().nodes),
  gauge('edges', 'Edges in the live graph', () => recorder.graph.stats().edges),
  gauge('suspended_edges', 'Edges that wait for an end', () => recorder.graph.stats().suspended),
  gauge('governor_held', 'Elements with changes that wait in the governor', () => recorder.graph.stats().held),
  counter('governor_merged_total', 'Changes that the governor merged into later ones', () => recorder.graph.stats().merged),
  gauge('open_views', 'Steady views of the graph that are being read', () => recorder.graph.stats().openViews),
  counter('changes_total', 'Changes in the log since it began', () => recorder.status().lastSeq),
  gauge('durable_lag_seconds', 'How long the oldest change waits for the disk', () => recorder.status().durableLagMs / 1_000),
  gauge('tail_changes', 'Changes applied and not yet durable', () => recorder.status().tailChanges),
  gauge('tail_bytes', 'Bytes applied and not yet durable', () => recorder.status().tailBytes),
  gauge('journal_bytes', 'Bytes of the journal on disk', () => recorder.status().journalBytes),
  counter('journal_commits_total', 'Commits of the journal', () => recorder.status().commits),
  counter('journal_refusals_total', 'Commits that the disk refused', () => recorder.status().retries),
  gauge('journal_failing', '1 while the disk refuses', () => (recorder.status().error === undefined ? 0 : 1)),
  gauge('clock_freeze_seconds', 'How far the clock is behind the last change', () => recorder.status().clockFreezeMs / 1_000),
  gauge('samples_queued', 'Measurements that wait for their store', () => samples.status().queued),
  counter('samples_stored_total', 'Measurements stored since the start', () => samples.status().stored),
  counter('samples_dropped_total', 'Measurements lost because their store could not follow', () => samples.status().dropped),
  gauge('samples_bytes', 'Bytes of the store of measurements', () => samples.status().bytes),
];

/** Nothing where no database follows. */
const projectionFigures = ({ past }: FigureSources): readonly Figure[] => [
  gauge('projection_up', '1 while Neo4j follows the journal', () => {
    const projection = past.projection();
    return projection && Number(projection.state === 'FOLLOWING' || projection.state === 'REBUILDING');
  }),
  gauge('projection_lag_changes', 'Durable changes that are not in Neo4j yet', () => past.projection()?.behind),
  gauge('projection_lag_seconds', 'How long the oldest of them waits', () => {
    const projection = past.projection();
    return projection && projection.lagMs / 1_000;
  }),
  counter('projection_changes_total', 'Changes written to Neo4j', () => past.projection()?.written),
  counter('projection_retries_total', 'Writes to Neo4j that failed and were tried again', () => past.projection()?.retries),
  gauge('projection_set_aside', 'Changes that Neo4j refused', () => past.projection()?.setAside.length),
];

const flowFigures = ({ flowStore, liveFlows }: FigureSources): readonly Figure[] => [
  gauge('flows_live', 'Flows of the present that are kept at hand', liveFlows),
  counter('flow_updates_stored_total', 'Updates of flows stored since the start', () => flowStore.status().stored),
  counter('flow_batches_dropped_total', 'Batches of flows lost because their store could not follow', () => flowStore.status().dropped),
  gauge('flow_store_bytes', 'Bytes of the store of flows', () => flowStore.status().bytes),
];

const hubFigures = ({ hub }: FigureSources): readonly Figure[] => {
  const { counters } = hub;
  return [
    gauge('agent_sessions', 'Connected agents', () => hub.sessionCount),
    gauge(
      'agent_clock_offset_seconds',
      "An agent's clock minus the analyzer's",
      () => hub.agents().flatMap(({ origin, offsetMs }) => (offsetMs === undefined ? [] : [[origin, offsetMs / 1_000] as const])),
      'origin',
    ),
    counter('agent_sessions_total', 'Sessions of agents', () => counters.sessionsOpened),
    counter('agent_sessions_closed_total', 'Sessions that ended, by close code', () => counters.sessionsClosed, 'code'),
    counter('agent_upgrades_refused_total', 'Connections refused at the door, by reason', () => counters.upgradesRefused, 'reason'),
    counter('agent_messages_total', 'Messages of agents, by kind', () => counters.messages, 'kind'),
    counter('flows_received_total', 'Flows in batches of agents', () => counters.flowsReceived),
    counter('flows_lost_total', 'Flows that agents could not send, by reason', () => counters.flowsLost, 'reason'),
    counter('flows_not_stored_total', 'Flows that were received and not kept', () => counters.flowsNotStored),
    counter('agent_received_bytes_total', 'Bytes received from agents', () => counters.bytesReceived),
    counter('agent_sent_bytes_total', 'Bytes sent to agents', () => counters.bytesSent),
    counter('agent_violations_total', 'Messages that broke the protocol, by kind', () => counters.violations, 'kind'),
    counter('agent_deltas_applied_total', 'Deltas applied', () => counters.deltasApplied),
    counter('agent_deltas_duplicate_total', 'Deltas that had been applied before', () => counters.deltasDuplicate),
    counter('agent_deltas_skipped_total', 'Deltas that the awaited picture has', () => counters.deltasSkipped),
    counter('agent_deltas_rejected_total', 'Deltas that the graph rejected, by code', () => counters.deltasRejected, 'code'),
    counter('agent_delta_gaps_total', 'Gaps in the numbering of deltas', () => counters.gaps),
    counter('agent_resumes_total', 'Sessions that went on where they were', () => counters.resumes),
    counter('reconciliations_total', 'Whole pictures of agents, by reason', () => counters.pictures, 'reason'),
    counter('reconciled_elements_total', 'Elements in those pictures', () => counters.reconciledElements),
    counter('reconciled_differences_total', 'Changes that those pictures made', () => counters.reconciledDifferences),
    counter('agents_lost_total', 'Agents that stayed away', () => counters.agentsLost),
    counter('elements_closed_total', 'Elements closed because their agent stayed away', () => counters.elementsClosed),
    counter('quota_refusals_total', 'Deltas refused by quota, by kind', () => counters.quotaRefusals, 'quota'),
    counter('ingest_pauses_total', 'How often reading stopped because the journal was full', () => counters.pauses),
  ];
};

const subscriptionFigures = ({ groups, clients }: FigureSources): readonly Figure[] => {
  const { counters } = groups;
  return [
    gauge('client_connections', 'WebSocket connections of clients', () => clients.connections),
    gauge('subscriptions', 'Subscriptions', () => clients.subscriptions),
    gauge('subscription_groups', 'Streams that subscriptions share', () => groups.size),
    gauge('ring_lag_events', 'Events that the slowest subscriber on a ring is behind', () => {
      let lag = 0;
      for (const group of groups.all()) lag = Math.max(lag, group.lag);
      return lag;
    }),
    counter('subscription_events_total', 'Events executed, once for each group', () => counters.events),
    counter('subscription_deliveries_total', 'Messages handed to sockets', () => counters.delivered),
    counter('subscription_ring_falls_total', 'Subscribers that were too slow for the ring', () => counters.fellOff),
    counter('resyncs_total', 'Cursors that led nowhere', () => counters.resyncs),
    counter('lost_changes_total', 'Changes skipped because telling them would have taken too much', () => counters.lostChanges),
  ];
};

const oldFigures = ({ oldClients, datagrams }: FigureSources): readonly Figure[] => [
  gauge('old_clients', 'Clients and agents of Skydive that are connected', () => oldClients().clients.length),
  counter('old_client_messages_total', 'Messages of old clients', () => oldClients().counters.received),
  counter('old_client_messages_refused_total', 'Those that made no sense or were not allowed', () => oldClients().counters.refused),
  counter('old_client_messages_sent_total', 'Messages to old clients', () => oldClients().counters.sent),
  counter('old_clients_too_slow_total', 'Old clients that were closed because they read too slowly', () => oldClients().counters.tooSlow),
  gauge('old_flows_held', 'Flows of old agents that wait until it is known how their parts are numbered', () => oldClients().flowsHeld),
  counter('old_flow_datagrams_total', 'Datagrams with flows', () => datagrams()?.counters.received),
  counter('old_flow_datagrams_refused_total', 'Those from where no agent is connected', () => datagrams()?.counters.refused),
];

function sum(groups: Groups, field: 'bytes'): number {
  let total = 0;
  for (const group of groups.all()) total += group[field];
  return total;
}
