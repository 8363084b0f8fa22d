import type { ElementId, NodeRevision } from '../graph/element.js';
import { whenReady, type Awaitable } from './awaitable.js';
import type { Moment, NodeView } from './elementView.js';
import { compileEdgeFilter } from '../graph/filter/edgeFilter.js';
import { neighborsOf } from '../graph/walk/neighbors.js';
import { edgesOf, type Direction } from '../graph/walk/steps.js';
import type { EdgeFilter } from '../graph/filter/edgeFilter.js';
import type { NodeFilter } from '../graph/filter/nodeFilter.js';
import { compileNodeFilter } from '../graph/filter/nodeFilter.js';
import { checkDepth } from './filters/selection.js';
import { kindOf } from './kinds.js';
import { byId, type NodeOrder } from './order.js';
import { nodeViewOf } from './nodeViews.js';
import { ownedBy, ownerOf, ownersOf } from '../graph/walk/ownership.js';
import { leading, readWindow, type PageArgs } from './page.js';
import { isSamePosition, type ReadScope } from './readScope.js';
import { edgePage, nodePage, type EdgeConnection, type NodeConnection, type TopologyLimits } from './topology.js';

export interface OwnedQuery extends PageArgs {
  readonly filter?: NodeFilter | null;
  readonly orderBy?: NodeOrder | null;
}

export interface EdgesOfQuery extends PageArgs {
  readonly direction?: Direction | null;
  readonly filter?: EdgeFilter | null;
}

export interface NeighborsQuery extends PageArgs {
  readonly direction?: Direction | null;
  readonly via?: EdgeFilter | null;
  readonly filter?: NodeFilter | null;
  readonly depth?: number | null;
  readonly orderBy?: NodeOrder | null;
}

export const parentOf = ({ id, graph, moment }: NodeView): NodeView | undefined => {
  const owner = ownerOf(graph, id);
  return owner && nodeViewOf(owner, moment);
};

/** Nearest first. */
export const ancestorsOf = ({ id, graph, moment }: NodeView): NodeView[] => ownersOf(graph, id).map((owner) => nodeViewOf(owner, moment));

/** Most namespaces of a host in one answer; a list without pages has to end somewhere. */
const MAX_NAMESPACES = 1_000;

/** Network namespaces that a host owns, by id. */
export function namespacesOf({ id, graph, moment }: NodeView): NodeView[] {
  const spaces = ownedBy(graph, id).filter((child) => kindOf(child) === 'NetworkNamespace');
  return leading(spaces, MAX_NAMESPACES, byId).map((space) => nodeViewOf(space, moment));
}

/** What surrounds a node, at the node's own moment; a later page at the moment of its cursor. */
export class Relations {
  constructor(private readonly limits: TopologyLimits) {}

  /** What the node owns; `only` narrows it to nodes of one kind. */
  children(scope: ReadScope, node: NodeView, query: OwnedQuery, only?: (child: NodeRevision) => boolean): Awaitable<NodeConnection> {
    const window = readWindow(query, this.limits.pageSize);
    const filter = query.filter ? compileNodeFilter(query.filter) : undefined;
    return this.#around(scope, node, window.moments, (id, moment) => {
      const owned = ownedBy(moment.graph, id);
      const ofKind = only === undefined ? owned : owned.filter(only);
      return nodePage(filter === undefined ? ofKind : ofKind.filter(filter.in(moment.graph)), moment, window, query.orderBy);
    });
  }

  edges(scope: ReadScope, node: NodeView, query: EdgesOfQuery): Awaitable<EdgeConnection> {
    const window = readWindow(query, this.limits.pageSize);
    const test = query.filter ? compileEdgeFilter(query.filter) : undefined;
    return this.#around(scope, node, window.moments, (id, moment) => {
      const edges = edgesOf(moment.graph, id, query.direction ?? 'BOTH');
      return edgePage(test === undefined ? edges : edges.filter(test), moment, window);
    });
  }

  /** Nodes at most `depth` edges away, each once, without the node itself. */
  neighbors(scope: ReadScope, node: NodeView, query: NeighborsQuery): Awaitable<NodeConnection> {
    const window = readWindow(query, this.limits.pageSize);
    const depth = checkDepth(query.depth ?? 1, 'depth');
    const via = compileEdgeFilter(query.via, 'via');
    const filter = query.filter ? compileNodeFilter(query.filter) : undefined;
    return this.#around(scope, node, window.moments, (id, moment) => {
      const found = neighborsOf(moment.graph, id, { depth, direction: query.direction ?? 'BOTH', via });
      return nodePage(filter === undefined ? found : found.filter(filter.in(moment.graph)), moment, window, query.orderBy);
    });
  }

  #around<T>(
    scope: ReadScope,
    node: NodeView,
    moments: ReturnType<typeof readWindow>['moments'],
    read: (id: ElementId, moment: Moment) => T,
  ): Awaitable<T> {
    const position = moments?.[0];
    if (position === undefined || isSamePosition(position, node.there.position)) return read(node.id, node.there);
    return whenReady(scope.atPosition(position), (moment) => read(node.id, moment));
  }
}
