import type { ElementChange } from '../../graph/change.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { Surroundings } from './sight.js';

/** A view that goes on: what changed since lies over it. */
export class MovingGraph implements Surroundings {
  private readonly nodes = new Map<ElementId, NodeRevision | undefined>();
  private readonly edges = new Map<ElementId, EdgeRevision | undefined>();
  private readonly out = new Map<ElementId, Map<ElementId, EdgeRevision>>();
  private readonly in = new Map<ElementId, Map<ElementId, EdgeRevision>>();

  constructor(private readonly start: Surroundings & Pick<GraphView, 'edge'>) {}

  /** Of the present: with its whole element; `suspended` is none. */
  apply({ op, element }: Pick<ElementChange, 'op' | 'element'>): void {
    const isThere = op !== 'removed';
    if (element.kind === 'node') {
      this.nodes.set(element.id, isThere ? element : undefined);
      return;
    }
    this.edges.set(element.id, isThere ? element : undefined);
    put(this.out, element.parent, element, isThere);
    put(this.in, element.child, element, isThere);
  }

  node(id: ElementId): NodeRevision | undefined {
    return this.nodes.has(id) ? this.nodes.get(id) : this.start.node(id);
  }

  edge(id: ElementId): EdgeRevision | undefined {
    return this.edges.has(id) ? this.edges.get(id) : this.start.edge(id);
  }

  /** The element as it is now. */
  revision({ kind, id }: Pick<Revision, 'kind' | 'id'>): Revision | undefined {
    return kind === 'node' ? this.node(id) : this.edge(id);
  }

  outEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.around(this.start.outEdges(id), this.out.get(id));
  }

  inEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.around(this.start.inEdges(id), this.in.get(id));
  }

  private *around(before: Iterable<EdgeRevision>, since: ReadonlyMap<ElementId, EdgeRevision> | undefined): Iterable<EdgeRevision> {
    for (const edge of before) if (!this.edges.has(edge.id)) yield edge;
    if (since !== undefined) yield* since.values();
  }
}

function put(lists: Map<ElementId, Map<ElementId, EdgeRevision>>, end: ElementId, edge: EdgeRevision, isThere: boolean): void {
  let list = lists.get(end);
  if (list === undefined) lists.set(end, (list = new Map()));
  if (isThere) list.set(edge.id, edge);
  else list.delete(edge.id);
}
