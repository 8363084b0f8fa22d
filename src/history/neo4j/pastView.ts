import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../../graph/element.js';
import { LiveGraph } from '../../graph/liveGraph.js';
import type { Position } from '../../graph/position.js';
import type { GraphView, IndexedKey } from '../../graph/view.js';

/** Bytes of an element with its entries in adjacency and indexes, roughly. */
const ELEMENT_BYTES = 2_000;

/** The graph as it was, whole in memory. It never changes, so that any number of readers share one; there is nothing to release. */
export class PastView implements GraphView {
  readonly isLive = false;
  readonly #view: GraphView;

  constructor(
    readonly position: Position,
    readonly at: number,
    elements: Iterable<Revision>,
  ) {
    // A graph that nobody writes to: it has the indexes of the live one.
    const graph = new LiveGraph({ now: () => at });
    graph.restore({ elements, suspended: [], lastAt: at, lastSeq: position.seq, epoch: position.epoch });
    this.#view = graph.view();
  }

  get nodeCount(): number {
    return this.#view.nodeCount;
  }

  get edgeCount(): number {
    return this.#view.edgeCount;
  }

  node(id: ElementId): NodeRevision | undefined {
    return this.#view.node(id);
  }

  edge(id: ElementId): EdgeRevision | undefined {
    return this.#view.edge(id);
  }

  nodes(): Iterable<NodeRevision> {
    return this.#view.nodes();
  }

  edges(): Iterable<EdgeRevision> {
    return this.#view.edges();
  }

  outEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.#view.outEdges(id);
  }

  inEdges(id: ElementId): Iterable<EdgeRevision> {
    return this.#view.inEdges(id);
  }

  nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    return this.#view.nodesBy(key, value);
  }

  /** Measurements of the past are samples; a view of the past knows none. */
  measurements(): undefined {
    return undefined;
  }

  release(): void {
    // Shared: the cache lets go of it.
  }

  /** Memory that it takes, roughly. */
  get bytes(): number {
    return (this.nodeCount + this.edgeCount) * ELEMENT_BYTES;
  }
}
