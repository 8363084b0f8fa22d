import type { PictureEdge, PictureNode } from './elements.js';

/** Nodes and edges by id, and how often each kind of change has happened, so that a reader knows what to work out again. */
export interface Picture {
  readonly nodes: ReadonlyMap<string, PictureNode>;
  readonly edges: ReadonlyMap<string, PictureEdge>;
  /** Counts elements that came or went: a change of state moves nothing. */
  readonly structure: number;
  /** Nodes that were there before and are different now, by id; who reads them empties the list. */
  readonly touched: Set<string>;
  /** Whether a whole picture has arrived. */
  readonly isComplete: boolean;
  /** Whether the analyzer left elements out because there are too many. */
  readonly isCut: boolean;
}

export interface Change {
  readonly op: 'ADDED' | 'REMOVED' | 'UPDATED';
  readonly element: PictureNode | PictureEdge | { readonly __typename: string };
}

/** A picture that can be changed. */
export class ChangingPicture implements Picture {
  readonly nodes = new Map<string, PictureNode>();
  readonly edges = new Map<string, PictureEdge>();
  readonly touched = new Set<string>();
  structure = 0;
  isComplete = false;
  isCut = false;
  #fresh: { readonly nodes: Set<string>; readonly edges: Set<string> } | undefined;

  /** A snapshot begins, perhaps in the middle of another one that goes no further: what that had does not count as being there. */
  restart(): void {
    this.#fresh = undefined;
  }

  /** A page of a snapshot. Elements stay until the last page tells which of them are gone, so that nothing flickers. */
  page(nodes: readonly PictureNode[], edges: readonly PictureEdge[], isLast: boolean): void {
    const fresh = (this.#fresh ??= { nodes: new Set(), edges: new Set() });
    for (const node of nodes) {
      fresh.nodes.add(node.id);
      this.#putNode(node);
    }
    for (const edge of edges) {
      fresh.edges.add(edge.id);
      this.#putEdge(edge);
    }
    if (!isLast) return;
    for (const id of this.nodes.keys()) if (!fresh.nodes.has(id)) this.#remove(this.nodes, id);
    for (const id of this.edges.keys()) if (!fresh.edges.has(id)) this.#remove(this.edges, id);
    this.#fresh = undefined;
    this.isComplete = true;
  }

  apply(changes: readonly Change[]): void {
    for (const { op, element } of changes) {
      if (isEdge(element)) {
        if (op === 'REMOVED') this.#remove(this.edges, element.id);
        else this.#putEdge(element);
      } else if (isNode(element)) {
        if (op === 'REMOVED') this.#remove(this.nodes, element.id);
        else this.#putNode(element);
      }
    }
  }

  #putNode(node: PictureNode): void {
    const known = this.nodes.get(node.id);
    if (known?.key === node.key) return;
    if (known === undefined || isElsewhere(known, node)) this.structure += 1;
    else this.touched.add(node.id);
    this.nodes.set(node.id, node);
  }

  #putEdge(edge: PictureEdge): void {
    const known = this.edges.get(edge.id);
    if (known?.key === edge.key) return;
    if (known?.relationType !== edge.relationType) this.structure += 1;
    this.edges.set(edge.id, edge);
  }

  #remove(elements: Map<string, unknown>, id: string): void {
    if (elements.delete(id)) this.structure += 1;
  }
}

/** Whether it belongs to another place of the picture now, or has another shape. */
const isElsewhere = (a: PictureNode, b: PictureNode): boolean => a.type !== b.type || a.host !== b.host || kindOf(a) !== kindOf(b);
const kindOf = (node: PictureNode): string | undefined => ('kind' in node ? node.kind : undefined);

export const isEdge = (element: { readonly __typename: string }): element is PictureEdge => element.__typename === 'Edge';
export const isNode = (element: { readonly __typename: string }): element is PictureNode => !isEdge(element) && 'id' in element;
