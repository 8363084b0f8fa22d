import type { EdgeRevision, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';

/**
 * The part of the graph that a stream follows: nodes that match, and every matching edge between them.
 * How membership depends on the graph decides what a change costs:
 * - `everything`: no filter; each change goes to everybody as it is.
 * - `own`: a node belongs by its own revision alone, so a change asks only about itself and its edges.
 * - `others`: belongs through others (`within`, `expand`, a Gremlin string): worked out again for each batch.
 */
export type LiveScope =
  | { readonly reach: 'everything' }
  | { readonly reach: 'own'; matchesNode(node: NodeRevision): boolean; matchesEdge(edge: EdgeRevision): boolean }
  | { readonly reach: 'others'; nodes(view: GraphView): Iterable<NodeRevision>; matchesEdge(edge: EdgeRevision): boolean };

/** The whole graph. */
export const EVERYTHING: LiveScope = { reach: 'everything' };
