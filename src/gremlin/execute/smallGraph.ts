import type { JsonObject } from '../../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import { hasIndexedValue, indexedValue } from '../../graph/indexes.js';
import type { IndexedKey } from '../../graph/view.js';
import type { QueriedGraph } from './traversal.js';

/** Some nodes and edges of a graph as a graph of their own: what `SubGraph` makes. An edge without both ends is left out. */
export class SmallGraph implements QueriedGraph {
  readonly #nodes = new Map<ElementId, NodeRevision>();
  readonly #edges = new Map<ElementId, EdgeRevision>();
  #out: Map<ElementId, EdgeRevision[]> | undefined;
  #in: Map<ElementId, EdgeRevision[]> | undefined;

  constructor(
    private readonly whole: QueriedGraph,
    nodes: Iterable<NodeRevision>,
    edges: Iterable<EdgeRevision>,
  ) {
    for (const node of nodes) this.#nodes.set(node.id, node);
    for (const edge of edges) if (this.#nodes.has(edge.parent) && this.#nodes.has(edge.child)) this.#edges.set(edge.id, edge);
  }

  get position() {
    return this.whole.position;
  }
  get at() {
    return this.whole.at;
  }
  get isLive() {
    return this.whole.isLive;
  }
  get nodeCount() {
    return this.#nodes.size;
  }
  get edgeCount() {
    return this.#edges.size;
  }
  node(id: ElementId) {
    return this.#nodes.get(id);
  }
  edge(id: ElementId) {
    return this.#edges.get(id);
  }
  nodes() {
    return this.#nodes.values();
  }
  edges() {
    return this.#edges.values();
  }
  outEdges(id: ElementId): readonly EdgeRevision[] {
    this.#out ??= groupBy(this.#edges.values(), ({ parent }) => parent);
    return this.#out.get(id) ?? [];
  }
  inEdges(id: ElementId): readonly EdgeRevision[] {
    this.#in ??= groupBy(this.#edges.values(), ({ child }) => child);
    return this.#in.get(id) ?? [];
  }
  *nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    for (const node of this.#nodes.values()) if (hasIndexedValue(key, indexedValue(node, key), value)) yield node;
  }
  measurements(id: ElementId): JsonObject | undefined {
    return this.whole.measurements(id);
  }
  release(): void {
    // The whole graph is released by whoever gave it out.
  }
}

function groupBy(edges: Iterable<EdgeRevision>, end: (edge: EdgeRevision) => ElementId): Map<ElementId, EdgeRevision[]> {
  const groups = new Map<ElementId, EdgeRevision[]>();
  for (const edge of edges) {
    const group = groups.get(end(edge));
    if (group === undefined) groups.set(end(edge), [edge]);
    else group.push(edge);
  }
  return groups;
}
