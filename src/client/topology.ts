import { CanopyError } from '../common/errors.js';
import { EDGE_FIELDS, NODE_FIELDS, type EdgeRow, type ElementRow, type NodeRow, type PathChange } from './elements.js';
import type { Analyzer } from './analyzer.js';
import { follow } from './subscribe.js';

export interface TopologyChange {
  readonly op: 'ADDED' | 'UPDATED' | 'REMOVED';
  readonly at: string;
  readonly observedAt: string;
  readonly reason: string | null;
  readonly element: ElementRow;
  readonly paths: readonly PathChange[];
}

/** What a follower of the topology hears. */
export type TopologyNews =
  | {
      readonly kind: 'present';
      readonly nodes: readonly NodeRow[];
      readonly edges: readonly EdgeRow[];
      readonly isComplete: boolean;
      readonly cursor: string | undefined;
    }
  | { readonly kind: 'changes'; readonly changes: readonly TopologyChange[]; readonly cursor: string }
  /** The thread is lost: what was known is void, and the picture follows anew. */
  | { readonly kind: 'restart'; readonly reason: string };

export interface TopologyWatch {
  readonly filter?: object;
  /** Continue after this cursor instead of beginning with the picture. */
  readonly after?: string;
  readonly signal: AbortSignal;
  onLost?(error: CanopyError): void;
}

const DOCUMENT = `subscription Watch($filter: TopologyFilter, $after: Cursor) {
  topologyChanges(filter: $filter, after: $after) {
    __typename
    ... on TopologySnapshot { nodes { ...NodeFields } edges { ...EdgeFields } cursor complete }
    ... on TopologyChanges {
      changes { op at observedAt reason paths { path before after } element { ... on Node { ...NodeFields } ... on Edge { ...EdgeFields } } }
      cursor
    }
    ... on EventsLost { count lostAfter: after }
    ... on ResyncRequired { reason oldest }
  }
}
${NODE_FIELDS}
${EDGE_FIELDS}`;

type WireEvent =
  | {
      readonly __typename: 'TopologySnapshot';
      readonly nodes: NodeRow[];
      readonly edges: EdgeRow[];
      readonly cursor: string | null;
      readonly complete: boolean;
    }
  | { readonly __typename: 'TopologyChanges'; readonly changes: TopologyChange[]; readonly cursor: string }
  | { readonly __typename: 'EventsLost'; readonly count: number; readonly lostAfter: string }
  | { readonly __typename: 'ResyncRequired'; readonly reason: string; readonly oldest: string };

/**
 * The picture, then every change to it, across lost connections: each continues after the last cursor, so nothing is missed and nothing comes twice. When the
 * analyzer no longer has what follows the cursor, `restart` comes and then a new picture. With an `after` of the caller's own that is too old it throws `RESYNC_REQUIRED`.
 */
export async function* watchTopology(analyzer: Analyzer, watch: TopologyWatch): AsyncGenerator<TopologyNews, void, undefined> {
  let cursor = watch.after;
  let isResumed = watch.after !== undefined;
  let hasPart = false;
  for (;;) {
    let mustRestart = false;
    const events = follow<{ topologyChanges: WireEvent }>(analyzer, {
      signal: watch.signal,
      resume: () => ({ document: DOCUMENT, variables: { filter: watch.filter, after: cursor } }),
      onLost: (error) => {
        // Half a picture has no cursor: it begins again.
        mustRestart = hasPart;
        watch.onLost?.(error);
      },
    });
    for await (const { topologyChanges: event } of events) {
      if (mustRestart) {
        mustRestart = hasPart = false;
        yield { kind: 'restart', reason: 'the connection was lost within the picture' };
      }
      if (event.__typename === 'TopologySnapshot') {
        hasPart = !event.complete;
        cursor = event.cursor ?? undefined;
        yield { kind: 'present', nodes: event.nodes, edges: event.edges, isComplete: event.complete, cursor };
      } else if (event.__typename === 'TopologyChanges') {
        isResumed = false;
        cursor = event.cursor;
        yield { kind: 'changes', changes: event.changes, cursor };
      } else if (event.__typename === 'EventsLost') {
        yield { kind: 'restart', reason: `${event.count} changes were skipped` };
      } else {
        if (isResumed)
          throw new CanopyError('RESYNC_REQUIRED', `cannot continue after this cursor: ${event.reason}\nStart without --after.`);
        yield { kind: 'restart', reason: event.reason };
        mustRestart = true;
        break;
      }
    }
    if (!mustRestart || watch.signal.aborted) return;
    cursor = undefined;
  }
}
