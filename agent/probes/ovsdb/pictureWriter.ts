import { concatenatedId } from '../../../src/common/ids.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { GraphWriter } from '../kit/graphWriter.js';
import type { Picture } from './picture.js';

/** Writes what is different from what was written before, and takes away what is not there any more. */
export class PictureWriter {
  /** What was written of nodes and notes, as text, and of each edge its ends. */
  private readonly nodes = new Map<ElementId, string>();
  private readonly notes = new Map<ElementId, string>();
  private readonly edges = new Map<ElementId, readonly [parent: ElementId, child: ElementId]>();

  constructor(private readonly graph: GraphWriter) {}

  write({ nodes, notes, edges }: Picture): void {
    this.graph.batch(() => {
      const wanted = new Map(edges.map((edge) => [concatenatedId(edge.parent, edge.child, edge.relationType), edge]));
      for (const id of [...this.edges.keys()]) {
        if (wanted.has(id)) continue;
        this.edges.delete(id);
        this.graph.removeEdge(id);
      }
      for (const [id, node] of nodes) if (isNew(this.nodes, id, node)) this.graph.putNode(node);
      for (const id of [...this.nodes.keys()]) {
        if (nodes.has(id)) continue;
        this.graph.removeNode(id);
        this.forget(id);
      }
      for (const [id, note] of notes) if (isNew(this.notes, id, note)) this.graph.annotate(id, note);
      for (const id of [...this.notes.keys()]) {
        if (notes.has(id)) continue;
        this.notes.delete(id);
        this.graph.annotate(id, {});
      }
      for (const [id, edge] of wanted) {
        if (this.edges.has(id)) continue;
        this.edges.set(id, [edge.parent, edge.child]);
        this.graph.putEdge(edge);
      }
    });
  }

  /** The node is gone, and what was added to it, and its edges. */
  forget(id: ElementId): void {
    const [wasOwn, wasNoted] = [this.nodes.delete(id), this.notes.delete(id)];
    if (!wasOwn && !wasNoted) return;
    for (const [edge, [parent, child]] of this.edges) if (parent === id || child === id) this.edges.delete(edge);
  }
}

/** Whether it is not what was written; then it is noted as such. */
function isNew(written: Map<ElementId, string>, id: ElementId, value: object): boolean {
  const text = JSON.stringify(value);
  if (written.get(id) === text) return false;
  written.set(id, text);
  return true;
}
