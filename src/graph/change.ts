import type { JsonObject } from '../common/json.js';
import type { Revision } from './element.js';

/** `suspended` is book-keeping for edges that wait for an end: stored, never shown (see `leavesSuspended`). */
export type ChangeOp = 'added' | 'updated' | 'removed' | 'suspended';

export type ChangeReason = 'REMOVED' | 'AGENT_LOST' | 'LEASE_EXPIRED' | 'END_MISSING';

/** Rows that one change touched: `null` for a row that went. */
export type RowChanges = Readonly<Record<string, Readonly<Record<string, JsonObject | null>>>>;

/** One change of one element: what the log, the journal, history and subscriptions carry. Immutable. */
export interface ElementChange {
  readonly seq: number;
  /** On the axis of `at`: never falls as `seq` rises (TIME.md). */
  readonly at: number;
  /** The agent's stamp, corrected, and not later than `at`. */
  readonly observedAt: number;
  readonly op: ChangeOp;
  /** The element after the change; for a removal its last state with `deletedAt`. */
  readonly element: Revision;
  /** The revision that the change replaced; `undefined` where the element was not visible before. */
  readonly before: Revision | undefined;
  readonly reason: ChangeReason | undefined;
  /** Rows by table; `undefined` when no table changed. */
  readonly rows: RowChanges | undefined;
}

export type GapReason = 'ANALYZER_DOWN' | 'AGENT_LOST' | 'AGENT_DIRTY' | 'PROBE_DOWN';

/** What was not watched begins or ends: the log's other kind of entry. `since` is where the gap began when it is only known afterwards. */
export interface CoverageChange {
  readonly seq: number;
  readonly at: number;
  readonly op: 'gapOpened' | 'gapClosed';
  readonly reason: GapReason;
  /** Start of the gap; for `ANALYZER_DOWN` before `at`, because nobody was there to log it. */
  readonly since: number;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly probe: string | undefined;
}

export type Change = ElementChange | CoverageChange;

export const isElementChange = (change: Change): change is ElementChange => 'element' in change;

/**
 * Whether the graph still knows the edge after the change, but does not show it: its end went (`removed` because of `END_MISSING`), or it came or changed
 * while an end was missing (`suspended`). A `suspended` change whose element has a `deletedAt` says that the waiting edge was given up.
 */
export const leavesSuspended = (change: ElementChange): boolean =>
  (change.op === 'removed' && change.reason === 'END_MISSING') || (change.op === 'suspended' && change.element.deletedAt === undefined);
