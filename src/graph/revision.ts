import type { JsonObject } from '../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision, Table } from './element.js';
import { mergeOverlays } from './metadataPath.js';

export type Overlays = Readonly<Record<string, JsonObject>> | undefined;
export type Tables = Readonly<Record<string, Table>> | undefined;

/** What writers have said about an element: all that a revision holds apart from identity, times and numbers. */
export interface Layers {
  readonly host: string;
  readonly base: JsonObject;
  readonly overlays: Overlays;
  /** Base and overlays merged. */
  readonly metadata: JsonObject;
  readonly tables: Tables;
}

export const layersOf = (host: string, base: JsonObject, overlays: Overlays, tables: Tables): Layers => ({
  host,
  base,
  overlays,
  metadata: mergeOverlays(base, overlays),
  tables,
});

/** Where in time and in the log a change is. */
export interface Stamp {
  readonly seq: number;
  readonly at: number;
  readonly observedAt: number;
  /** When what is new here appeared, if that was before. */
  readonly appearedAt?: number;
}

// The literals below keep one order of keys each, so that all revisions of a kind share one hidden class.

/** A node as it appears. `revision` continues where an earlier life of the id ended. */
export const newNode = (id: ElementId, origin: string, revision: number, stamp: Stamp, layers: Layers): NodeRevision => ({
  kind: 'node',
  id,
  host: layers.host,
  origin,
  createdAt: stamp.at,
  updatedAt: stamp.at,
  deletedAt: undefined,
  observedCreatedAt: Math.min(stamp.appearedAt ?? stamp.observedAt, stamp.observedAt),
  observedUpdatedAt: stamp.observedAt,
  revision,
  seq: stamp.seq,
  base: layers.base,
  overlays: layers.overlays,
  metadata: layers.metadata,
  tables: layers.tables,
});

/** An edge as it appears. */
export const newEdge = (
  id: ElementId,
  origin: string,
  parent: ElementId,
  child: ElementId,
  revision: number,
  stamp: Stamp,
  layers: Layers,
): EdgeRevision => ({
  kind: 'edge',
  id,
  host: layers.host,
  origin,
  createdAt: stamp.at,
  updatedAt: stamp.at,
  deletedAt: undefined,
  observedCreatedAt: Math.min(stamp.appearedAt ?? stamp.observedAt, stamp.observedAt),
  observedUpdatedAt: stamp.observedAt,
  revision,
  seq: stamp.seq,
  base: layers.base,
  overlays: layers.overlays,
  metadata: layers.metadata,
  tables: layers.tables,
  parent,
  child,
});

/** The next revision of a node that goes on living. */
export const nextNode = (previous: NodeRevision, stamp: Stamp, layers: Layers): NodeRevision => ({
  kind: 'node',
  id: previous.id,
  host: layers.host,
  origin: previous.origin,
  createdAt: previous.createdAt,
  updatedAt: stamp.at,
  deletedAt: undefined,
  observedCreatedAt: previous.observedCreatedAt,
  observedUpdatedAt: stamp.observedAt,
  revision: previous.revision + 1,
  seq: stamp.seq,
  base: layers.base,
  overlays: layers.overlays,
  metadata: layers.metadata,
  tables: layers.tables,
});

/** The next revision of an edge that goes on living. */
export const nextEdge = (previous: EdgeRevision, stamp: Stamp, layers: Layers): EdgeRevision => ({
  kind: 'edge',
  id: previous.id,
  host: layers.host,
  origin: previous.origin,
  createdAt: previous.createdAt,
  updatedAt: stamp.at,
  deletedAt: undefined,
  observedCreatedAt: previous.observedCreatedAt,
  observedUpdatedAt: stamp.observedAt,
  revision: previous.revision + 1,
  seq: stamp.seq,
  base: layers.base,
  overlays: layers.overlays,
  metadata: layers.metadata,
  tables: layers.tables,
  parent: previous.parent,
  child: previous.child,
});

/** The last state of an element, with the layers given, marked as gone. */
export const goneRevision = <R extends Revision>(previous: R, stamp: Stamp, { host, base, overlays, metadata, tables }: Layers): R => ({
  ...previous,
  host,
  base,
  overlays,
  metadata,
  tables,
  deletedAt: stamp.at,
  observedUpdatedAt: stamp.observedAt,
  revision: previous.revision + 1,
  seq: stamp.seq,
});
