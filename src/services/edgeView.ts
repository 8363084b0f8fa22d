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
    return this.#end(this.element.parent);
  }
  get target(): NodeView {
    return this.#end(this.element.child);
  }

  #end(id: ElementId): NodeView {
    const node = this.graph.node(id);
    if (node === undefined) throw new CanopyError('INTERNAL', `edge ${this.id} has no node ${id} at its end`);
    return nodeViewOf(node, this.moment);
  }
}

export type AnyElementView = NodeView | EdgeView;

export const viewOf = (element: Revision, moment: Moment | undefined): AnyElementView =>
  element.kind === 'node' ? nodeViewOf(element, moment) : new EdgeView(element, moment);

export const relationTypeOf = ({ metadata }: EdgeRevision): string => textAt(metadata.RelationType) ?? 'unknown';
