import type { Json } from '../common/json.js';
import type { Change, ElementChange, GapReason } from '../graph/change.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../graph/element.js';
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

/** A statement in the language of a home, about one instant, and what the columns of its answer hold. */
export interface HomeQuery {
  readonly text: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly columns: Readonly<Record<string, 'node' | 'edge' | 'value'>>;
}

/** A row of the answer by its columns. An element that comes again is the same object. */
export type HomeRow = Readonly<Record<string, Revision | Json | undefined>>;

/** One question in two forms: the second is for a home that stands exactly at the place that is asked about. */
export type HomeQueries = Readonly<Record<'past' | 'present', HomeQuery>>;

export interface HomeQueryOptions {
  /** The caller does not wait any more. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Told of rows as they arrive; throws when they are too many. */
  readonly spend?: (rows: number) => void;
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
  /**
   * For homes that can be asked in a language of their own: what the question finds in the graph after the change at the position, which `resolve` has given
   * for the instant `at`. `undefined` when the home cannot tell: it is away, has not followed so far, or moved on meanwhile.
   */
  run?(
    queries: HomeQueries,
    place: { readonly position: Position; readonly at: number },
    options?: HomeQueryOptions,
  ): Promise<readonly HomeRow[] | undefined>;
}
