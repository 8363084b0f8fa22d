import type { JsonObject } from '../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision } from './element.js';
import type { Position } from './position.js';

/** Metadata keys and fields that every home indexes; values are compared as texts. */
export const INDEXED_KEYS = ['Type', 'Name', 'TID', 'MAC', 'IPV4', 'host', 'origin'] as const;
export type IndexedKey = (typeof INDEXED_KEYS)[number];

/** The graph at one instant, live or past. Never changes under its reader. Edges in it always have both ends in it. */
export interface GraphView {
  readonly position: Position;
  /** The resolved instant in milliseconds. */
  readonly at: number;
  /** Whether the present is being looked at: only then are measurements current. */
  readonly isLive: boolean;
  readonly nodeCount: number;
  readonly edgeCount: number;
  node(id: ElementId): NodeRevision | undefined;
  edge(id: ElementId): EdgeRevision | undefined;
  nodes(): Iterable<NodeRevision>;
  edges(): Iterable<EdgeRevision>;
  /** Edges whose parent is the node. */
  outEdges(id: ElementId): Iterable<EdgeRevision>;
  /** Edges whose child is the node. */
  inEdges(id: ElementId): Iterable<EdgeRevision>;
  /** Nodes whose indexed key has the value (for a list: one of its values; `IPV4` with or without prefix length). */
  nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision>;
  /** Latest measurements of an element as a nested object, as far as this view knows them. */
  measurements(id: ElementId): JsonObject | undefined;
  /** Lets go of what keeps the view steady; reading afterwards is an error of the caller. */
  release(): void;
}
