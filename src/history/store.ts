import type { Change, ElementChange, GapReason } from '../graph/change.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import type { GraphView } from '../graph/view.js';

/** Positions after `after` up to and with `to`; left out: from the first kept, up to the newest. */
export interface PositionRange {
  readonly after?: Position;
  readonly to?: Position;
}

export interface ElementFilter {
  readonly kind?: 'node' | 'edge';
  readonly ids?: ReadonlySet<ElementId>;
}

/** A stretch of time in which something was not watched; `to` is left out while it lasts. */
export interface CoverageGap {
  readonly from: number;
  readonly to: number | undefined;
  readonly reason: GapReason;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly probe: string | undefined;
}

/** Counts of changes in one step of time. */
export interface ChangeCount {
  readonly start: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}

/** The past of the graph. Two homes, `embedded/` and later `neo4j/`, pass one behaviour suite. Answers include what is applied and not yet durable. */
export interface HistoryStore {
  /** Position of the last change with `at` ≤ instant (TIME.md); an instant in the future means now. Seals the instant. */
  resolve(instant: number): Promise<{ readonly position: Position; readonly at: number }>;
  /** Whether a cursor still leads on; the reason when not. */
  check(position: Position): 'good' | 'lost-in-crash' | 'pruned' | 'in-future';
  /** The graph as it was after the change at the position. Steady until released. */
  at(position: Position): Promise<GraphView>;
  /** One node after the change at the position; reads no other. */
  node(id: ElementId, position: Position): Promise<NodeRevision | undefined>;
  /** One edge after the change at the position; reads no other. */
  edge(id: ElementId, position: Position): Promise<EdgeRevision | undefined>;
  changes(range: PositionRange, filter?: ElementFilter): AsyncIterable<Change>;
  /** Changes of each element, newest first, in the order of the ids. */
  revisions(ids: readonly ElementId[], range?: PositionRange & { readonly limit?: number }): Promise<readonly (readonly ElementChange[])[]>;
  /** Changes by kind for each step of [from, to); every step is present, also an empty one. Without filter from an index, no element is read. */
  histogram(from: number, to: number, stepMs: number, filter?: ElementFilter): Promise<readonly ChangeCount[]>;
  /** Gaps that touch [from, to]. */
  gaps(from: number, to: number): Promise<readonly CoverageGap[]>;
  /** Oldest position and instant that can still be asked for. */
  oldest(): { readonly position: Position; readonly at: number };
  prune(before: Position): Promise<void>;
}
