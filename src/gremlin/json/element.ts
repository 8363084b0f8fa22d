import type { JsonObject } from '../../common/json.js';
import type { EdgeRevision, NodeRevision, Revision } from '../../graph/element.js';
import { wholeMetadata } from '../../graph/readMetadata.js';
import type { QueriedGraph } from '../execute/traversal.js';
import { orderedMetadata } from './goText.js';

/** Metadata that were put in order last: what is asked for is asked for again. Beyond so many all are let go. */
const MOST_ORDERED = 10_000;
let ordered = new WeakMap<JsonObject, JsonObject>();
let orderedCount = 0;

/** What is known of an element, in order. Measurements are others every time; what has none is put in order once. */
function metadataJson(element: Revision, graph: QueriedGraph): JsonObject {
  const whole = wholeMetadata(element, graph.measurements(element.id));
  if (whole !== element.metadata) return orderedMetadata(whole);
  const known = ordered.get(whole);
  if (known !== undefined) return known;
  const made = orderedMetadata(whole);
  orderedCount += 1;
  if (orderedCount > MOST_ORDERED) {
    ordered = new WeakMap();
    orderedCount = 1;
  }
  ordered.set(whole, made);
  return made;
}

/** Skydive's form of an element: its fields in its order, times in milliseconds or `null`. */
function elementJson(element: Revision, graph: QueriedGraph): JsonObject {
  return {
    ID: element.id,
    Metadata: metadataJson(element, graph),
    Host: element.host,
    Origin: element.origin,
    CreatedAt: element.observedCreatedAt,
    UpdatedAt: element.observedUpdatedAt,
    DeletedAt: element.deletedAt ?? null,
    Revision: element.revision,
  };
}

/** `{"ID", "Metadata", "Host", "Origin", "CreatedAt", "UpdatedAt", "DeletedAt", "Revision"}`. */
export const nodeJson = (node: NodeRevision, graph: QueriedGraph): JsonObject => elementJson(node, graph);

/** The same with `Parent` and `Child`. */
export const edgeJson = (edge: EdgeRevision, graph: QueriedGraph): JsonObject => ({
  ...elementJson(edge, graph),
  Parent: edge.parent,
  Child: edge.child,
});
