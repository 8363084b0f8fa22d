import type { Position } from '../graph/position.js';
import type { Asker } from './asker.js';
import type { Awaitable } from './awaitable.js';
import { ChangeView } from './changeView.js';
import { EdgeView } from './edgeView.js';
import type { NodeFilter } from '../graph/filter/nodeFilter.js';
import type { TopologyFilter } from './filters/inputs.js';
import { compileSelection, type Selection } from './filters/selection.js';
import { badValue } from '../graph/filter/badValue.js';
import type { MetricsBatch, TopologyEvent } from './live/events.js';
import type { Feed, LiveServiceContract } from './live/feed.js';
import type { Gremlin } from './gremlin.js';
import { GremlinFeed, gremlinReader, type GremlinChange } from './gremlinChanges.js';
import { EVERYTHING, type LiveScope } from './live/scope.js';
import { nodeViewOf } from './nodeViews.js';
import { compileOverview, type Overview, type OverviewQuery } from './overview.js';
import type { Places } from './placement/places.js';
import type { ReadScope } from './readScope.js';
import type { Status, StatusService } from './status.js';
import { requireRight, type Viewer } from './viewer.js';

/** Milliseconds between two events unless asked for otherwise: below what an eye tells apart. */
const BATCH_EVERY_MS = 50;
/** Changes in one event unless asked for otherwise. */
const BATCH_MAX = 500;
const BATCH_MAX_LIMIT = 10_000;
const OVERVIEW_EVERY_MS = 1_000;
const METRICS_EVERY_MS = 5_000;
const STATUS_EVERY_MS = 1_000;
const GREMLIN_EVERY_MS = 1_000;
/** Milliseconds after which a string is run again although the graph is as it was: `At('-1m')`, metrics and flows move by themselves. */
const GREMLIN_QUIET_MS = 10_000;
/** Shortest time that a client may ask for between two looks at what is worked out anew each time. */
const LEAST_EVERY_MS = 100;

export interface TopologyStreamQuery {
  readonly filter?: TopologyFilter | null;
  readonly after?: Position | null;
  readonly batch?: { readonly every?: number | null; readonly max?: number | null } | null;
}

export interface OverviewStreamQuery extends OverviewQuery {
  readonly every?: number | null;
}

export interface MetricsStreamQuery {
  readonly nodes: NodeFilter;
  readonly every?: number | null;
}

export interface GremlinStreamQuery {
  readonly query: string;
  readonly every?: number | null;
}

/** A value of the present, with what it was read through. */
export interface Looked<Value> {
  readonly value: Value;
  readonly scope: ReadScope;
}

/** What can be listened to. Arguments are checked here; how equal listeners share one stream is the live service's matter. */
export class Streams {
  constructor(
    private readonly live: LiveServiceContract,
    private readonly status: StatusService,
    private readonly gremlin: Gremlin,
    private readonly openScope: (viewer: Pick<Viewer, 'sight'>) => ReadScope,
    private readonly places: Places,
  ) {}

  /** Throws `BAD_INPUT` for a wrong filter or batch. */
  topologyChanges({ viewer }: Asker, { filter, after, batch }: TopologyStreamQuery): Feed<TopologyEvent> {
    requireRight(viewer, 'topology', 'read');
    const maxChanges = batch?.max ?? BATCH_MAX;
    if (maxChanges < 1 || maxChanges > BATCH_MAX_LIMIT)
      throw badValue('batch.max', maxChanges, `a number of changes from 1 to ${BATCH_MAX_LIMIT}`);
    const scope = liveScopeOf(compileSelection(filter));
    return this.live.topologyChanges({
      scope,
      sight: viewer.sight,
      after: after ?? undefined,
      everyMs: batch?.every ?? BATCH_EVERY_MS,
      maxChanges,
    });
  }

  /** The overview, again whenever it is different. */
  overviewChanges({ viewer }: Asker, { every, ...query }: OverviewStreamQuery): Feed<Looked<Overview>> {
    requireRight(viewer, 'topology', 'read');
    const read = compileOverview(query, this.places, viewer.sight);
    return this.#watch(viewer, checkEvery(every, OVERVIEW_EVERY_MS), undefined, (scope) => read(scope.present()), overviewFingerprint);
  }

  /** Measurements of the nodes that match, as they arrive. */
  metrics({ viewer }: Asker, { nodes, every }: MetricsStreamQuery): Feed<MetricsBatch> {
    requireRight(viewer, 'topology', 'read');
    const scope = liveScopeOf(compileSelection({ nodes }, ''));
    return this.live.metrics({ scope, sight: viewer.sight, everyMs: checkEvery(every, METRICS_EVERY_MS) });
  }

  /** The status, again whenever more than its clock is different. */
  statusChanges({ viewer }: Asker): Feed<Looked<Status>> {
    requireRight(viewer, 'status', 'read');
    return this.#watch(viewer, STATUS_EVERY_MS, undefined, (scope) => this.status.read({ viewer, scope }), statusFingerprint);
  }

  /** What enters, changes in and leaves the result of a string. Throws `GREMLIN_SYNTAX`, `BAD_INPUT`. */
  gremlinChanges(asker: Asker, { query, every }: GremlinStreamQuery): Feed<GremlinChange> {
    this.gremlin.explain(asker, query);
    let looks = 0;
    const run = gremlinReader(this.gremlin, asker, query);
    // Every outcome is handed on: what is different in it is found by comparing, not by its text.
    const outcomes = this.#watch(asker.viewer, checkEvery(every, GREMLIN_EVERY_MS), GREMLIN_QUIET_MS, run, () => String(looks++));
    return new GremlinFeed(outcomes, this.gremlin.entriesInAnswer);
  }

  #watch<Value>(
    viewer: Viewer,
    everyMs: number,
    quietMs: number | undefined,
    read: (scope: ReadScope) => Awaitable<Value>,
    fingerprint: (value: Value) => string,
  ): Feed<Looked<Value>> {
    return this.live.watch<Looked<Value>>({
      everyMs,
      quietMs,
      read: async () => {
        const scope = this.openScope(viewer);
        try {
          return { value: await read(scope), scope };
        } catch (error) {
          scope.release();
          throw error;
        }
      },
      fingerprint: ({ value }) => fingerprint(value),
      release: ({ scope }) => scope.release(),
    });
  }
}

function checkEvery(every: number | null | undefined, normal: number): number {
  const everyMs = every ?? normal;
  if (everyMs < LEAST_EVERY_MS) throw badValue('every', `${everyMs}ms`, `at least ${LEAST_EVERY_MS}ms`);
  return everyMs;
}

/** The part of the graph that a stream follows. */
export function liveScopeOf(selection: Selection): LiveScope {
  if (selection.isAll) return EVERYTHING;
  const { ownNode, matchesEdge } = selection;
  return ownNode === undefined
    ? { reach: 'others', select: (view) => selection.in(view) }
    : { reach: 'own', matchesNode: ownNode, matchesEdge };
}

const overviewFingerprint = ({ groups, links }: Overview): string =>
  JSON.stringify([groups.map(({ node, ...group }) => ({ ...group, node: node?.key })), links]);

function statusFingerprint({ now: _now, residentBytes: _memory, samples, flows, agents, ...status }: Status): string {
  const steady = agents.map(({ lastSeenAt: _seen, clockOffsetMs: _offset, ...agent }) => agent);
  return JSON.stringify([status, steady, samples.dropped, samples.error, flows.dropped, flows.error]);
}

/** An object of one of the types of `TopologyEvent`. */
export interface ShownEvent {
  readonly __typename: 'TopologySnapshot' | 'TopologyChanges' | 'EventsLost' | 'ResyncRequired';
  readonly [field: string]: unknown;
}

/** An event with the fields of its type in the schema. Elements in it have their own fields only. */
export function shownEvent(event: TopologyEvent): ShownEvent {
  switch (event.kind) {
    case 'snapshot':
      return {
        __typename: 'TopologySnapshot',
        nodes: event.nodes.map((node) => nodeViewOf(node, undefined)),
        edges: event.edges.map((edge) => new EdgeView(edge, undefined)),
        cursor: event.position,
        complete: event.complete,
      };
    case 'changes':
      return {
        __typename: 'TopologyChanges',
        changes: event.changes.map((change) => new ChangeView(change)),
        cursor: event.position,
      };
    case 'lost':
      return { __typename: 'EventsLost', count: event.count, after: event.after };
    case 'resync':
      return { __typename: 'ResyncRequired', reason: event.reason, oldest: event.oldest };
  }
}

/** A batch of measurements with the fields of its type in the schema. */
export const shownMetrics = ({ at, samples }: MetricsBatch) => ({
  at,
  samples: samples.map(({ node, ...sample }) => ({ ...sample, node: nodeViewOf(node, undefined) })),
});
