import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { Kind } from '../kinds.js';
import type { Run } from './run.js';

/** A graph that steps read: one instant, or all revisions of a stretch of time. */
export interface QueriedGraph extends GraphView {
  /** Only for a stretch of time: every revision of the node in it, oldest first. `node` gives the last. */
  readonly nodeRevisions?: (id: ElementId) => readonly NodeRevision[];
}

/** The stretch of time that `At` set, in milliseconds; a single instant has `from` equal to `to`. */
export interface TimeSlice {
  readonly from: number;
  readonly to: number;
}

/** What steps hand on, in pieces, so that nothing has to be there whole and nobody has to wait for the end. A piece may be empty. */
export type Rows<T> = Iterable<readonly T[]>;

/** The state between two steps. */
export interface Traversal {
  readonly kind: Kind;
  readonly graph: QueriedGraph;
  /** `undefined`: the present. */
  readonly slice: TimeSlice | undefined;
  /** What `As` put aside. */
  readonly marks: Map<string, readonly NodeRevision[]>;
  readonly rows: Rows<unknown>;
}

/** What a step changes of it. */
export type Step = Partial<Omit<Traversal, 'kind'>>;

export type Executor = (input: Traversal, run: Run) => Step | Promise<Step>;

// The plan has checked the kinds, so each step knows what its rows are.

export const nodesIn = (input: Traversal): Rows<NodeRevision> => input.rows as Rows<NodeRevision>;
export const edgesIn = (input: Traversal): Rows<EdgeRevision> => input.rows as Rows<EdgeRevision>;
export const elementsIn = (input: Traversal): Rows<NodeRevision | EdgeRevision> => input.rows as Rows<NodeRevision | EdgeRevision>;

/** Rows of kinds that answer by id: metrics, sockets, next hops. */
export type Keyed<T> = readonly [id: ElementId, entry: T];
