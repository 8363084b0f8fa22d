import type { JsonObject } from '../common/json.js';

export type ElementKind = 'node' | 'edge';
export type ElementId = string;

/** Rows of one table of an element (routes, neighbours, …), keyed by what identifies a row. Immutable: a change of a row makes a new table that shares the rest. */
export interface Table {
  readonly size: number;
  get(key: string): JsonObject | undefined;
  entries(): Iterable<readonly [string, JsonObject]>;
}

interface RevisionFields {
  readonly id: ElementId;
  readonly host: string;
  /** Who owns the element, `<service>.<host>`; only its origin writes its base. */
  readonly origin: string;
  /** When it appeared, changed last and went, on the axis of `at` (TIME.md), integer milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | undefined;
  /** The agent's own stamps for the first and the latest change, corrected by its clock offset; shown, never used to select. */
  readonly observedCreatedAt: number;
  readonly observedUpdatedAt: number;
  /** Counts from 1, one more for each stored change of the element. */
  readonly revision: number;
  /** Sequence number of the change that made this revision. */
  readonly seq: number;
  /** State as the owner wrote it, without tables and measurements. */
  readonly base: JsonObject;
  /** What other writers laid over it, by writer; `undefined` when nobody did. */
  readonly overlays: Readonly<Record<string, JsonObject>> | undefined;
  /** Base and overlays merged by path. The same object as `base` when there is no overlay. */
  readonly metadata: JsonObject;
  /** Tables by name; `undefined` when there are none. */
  readonly tables: Readonly<Record<string, Table>> | undefined;
}

/** One immutable state of a node. */
export interface NodeRevision extends RevisionFields {
  readonly kind: 'node';
}

/** One immutable state of an edge. Its ends never change: other ends are another edge. */
export interface EdgeRevision extends RevisionFields {
  readonly kind: 'edge';
  readonly parent: ElementId;
  readonly child: ElementId;
}

export type Revision = NodeRevision | EdgeRevision;
