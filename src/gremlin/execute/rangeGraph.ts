import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../../graph/element.js';
import type { ElementChange } from '../../graph/change.js';
import { hasIndexedValue, indexedValue } from '../../graph/indexes.js';
import type { GraphView, IndexedKey } from '../../graph/view.js';
import type { QueriedGraph } from './traversal.js';

/** Every revision that there was within a stretch of time: the graph at its start and the changes up to its end. An element may be in it several times. */
export class RangeGraph implements QueriedGraph {
  readonly #nodes = new Map<ElementId, NodeRevision[]>();
  readonly #edges = new Map<ElementId, EdgeRevision[]>();
  readonly #out = new Map<ElementId, EdgeRevision[]>();
  readonly #in = new Map<ElementId, EdgeRevision[]>();
  readonly isLive = false;
  nodeCount = 0;
  edgeCount = 0;

  constructor(
    private readonly start: GraphView,
    readonly position: GraphView['position'],
    readonly at: number,
  ) {
    for (const node of start.nodes()) this.#add(node);
    for (const edge of start.edges()) this.#add(edge);
  }

  /** Takes the next change; they come in order. */
  take({ op, element }: ElementChange): void {
    if (op === 'suspended') return;
    if (op === 'removed') this.#close(element);
    else this.#add(element);
  }

  nodeRevisions = (id: ElementId): readonly NodeRevision[] => this.#nodes.get(id) ?? [];

  node(id: ElementId): NodeRevision | undefined {
    return this.#nodes.get(id)?.at(-1);
  }
  edge(id: ElementId): EdgeRevision | undefined {
    return this.#edges.get(id)?.at(-1);
  }
  *nodes(): Iterable<NodeRevision> {
    for (const revisions of this.#nodes.values()) yield* revisions;
  }
  *edges(): Iterable<EdgeRevision> {
    for (const revisions of this.#edges.values()) yield* revisions;
  }
  outEdges(id: ElementId): readonly EdgeRevision[] {
    return this.#out.get(id) ?? [];
  }
  inEdges(id: ElementId): readonly EdgeRevision[] {
    return this.#in.get(id) ?? [];
  }
  *nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    for (const node of this.nodes()) if (hasIndexedValue(key, indexedValue(node, key), value)) yield node;
  }
  /** Measurements of the past are readings; no revision holds them. */
  measurements(): undefined {
    return undefined;
  }
  release(): void {
    this.start.release();
  }

  #add(element: Revision): void {
    if (element.kind === 'node') {
      push(this.#nodes, element.id, element);
      this.nodeCount++;
    } else {
      push(this.#edges, element.id, element);
      push(this.#out, element.parent, element);
      push(this.#in, element.child, element);
      this.edgeCount++;
    }
  }

  /** The last revision of what went carries when it went. */
  #close(element: Revision): void {
    if (element.kind === 'node') replaceLast(this.#nodes.get(element.id), element);
    else {
      replaceLast(this.#edges.get(element.id), element);
      replaceLast(this.#out.get(element.parent), element);
      replaceLast(this.#in.get(element.child), element);
    }
  }
}

function push<R>(lists: Map<ElementId, R[]>, id: ElementId, revision: R): void {
  const list = lists.get(id);
  if (list === undefined) lists.set(id, [revision]);
  else list.push(revision);
}

function replaceLast<R extends Revision>(list: R[] | undefined, gone: R): void {
  const place = list?.findLastIndex(({ id }) => id === gone.id) ?? -1;
  if (place >= 0) list![place] = gone;
}
