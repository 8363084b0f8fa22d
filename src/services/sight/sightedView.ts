import type { JsonObject } from '../../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { GraphView, IndexedKey } from '../../graph/view.js';
import type { Sight } from './sight.js';

/** A view through a sight: nodes that are seen, without what is hidden, and the edges between them. */
export class SightedView implements GraphView {
  readonly position: Position;
  readonly at: number;
  readonly isLive: boolean;
  private readonly known: Map<ElementId, boolean>;
  private members: ReadonlyMap<ElementId, NodeRevision> | undefined;
  private edgesSeen: number | undefined;

  constructor(
    private readonly whole: GraphView,
    private readonly sight: Sight,
  ) {
    ({ position: this.position, at: this.at, isLive: this.isLive } = whole);
    this.known = sight.verdictsAt(whole.position);
  }

  get nodeCount(): number {
    return this.sight.isPartial ? this.all().size : this.whole.nodeCount;
  }

  get edgeCount(): number {
    if (!this.sight.isPartial) return this.whole.edgeCount;
    if (this.edgesSeen === undefined) {
      this.edgesSeen = 0;
      for (const _edge of this.edges()) this.edgesSeen += 1;
    }
    return this.edgesSeen;
  }

  node(id: ElementId): NodeRevision | undefined {
    const node = this.whole.node(id);
    return node !== undefined && this.sees(id) ? this.sight.shown(node) : undefined;
  }

  edge(id: ElementId): EdgeRevision | undefined {
    const edge = this.whole.edge(id);
    return edge !== undefined && this.seesEnds(edge) ? this.sight.shown(edge) : undefined;
  }

  *nodes(): Iterable<NodeRevision> {
    if (this.sight.isPartial) yield* this.all().values();
    else for (const node of this.whole.nodes()) yield this.sight.shown(node);
  }

  *edges(): Iterable<EdgeRevision> {
    if (!this.sight.isPartial) {
      for (const edge of this.whole.edges()) yield this.sight.shown(edge);
      return;
    }
    const members = this.all();
    for (const id of members.keys()) for (const edge of this.whole.outEdges(id)) if (members.has(edge.child)) yield this.sight.shown(edge);
  }

  *outEdges(id: ElementId): Iterable<EdgeRevision> {
    if (!this.sees(id)) return;
    for (const edge of this.whole.outEdges(id)) if (this.sees(edge.child)) yield this.sight.shown(edge);
  }

  *inEdges(id: ElementId): Iterable<EdgeRevision> {
    if (!this.sees(id)) return;
    for (const edge of this.whole.inEdges(id)) if (this.sees(edge.parent)) yield this.sight.shown(edge);
  }

  *nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    if (this.sight.hidden.hides(key)) return;
    for (const node of this.whole.nodesBy(key, value)) if (this.sees(node.id)) yield this.sight.shown(node);
  }

  measurements(id: ElementId): JsonObject | undefined {
    const { hidden } = this.sight;
    const measured = this.whole.measurements(id);
    if (measured === undefined || !(this.sees(id) || this.edge(id) !== undefined)) return undefined;
    return hidden.isNone ? measured : hidden.object(measured);
  }

  /** `TID`s of nodes that are seen, but for those that a node has that is not: who borrows one does not see the other's flows. */
  tids(): ReadonlySet<string> {
    const tids = new Set<string>();
    for (const id of this.all().keys()) {
      const tid = this.whole.node(id)?.metadata.TID;
      if (typeof tid !== 'string' || tids.has(tid)) continue;
      const bearers = [...this.whole.nodesBy('TID', tid)];
      if (bearers.every((bearer) => this.sees(bearer.id))) tids.add(tid);
    }
    return tids;
  }

  release(): void {
    this.whole.release();
  }

  private sees(id: ElementId): boolean {
    if (!this.sight.isPartial) return true;
    return this.members?.has(id) ?? this.sight.sees(this.whole, id, this.known);
  }

  private seesEnds({ parent, child }: EdgeRevision): boolean {
    return this.sees(parent) && this.sees(child);
  }

  private all(): ReadonlyMap<ElementId, NodeRevision> {
    return (this.members ??= this.sight.membersOf(this.whole));
  }
}

/** `TID`s of the nodes that are seen in a view through a sight. */
export const seenTids = (view: GraphView): ReadonlySet<string> => (view as SightedView).tids();
