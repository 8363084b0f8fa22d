import { CanopyError } from '../common/errors.js';
import type { EdgeRevision, ElementId, Revision } from '../graph/element.js';
import { ElementView, type Moment, type NodeView } from './elementView.js';
import { textAt } from './metadata.js';
import { nodeViewOf } from './nodeViews.js';

/** An edge at a moment. */
export class EdgeView extends ElementView<EdgeRevision> {
  get __typename(): 'Edge' {
    return 'Edge';
  }
  get relationType(): string {
    return relationTypeOf(this.element);
  }
  get sourceId(): ElementId {
    return this.element.parent;
  }
  get targetId(): ElementId {
    return this.element.child;
  }
  get source(): NodeView {
    return endOf(this, this.element.parent);
  }
  get target(): NodeView {
    return endOf(this, this.element.child);
  }
}

function endOf(edge: EdgeView, id: ElementId): NodeView {
  const node = edge.graph.node(id);
  if (node === undefined) throw new CanopyError('INTERNAL', `edge ${edge.id} has no node ${id} at its end`);
  return nodeViewOf(node, edge.moment);
}

export const edgeViewOf = (edge: EdgeRevision, moment: Moment | undefined): EdgeView => new EdgeView(edge, moment);

export type AnyElementView = NodeView | EdgeView;

export const viewOf = (element: Revision, moment: Moment | undefined): AnyElementView =>
  element.kind === 'node' ? nodeViewOf(element, moment) : new EdgeView(element, moment);

export const relationTypeOf = ({ metadata }: EdgeRevision): string => textAt(metadata.RelationType) ?? 'unknown';
