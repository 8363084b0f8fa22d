import type { JsonObject } from '../../common/json.js';
import type { Revision } from '../../graph/element.js';
import { mergeOverlays } from '../../graph/metadataPath.js';
import { newEdge, newNode, type Tables } from '../../graph/revision.js';

/** A revision as it stands in `json`: everything but its tables and what is computed. Short, because there are very many. */
interface Written {
  readonly i: string;
  readonly h: string;
  readonly o: string;
  /** Ends of an edge: parent, child. */
  readonly e?: readonly [string, string];
  /** createdAt, updatedAt, observedCreatedAt, observedUpdatedAt, revision, seq. */
  readonly n: readonly [number, number, number, number, number, number];
  readonly d?: number;
  readonly b: JsonObject;
  readonly v?: Readonly<Record<string, JsonObject>>;
}

/** The revision without its tables, loss-free. */
export function revisionJson(element: Revision): string {
  const { createdAt, updatedAt, observedCreatedAt, observedUpdatedAt, revision, seq } = element;
  const written: Written = {
    i: element.id,
    h: element.host,
    o: element.origin,
    e: element.kind === 'edge' ? [element.parent, element.child] : undefined,
    n: [createdAt, updatedAt, observedCreatedAt, observedUpdatedAt, revision, seq],
    d: element.deletedAt,
    b: element.base,
    v: element.overlays,
  };
  return JSON.stringify(written);
}

/** The revision again, with the tables given. */
export function revisionOf(json: string, tables: Tables): Revision {
  const { i, h, o, e, n, d, b, v } = JSON.parse(json) as Written;
  const [createdAt, updatedAt, observedCreatedAt, observedUpdatedAt, revision, seq] = n;
  const stamp = { seq, at: createdAt, observedAt: observedCreatedAt };
  const layers = { host: h, base: b, overlays: v, metadata: mergeOverlays(b, v), tables };
  const fresh = e === undefined ? newNode(i, o, revision, stamp, layers) : newEdge(i, o, e[0], e[1], revision, stamp, layers);
  return { ...fresh, updatedAt, observedUpdatedAt, deletedAt: d };
}
