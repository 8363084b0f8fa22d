import { isElementChange, type Change, type ElementChange } from '../../graph/change.js';
import type { EdgeRevision, ElementId, Revision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { OWNERSHIP } from '../../graph/walk/ownership.js';
import { MovingGraph } from './movingGraph.js';
import type { Sight } from './sight.js';

/**
 * A change as it is seen. What begins to be seen is added, what ceases is removed in the state in which it was seen last; neither has a reason, and nothing of
 * what the element was outside is in it.
 */
export interface SeenChange extends ElementChange {
  /** Its place: the last change of the log with which it was told, and its place among those. */
  readonly place: readonly [seq: number, index: number];
  /** The element was there before, or is still there, and is only seen from now on, or no more. */
  readonly isCrossing: boolean;
}

type Told = Omit<SeenChange, 'place'>;

/** The log as somebody sees it: follows the whole log from a view on, change by change, and tells what it means to the graph that is seen. */
export class SeenLog {
  /** Nodes that are seen; empty where all are. */
  readonly #members: Set<ElementId>;
  readonly #graph: MovingGraph;

  /** The view is read as long as the log is followed from it; whoever gave it releases it. */
  constructor(
    private readonly sight: Sight,
    start: GraphView,
    /** Nodes that are seen there, where somebody knows already: kept up to date from then on. */
    members: Set<ElementId> = membersIn(sight, start),
  ) {
    this.#members = members;
    this.#graph = new MovingGraph(start);
  }

  /** Changes that go on from those before. */
  follow(changes: Iterable<Change>): SeenChange[] {
    const seen: SeenChange[] = [];
    let together: ElementChange[] = [];
    const ids = new Set<ElementId>();
    const tell = (): void => {
      if (together.length > 0) this.#tell(together, seen);
      together = [];
      ids.clear();
    };
    for (const change of changes) {
      if (!isElementChange(change) || change.op === 'suspended') continue;
      // What happened at one instant belongs together. An element that changes twice in it was something else in between, and is judged for that too.
      if (together.length > 0 && (together[0]!.at !== change.at || ids.has(change.element.id))) tell();
      together.push(change);
      ids.add(change.element.id);
    }
    tell();
    return seen;
  }

  #tell(changes: readonly ElementChange[], seen: SeenChange[]): void {
    const seq = changes.at(-1)!.seq;
    let index = 0;
    const push = (change: Told): void => void seen.push({ ...change, place: [seq, index++] });
    if (!this.sight.isPartial) {
      for (const change of changes) push(this.#shown(change, change.before));
      return;
    }
    const before = new Map(changes.map(({ element }) => [element.id, this.#graph.revision(element)] as const));
    const owned = new Set<ElementId>();
    for (const { element } of changes) {
      if (element.kind === 'edge' && [element, before.get(element.id)].some((edge) => edge?.metadata.RelationType === OWNERSHIP))
        owned.add(element.child);
    }
    for (const change of changes) this.#graph.apply(change);
    const nodes = changes.flatMap(({ element }) => (element.kind === 'node' ? [element.id] : []));
    const turned = this.#turned([...nodes, ...owned]);
    const is = (id: ElementId): boolean => this.#members.has(id);
    const was = (id: ElementId): boolean => is(id) !== turned.has(id);
    const joins = (judge: (id: ElementId) => boolean, { parent, child }: EdgeRevision): boolean => judge(parent) && judge(child);

    const { at } = changes.at(-1)!;
    const leaving: Told[] = [];
    const gone: Told[] = [];
    const there: Told[] = [];
    const joining: Told[] = [];
    for (const change of changes) {
      const { element } = change;
      const old = before.get(element.id);
      const isThere = change.op !== 'removed';
      const wasSeen = old !== undefined && (old.kind === 'node' ? was(old.id) : joins(was, old));
      const isSeen = isThere && (element.kind === 'node' ? is(element.id) : joins(is, element));
      const [goes, comes] = element.kind === 'node' ? [gone, there] : [leaving, joining];
      if (wasSeen && isSeen) comes.push(this.#shown(change, old));
      else if (wasSeen) goes.push(isThere ? this.#left(old, seq, at) : this.#shown(change, old));
      else if (isSeen) comes.push(change.op === 'added' ? this.#shown(change, undefined) : this.#entered(element, seq, at));
    }
    const crossed = new Map<ElementId, EdgeRevision>();
    for (const id of turned) {
      for (const edges of [this.#graph.outEdges(id), this.#graph.inEdges(id)]) for (const edge of edges) crossed.set(edge.id, edge);
      const node = before.has(id) ? undefined : this.#graph.node(id);
      if (node !== undefined) (is(id) ? there : gone).push(is(id) ? this.#entered(node, seq, at) : this.#left(node, seq, at));
    }
    for (const edge of crossed.values()) {
      if (before.has(edge.id)) continue;
      const isSeen = joins(is, edge);
      if (joins(was, edge) !== isSeen) (isSeen ? joining : leaving).push(isSeen ? this.#entered(edge, seq, at) : this.#left(edge, seq, at));
    }
    // Nodes come before their edges, and go after them.
    for (const change of [...leaving, ...gone, ...there, ...joining]) push(change);
  }

  /** Judges these nodes anew, and what they own where the verdict is another. Returns those of whom it is. */
  #turned(touched: readonly ElementId[]): Set<ElementId> {
    const turned = new Set<ElementId>();
    const known = new Map<ElementId, boolean>();
    const waiting = [...touched];
    for (let index = 0; index < waiting.length; index += 1) {
      const id = waiting[index]!;
      const is = this.#graph.node(id) !== undefined && this.sight.sees(this.#graph, id, known);
      if (is === this.#members.has(id)) continue;
      turned.add(id);
      if (is) this.#members.add(id);
      else this.#members.delete(id);
      for (const { child, metadata } of this.#graph.outEdges(id)) if (metadata.RelationType === OWNERSHIP) waiting.push(child);
    }
    return turned;
  }

  #shown(change: ElementChange, before: Revision | undefined): Told {
    const { sight } = this;
    const { seq, at, observedAt, op, reason } = change;
    const [element, rows] = [sight.shown(change.element), sight.shownRows(change.rows)];
    return { seq, at, observedAt, op, element, before: before && sight.shown(before), reason, rows, isCrossing: false };
  }

  #entered(revision: Revision, seq: number, at: number): Told {
    const element = this.sight.shown(revision);
    return { seq, at, observedAt: at, op: 'added', element, before: undefined, reason: undefined, rows: undefined, isCrossing: true };
  }

  #left(revision: Revision, seq: number, at: number): Told {
    const before = this.sight.shown(revision);
    const element = { ...before, deletedAt: at };
    return { seq, at, observedAt: at, op: 'removed', element, before, reason: undefined, rows: undefined, isCrossing: true };
  }
}

/** Nodes that are seen in a view; none where all are. */
export const membersIn = (sight: Sight, view: GraphView): Set<ElementId> => new Set(sight.isPartial ? sight.membersOf(view).keys() : []);
