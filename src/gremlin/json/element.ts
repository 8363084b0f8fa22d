import type { JsonObject } from '../../common/json.js';
import type { EdgeRevision, NodeRevision, Revision } from '../../graph/element.js';
import { wholeMetadata } from '../../graph/readMetadata.js';
import type { QueriedGraph } from '../execute/traversal.js';
import { orderedMetadata } from './goText.js';

/** Skydive's form of an element: its fields in its order, times in milliseconds or `null`. */
function elementJson(element: Revision, graph: QueriedGraph): JsonObject {
  return {
    ID: element.id,
    Metadata: orderedMetadata(wholeMetadata(element, graph.measurements(element.id))),
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
