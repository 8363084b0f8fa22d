import type { Json } from '../../common/json.js';
import { revisionDifference } from '../../graph/difference.js';
import type { Revision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { edgeJson, nodeJson } from '../../gremlin/json/element.js';
import { goText, orderedAt } from '../../gremlin/json/goText.js';
import type { LiveChange } from '../../services/live/events.js';
import type { Outgoing } from './envelope.js';

/** Everything about the graph travels here. */
export const GRAPH = 'Graph';

/** Kinds of operations in a partial update. */
const SET = 1;
const DELETE = 2;

/** An element in Skydive's form. */
export const elementText = (element: Revision, graph: GraphView): string =>
  goText(element.kind === 'node' ? nodeJson(element, graph) : edgeJson(element, graph));

/** A change as old clients are told of it. */
export function changeMessage(change: LiveChange, updates: 'full' | 'partial', graph: GraphView): Outgoing {
  const { op, element } = change;
  const kind = element.kind === 'node' ? 'Node' : 'Edge';
  if (op === 'UPDATED' && updates === 'partial') return { namespace: GRAPH, type: `${kind}PartiallyUpdated`, body: partialText(change) };
  const what = op === 'ADDED' ? 'Added' : op === 'REMOVED' ? 'Deleted' : 'Updated';
  return { namespace: GRAPH, type: `${kind}${what}`, body: elementText(element, graph) };
}

function partialText({ element, before }: LiveChange): string {
  const operations = revisionDifference(before, element).map(({ path, after }): Json =>
    after === undefined ? { Type: DELETE, Key: path } : { Type: SET, Key: path, Value: orderedAt(path, after) },
  );
  return goText({ ID: element.id, UpdatedAt: element.observedUpdatedAt, Revision: element.revision, Ops: operations });
}
