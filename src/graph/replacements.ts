import type { EdgeRevision, ElementId, NodeRevision } from './element.js';
import { filedText, hasIndexedValue, indexedValue, indexTexts } from './indexes.js';
import type { IndexedKey } from './view.js';

/** Elements as they are instead of what a reader below says, with adjacency and indexes of their own. Only grows. */
export class Replacements {
  readonly nodes = new Map<ElementId, NodeRevision | undefined>();
  readonly edges = new Map<ElementId, EdgeRevision | undefined>();
  private readonly out = new Map<ElementId, EdgeRevision[]>();
  private readonly in = new Map<ElementId, EdgeRevision[]>();
  private readonly visibleNodes: NodeRevision[] = [];
  private readonly filed = new Map<IndexedKey, FiledNodes>();

  /** The first replacement of an id stands. */
  addNode(id: ElementId, node: NodeRevision | undefined): void {
    if (this.nodes.has(id)) return;
    this.nodes.set(id, node);
    if (node) this.visibleNodes.push(node);
  }

  /** The first replacement of an id stands. */
  addEdge(id: ElementId, edge: EdgeRevision | undefined): void {
    if (this.edges.has(id)) return;
    this.edges.set(id, edge);
    if (!edge) return;
    append(this.out, edge.parent, edge);
    append(this.in, edge.child, edge);
  }

  outEdges(id: ElementId): readonly EdgeRevision[] {
    return this.out.get(id) ?? [];
  }

  inEdges(id: ElementId): readonly EdgeRevision[] {
    return this.in.get(id) ?? [];
  }

  nodesBy(key: IndexedKey, value: string): readonly NodeRevision[] {
    let filed = this.filed.get(key);
    if (!filed) this.filed.set(key, (filed = new FiledNodes(key)));
    return filed.find(value, this.visibleNodes);
  }
}

/** An index over a growing list of nodes, made when first asked and continued when the list has grown. */
class FiledNodes {
  private readonly byText = new Map<string, NodeRevision[]>();
  private filedUpTo = 0;

  constructor(private readonly key: IndexedKey) {}

  find(wanted: string, nodes: readonly NodeRevision[]): readonly NodeRevision[] {
    for (; this.filedUpTo < nodes.length; this.filedUpTo++) {
      const node = nodes[this.filedUpTo] as NodeRevision;
      for (const text of indexTexts(this.key, indexedValue(node, this.key))) append(this.byText, text, node);
    }
    const candidates = this.byText.get(filedText(this.key, wanted)) ?? [];
    if (this.key !== 'IPV4' || !wanted.includes('/')) return candidates;
    return candidates.filter((node) => hasIndexedValue(this.key, indexedValue(node, this.key), wanted));
  }
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
