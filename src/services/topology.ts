import { CanopyError } from '../common/errors.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import type { Asker } from './asker.js';
import { whenReady, type Awaitable } from './awaitable.js';
import { edgeViewOf, type EdgeView } from './edgeView.js';
import type { Moment, NodeView } from './elementView.js';
import { candidateEdges, candidateNodes } from '../graph/filter/candidates.js';
import { compileEdgeFilter } from '../graph/filter/edgeFilter.js';
import type { EdgeFilter } from '../graph/filter/edgeFilter.js';
import type { NodeFilter } from '../graph/filter/nodeFilter.js';
import type { TopologyFilter } from './filters/inputs.js';
import { compileNodeFilter } from '../graph/filter/nodeFilter.js';
import { everyNode } from '../graph/filter/compiled.js';
import { compileSelection, type Selected } from './filters/selection.js';
import type { Instant } from './instant.js';
import { byId, edgeOrder, nodeOrder, type NodeOrder } from './order.js';
import { nodeViewOf } from './nodeViews.js';
import { leading, pageOf, readWindow, type Connection, type PageArgs, type PageWindow } from './page.js';
import { isSamePosition } from './readScope.js';
import type { Sight } from './sight/sight.js';
import { requireRight } from './viewer.js';

export type NodeConnection = Connection<NodeRevision, NodeView>;
export type EdgeConnection = Connection<EdgeRevision, EdgeView>;

export interface NodesQuery extends PageArgs {
  readonly filter?: NodeFilter | null;
  readonly orderBy?: NodeOrder | null;
  readonly at?: Instant | null;
}

export interface EdgesQuery extends PageArgs {
  readonly filter?: EdgeFilter | null;
  readonly at?: Instant | null;
}

/** A consistent picture of a part of the topology. */
export interface Picture {
  readonly moment: Moment;
  readonly nodes: readonly NodeView[];
  readonly edges: readonly EdgeView[];
  readonly at: number;
  /** Where `topologyChanges` goes on from; `undefined` when the picture was cut. */
  readonly cursor: Position | undefined;
  readonly truncated: boolean;
}

/** Sizes that answers are held to. */
export interface TopologyLimits {
  /** Entries in a page. */
  readonly pageSize: number;
  /** Elements in one picture. */
  readonly pictureElements: number;
}

/** The graph, now or at any kept instant: single elements, lists and pictures. */
export class Topology {
  #latest: { readonly position: Position; readonly sight: Sight | undefined; readonly sorted: NodeRevision[] | undefined } | undefined;

  constructor(readonly limits: TopologyLimits) {}

  /** `undefined` when there was no such node at the instant. `alone`: nothing around it will be read, which spares the graph of the past. */
  node({ viewer, scope }: Asker, id: ElementId, at: Instant | null | undefined, alone = false): Awaitable<NodeView | undefined> {
    requireRight(viewer, 'topology', 'read');
    if (alone && scope.readsAlone(at)) return scope.alone(at, (history, position) => history.node(id, position), nodeViewOf);
    return whenReady(scope.at(at), (moment) => {
      const node = moment.graph.node(id);
      return node && nodeViewOf(node, moment);
    });
  }

  /** `undefined` when there was no such edge at the instant. `alone` as for a node. */
  edge({ viewer, scope }: Asker, id: ElementId, at: Instant | null | undefined, alone = false): Awaitable<EdgeView | undefined> {
    requireRight(viewer, 'topology', 'read');
    if (alone && scope.readsAlone(at)) return scope.alone(at, (history, position) => history.edge(id, position), edgeViewOf);
    return whenReady(scope.at(at), (moment) => {
      const edge = moment.graph.edge(id);
      return edge && edgeViewOf(edge, moment);
    });
  }

  /** Throws `BAD_INPUT` for a wrong filter or page. */
  nodes({ viewer, scope }: Asker, { filter, orderBy, at, ...page }: NodesQuery): Awaitable<NodeConnection> {
    requireRight(viewer, 'topology', 'read');
    const window = readWindow(page, this.limits.pageSize);
    const compiled = compileNodeFilter(filter);
    return whenReady(momentOfPage(scope, window.moments, at), (moment) => {
      const isPlain = compiled === everyNode && !orderBy && !window.fromEnd;
      const entries = isPlain
        ? this.#allById(moment, scope.sight)
        : Array.from(candidateNodes(moment.graph, filter)).filter(compiled.in(moment.graph));
      return nodePage(entries, moment, window, orderBy);
    });
  }

  /** Throws `BAD_INPUT` for a wrong filter or page. */
  edges({ viewer, scope }: Asker, { filter, at, ...page }: EdgesQuery): Awaitable<EdgeConnection> {
    requireRight(viewer, 'topology', 'read');
    const window = readWindow(page, this.limits.pageSize);
    const test = compileEdgeFilter(filter);
    return whenReady(momentOfPage(scope, window.moments, at), (moment) =>
      edgePage(Array.from(candidateEdges(moment.graph, filter)).filter(test), moment, window),
    );
  }

  /** Throws `BAD_INPUT` for a wrong filter. More elements than fit are cut: nodes first, by id, then the edges between those. */
  picture({ viewer, scope }: Asker, filter: TopologyFilter | null | undefined, at: Instant | null | undefined): Awaitable<Picture> {
    requireRight(viewer, 'topology', 'read');
    const selection = compileSelection(filter);
    return whenReady(scope.at(at), (moment) => whenReady(selection.in(moment.graph), (selected) => this.#drawn(selected, moment)));
  }

  /**
   * Every node by id. Kept for the latest graph that was asked twice: walking through all pages, or asking again and again, sorts once.
   */
  #allById({ graph, position }: Moment, sight: Sight | undefined): NodeRevision[] {
    const latest = this.#latest;
    const isSame = latest !== undefined && latest.sight === sight && isSamePosition(latest.position, position);
    if (isSame && latest.sorted !== undefined) return latest.sorted;
    const nodes = [...graph.nodes()];
    this.#latest = { position, sight, sorted: isSame ? nodes.sort(byId.compare) : undefined };
    return nodes;
  }

  #drawn(selected: Selected, moment: Moment): Picture {
    const room = this.limits.pictureElements;
    const truncated = selected.nodes.size + selected.edges.length > room;
    const { nodes, edges } = truncated ? cut(selected, room) : { nodes: [...selected.nodes.values()], edges: selected.edges };
    return {
      moment,
      nodes: nodes.map((node) => nodeViewOf(node, moment)),
      edges: edges.map((edge) => edgeViewOf(edge, moment)),
      at: moment.at,
      cursor: truncated ? undefined : moment.position,
      truncated,
    };
  }
}

/** A later page is of the moment of its cursor; a first page of the instant that was asked for. */
function momentOfPage(scope: Asker['scope'], moments: readonly Position[] | undefined, at: Instant | null | undefined): Awaitable<Moment> {
  const [position] = moments ?? [];
  return position === undefined ? scope.at(at) : scope.atPosition(position);
}

export const nodePage = (entries: NodeRevision[], moment: Moment, window: PageWindow, orderBy?: NodeOrder | null): NodeConnection =>
  pageOf(entries, nodeOrder(orderBy), moment, nodeViewOf, window);

export const edgePage = (entries: EdgeRevision[], moment: Moment, window: PageWindow): EdgeConnection =>
  pageOf(entries, edgeOrder, moment, edgeViewOf, window);

function cut({ nodes, edges }: Selected, room: number): { nodes: NodeRevision[]; edges: EdgeRevision[] } {
  const kept = leading([...nodes.values()], room, byId);
  const ids = new Set(kept.map(({ id }) => id));
  const between = edges.filter(({ parent, child }) => ids.has(parent) && ids.has(child));
  return { nodes: kept, edges: leading(between, room - kept.length, byId) };
}

/** Throws `NOT_FOUND` with what to do. */
export const noSuchNode = (id: ElementId): CanopyError =>
  new CanopyError('NOT_FOUND', `there is no node '${id}' now; node(id:, at:) finds one that is gone`, {
    details: { field: 'id', value: id },
  });
