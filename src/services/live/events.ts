import type { ChangeReason, RowChanges } from '../../graph/change.js';
import type { EdgeRevision, NodeRevision, Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';

/** What happened to an element as one subscriber sees it: an element that starts matching appears, one that stops goes. */
export type LiveOp = 'ADDED' | 'UPDATED' | 'REMOVED';

/** Why, where it is known; the last two say that the element is still there and only its membership changed. */
export type LiveReason = ChangeReason | 'STARTED_MATCHING' | 'STOPPED_MATCHING';

/** One change of one element in a stream. */
export interface LiveChange {
  readonly op: LiveOp;
  /** On the axis of `at` (TIME.md), milliseconds. */
  readonly at: number;
  /** The agent's stamp, corrected, milliseconds. */
  readonly observedAt: number;
  /** Where in the log it stands; a change of membership without a change of the element stands where its batch ends. */
  readonly position: Position;
  readonly element: Revision;
  /** The revision that it replaced; `undefined` for `ADDED` and for `REMOVED` of membership. */
  readonly before: Revision | undefined;
  readonly reason: LiveReason | undefined;
  readonly rows: RowChanges | undefined;
}

/** One page of the picture. `position` and `complete` on the last only. */
export interface SnapshotPage {
  readonly kind: 'snapshot';
  readonly nodes: readonly NodeRevision[];
  readonly edges: readonly EdgeRevision[];
  readonly position: Position | undefined;
  readonly complete: boolean;
}

/** Changes up to `position`; never a part of a delta batch; empty when only the position moved. */
export interface ChangeBatch {
  readonly kind: 'changes';
  readonly changes: readonly LiveChange[];
  readonly position: Position;
}

/** Catching up would have cost more than its budget: so many changes of the log after `after` were skipped; a snapshot follows. */
export interface ChangesLost {
  readonly kind: 'lost';
  readonly count: number;
  readonly after: Position;
}

/** The cursor leads nowhere any more; the stream ends after this. */
export interface ResyncNeeded {
  readonly kind: 'resync';
  readonly reason: string;
  readonly oldest: Position;
}

export type TopologyEvent = SnapshotPage | ChangeBatch | ChangesLost | ResyncNeeded;

/** Measurements of one node since the batch before. */
export interface NodeSample {
  readonly node: NodeRevision;
  /** When they were measured, milliseconds. */
  readonly at: number;
  /** Values by dotted metadata path. */
  readonly values: Readonly<Record<string, number>>;
}

/** Samples of the nodes that match, at most one batch in each `every`. */
export interface MetricsBatch {
  readonly kind: 'metrics';
  readonly at: number;
  readonly samples: readonly NodeSample[];
}
