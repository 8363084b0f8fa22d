import type { EdgeRevision, NodeRevision } from '../../graph/element.js';
import type { Awaitable } from '../awaitable.js';
import type { Selected } from '../filters/selection.js';
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
  | { readonly reach: 'others'; select(view: GraphView): Awaitable<Selected> };

/** The whole graph. */
export const EVERYTHING: LiveScope = { reach: 'everything' };
