import { type Change, type ElementChange, isElementChange } from '../../graph/change.js';
import type { EdgeRevision, ElementId, Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import { whenReady, type Awaitable } from '../awaitable.js';
import type { SeenChange } from '../sight/seenLog.js';
import type { LiveChange, LiveOp, LiveReason } from './events.js';
import type { LiveScope } from './scope.js';

/** What one piece of the log means to a stream, and the graph as it is where the piece ends. */
export interface Piece {
  readonly changes: readonly (Change | SeenChange)[];
  readonly to: Position;
  /** Opened at most once, and only when the changes alone do not say who belongs. */
  readonly view: () => Promise<GraphView>;
}

/** Who belongs to a stream's part of the graph. Starts from a view and then follows the log piece by piece. */
export interface Membership {
  /** The changes as the stream sees them: what starts to match appears, what stops goes. */
  follow(piece: Piece): Promise<LiveChange[]>;
}

export function startMembership(scope: LiveScope, view: () => GraphView): Awaitable<Membership> {
  switch (scope.reach) {
    case 'everything':
      return everything;
    case 'own':
      return new OwnMembership(scope, view());
    case 'others':
      return whenReady(membersIn(scope, view()), (members) => new OthersMembership(scope, members));
  }
}

const OPS: Readonly<Record<ElementChange['op'], LiveOp | undefined>> = {
  added: 'ADDED',
  updated: 'UPDATED',
  removed: 'REMOVED',
  suspended: undefined,
};

const isPresent = ({ op }: ElementChange): boolean => op === 'added' || op === 'updated';

/** Position of one change; positions of a stream all are of the epoch that is being written. */
const positionOf = (seq: number, { epoch }: Position): Position => ({ epoch, seq });

function asItIs(change: ElementChange | SeenChange, op: LiveOp, to: Position): LiveChange {
  const { at, observedAt, element, before, rows } = change;
  const reason = 'isCrossing' in change && change.isCrossing ? reasonOf(op === 'ADDED' ? op : 'REMOVED') : change.reason;
  return { op, at, observedAt, position: positionOf(change.seq, to), element, before: op === 'ADDED' ? undefined : before, reason, rows };
}

/** The element changed, and with that began or ceased to belong. */
function crossing(change: ElementChange, op: 'ADDED' | 'REMOVED', to: Position): LiveChange {
  const { at, observedAt, element, seq } = change;
  return { op, at, observedAt, position: positionOf(seq, to), element, before: undefined, reason: reasonOf(op), rows: undefined };
}

/** The element began or ceased to belong because another one changed. */
function dragged(element: Revision, op: 'ADDED' | 'REMOVED', at: number, to: Position): LiveChange {
  return { op, at, observedAt: at, position: to, element, before: undefined, reason: reasonOf(op), rows: undefined };
}

const reasonOf = (op: 'ADDED' | 'REMOVED'): LiveReason => (op === 'ADDED' ? 'STARTED_MATCHING' : 'STOPPED_MATCHING');

const everything: Membership = {
  follow({ changes, to }) {
    const seen: LiveChange[] = [];
    for (const change of changes) {
      const op = isElementChange(change) ? OPS[change.op] : undefined;
      if (op !== undefined) seen.push(asItIs(change as ElementChange, op, to));
    }
    return Promise.resolve(seen);
  },
};

/** Nodes belong by their own revision: each change decides for itself; edges follow their ends. */
class OwnMembership implements Membership {
  readonly #nodes = new Set<ElementId>();
  readonly #edges = new Set<ElementId>();

  constructor(
    private readonly scope: Extract<LiveScope, { reach: 'own' }>,
    view: GraphView,
  ) {
    for (const node of view.nodes()) if (scope.matchesNode(node)) this.#nodes.add(node.id);
    for (const edge of edgesBetween(this.#nodes, view)) if (scope.matchesEdge(edge)) this.#edges.add(edge.id);
  }

  async follow({ changes, to, view }: Piece): Promise<LiveChange[]> {
    const seen: LiveChange[] = [];
    const crossed = new Map<ElementId, number>();
    for (const change of changes) {
      if (!isElementChange(change) || change.op === 'suspended') continue;
      const { element } = change;
      const members = element.kind === 'node' ? this.#nodes : this.#edges;
      const was = members.has(element.id);
      const is = isPresent(change) && (element.kind === 'node' ? this.scope.matchesNode(element) : this.#holds(element));
      if (was && is) seen.push(asItIs(change, 'UPDATED', to));
      else if (is) {
        members.add(element.id);
        if (change.op === 'added') seen.push(asItIs(change, 'ADDED', to));
        else {
          seen.push(crossing(change, 'ADDED', to));
          if (element.kind === 'node') crossed.set(element.id, change.at);
        }
      } else if (was) {
        members.delete(element.id);
        if (change.op === 'removed') seen.push(asItIs(change, 'REMOVED', to));
        else {
          seen.push(crossing(change, 'REMOVED', to));
          if (element.kind === 'node') crossed.set(element.id, change.at);
        }
      }
    }
    if (crossed.size > 0) this.#dragEdges(crossed, await view(), to, seen);
    return seen;
  }

  #holds(edge: EdgeRevision): boolean {
    return this.#nodes.has(edge.parent) && this.#nodes.has(edge.child) && this.scope.matchesEdge(edge);
  }

  /** Edges of nodes that crossed the border appear or go with them. */
  #dragEdges(crossed: ReadonlyMap<ElementId, number>, view: GraphView, to: Position, seen: LiveChange[]): void {
    for (const [id, at] of crossed) {
      for (const edges of [view.outEdges(id), view.inEdges(id)]) {
        for (const edge of edges) {
          const was = this.#edges.has(edge.id);
          const is = this.#holds(edge);
          if (was === is) continue;
          if (is) this.#edges.add(edge.id);
          else this.#edges.delete(edge.id);
          seen.push(dragged(edge, is ? 'ADDED' : 'REMOVED', at, to));
        }
      }
    }
  }
}

/** Nodes belong through others: who belongs is worked out anew where each piece ends. */
class OthersMembership implements Membership {
  #members: ReadonlyMap<ElementId, Revision>;

  constructor(
    private readonly scope: Extract<LiveScope, { reach: 'others' }>,
    members: ReadonlyMap<ElementId, Revision>,
  ) {
    this.#members = members;
  }

  async follow({ changes, to, view }: Piece): Promise<LiveChange[]> {
    const elementChanges = changes.filter((change): change is ElementChange => isElementChange(change) && change.op !== 'suspended');
    const at = elementChanges.at(-1)?.at;
    if (at === undefined) return [];
    const before = this.#members;
    const after = await membersIn(this.scope, await view());
    this.#members = after;

    const own = collect(elementChanges);
    const entering: LiveChange[] = [];
    const leaving: LiveChange[] = [];
    for (const [id, element] of after) if (!before.has(id) && !own.created.has(id)) entering.push(dragged(element, 'ADDED', at, to));
    for (const [id, element] of before) {
      if (after.has(id) || own.removed.has(id)) continue;
      leaving.push(dragged(own.latest.get(id) ?? element, 'REMOVED', at, to));
    }
    // Nodes come before their edges, and go after them.
    leaving.reverse();
    const changed = changesOfMembers(elementChanges, before, after, to);
    return [...entering.filter(isNode), ...changed, ...entering.filter(isEdge), ...leaving];
  }
}

const isNode = ({ element }: LiveChange): boolean => element.kind === 'node';
const isEdge = ({ element }: LiveChange): boolean => element.kind === 'edge';

/** What the elements themselves did in one piece. */
interface OwnChanges {
  /** Created, and there when the piece ended. */
  readonly created: ReadonlySet<ElementId>;
  /** Removed at least once, also when created again afterwards. */
  readonly removed: ReadonlySet<ElementId>;
  readonly latest: ReadonlyMap<ElementId, Revision>;
}

function collect(changes: readonly ElementChange[]): OwnChanges {
  const created = new Set<ElementId>();
  const removed = new Set<ElementId>();
  const latest = new Map<ElementId, Revision>();
  for (const { op, element } of changes) {
    latest.set(element.id, element);
    if (op === 'added') created.add(element.id);
    if (op !== 'removed') continue;
    created.delete(element.id);
    removed.add(element.id);
  }
  return { created, removed, latest };
}

/** Own changes of what belonged before and still does, of what was created, and removals of what belonged. */
function changesOfMembers(
  changes: readonly ElementChange[],
  before: ReadonlyMap<ElementId, Revision>,
  after: ReadonlyMap<ElementId, Revision>,
  to: Position,
): LiveChange[] {
  const shown = new Set(before.keys());
  const seen: LiveChange[] = [];
  for (const change of changes) {
    const { id } = change.element;
    if (change.op === 'removed') {
      if (shown.delete(id)) seen.push(asItIs(change, 'REMOVED', to));
    } else if (after.has(id)) {
      if (shown.has(id)) seen.push(asItIs(change, 'UPDATED', to));
      else if (change.op === 'added') {
        shown.add(id);
        seen.push(asItIs(change, 'ADDED', to));
      }
    }
  }
  return seen;
}

const membersIn = (scope: Extract<LiveScope, { reach: 'others' }>, view: GraphView): Awaitable<ReadonlyMap<ElementId, Revision>> =>
  whenReady(scope.select(view), ({ nodes, edges }) => {
    const members = new Map<ElementId, Revision>(nodes);
    for (const edge of edges) members.set(edge.id, edge);
    return members;
  });

/** Every edge of the view with both ends among the nodes. */
export function* edgesBetween(
  nodes: { has(id: ElementId): boolean; keys(): Iterable<ElementId> },
  view: GraphView,
): Iterable<EdgeRevision> {
  for (const id of nodes.keys()) for (const edge of view.outEdges(id)) if (nodes.has(edge.child)) yield edge;
}
