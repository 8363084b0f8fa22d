import { CanopyError } from '../common/errors.js';
import type { JsonObject } from '../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from './element.js';
import type { Position } from './position.js';
import { Replacements } from './replacements.js';
import type { GraphView, IndexedKey } from './view.js';

/** The reading half of a view: what an overlay lies on. Lists that it returns do not change afterwards. */
export type GraphReader = Pick<GraphView, 'node' | 'edge' | 'nodes' | 'edges' | 'outEdges' | 'inEdges' | 'nodesBy' | 'measurements'>;

/** What a view is of. */
export interface ViewMoment {
  readonly position: Position;
  readonly at: number;
  readonly isLive: boolean;
  readonly nodeCount: number;
  readonly edgeCount: number;
}

/** A reader with some elements replaced: the present with its latest changes undone, or a past near another one. */
export class OverlayView implements GraphView {
  readonly position: Position;
  readonly at: number;
  readonly isLive: boolean;
  readonly nodeCount: number;
  readonly edgeCount: number;
  private isReleased = false;

  constructor(
    private reader: GraphReader,
    private readonly replaced: Replacements,
    moment: ViewMoment,
    private readonly onRelease: () => void,
  ) {
    this.position = moment.position;
    this.at = moment.at;
    this.isLive = moment.isLive;
    this.nodeCount = moment.nodeCount;
    this.edgeCount = moment.edgeCount;
  }

  node(id: ElementId): NodeRevision | undefined {
    return this.replaced.nodes.has(id) ? this.replaced.nodes.get(id) : this.reader.node(id);
  }

  edge(id: ElementId): EdgeRevision | undefined {
    return this.replaced.edges.has(id) ? this.replaced.edges.get(id) : this.reader.edge(id);
  }

  nodes(): Iterable<NodeRevision> {
    const { nodes } = this.replaced;
    if (nodes.size === 0) return this.reader.nodes();
    return [...kept(this.reader.nodes(), nodes), ...present(nodes.values())];
  }

  edges(): Iterable<EdgeRevision> {
    const { edges } = this.replaced;
    if (edges.size === 0) return this.reader.edges();
    return [...kept(this.reader.edges(), edges), ...present(edges.values())];
  }

  outEdges(id: ElementId): Iterable<EdgeRevision> {
    const { edges } = this.replaced;
    if (edges.size === 0) return this.reader.outEdges(id);
    return [...kept(this.reader.outEdges(id), edges), ...this.replaced.outEdges(id)];
  }

  inEdges(id: ElementId): Iterable<EdgeRevision> {
    const { edges } = this.replaced;
    if (edges.size === 0) return this.reader.inEdges(id);
    return [...kept(this.reader.inEdges(id), edges), ...this.replaced.inEdges(id)];
  }

  nodesBy(key: IndexedKey, value: string): Iterable<NodeRevision> {
    const { nodes } = this.replaced;
    if (nodes.size === 0) return this.reader.nodesBy(key, value);
    return [...kept(this.reader.nodesBy(key, value), nodes), ...this.replaced.nodesBy(key, value)];
  }

  measurements(id: ElementId): JsonObject | undefined {
    return this.isLive ? this.reader.measurements(id) : undefined;
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.reader = RELEASED;
    this.onRelease();
  }
}

function kept<R extends Revision>(revisions: Iterable<R>, replaced: ReadonlyMap<ElementId, R | undefined>): R[] {
  const result: R[] = [];
  for (const revision of revisions) if (!replaced.has(revision.id)) result.push(revision);
  return result;
}

function present<R>(revisions: Iterable<R | undefined>): R[] {
  const result: R[] = [];
  for (const revision of revisions) if (revision !== undefined) result.push(revision);
  return result;
}

function released(): never {
  throw new CanopyError('INTERNAL', 'a view of the graph was read after its release');
}

const RELEASED: GraphReader = {
  node: released,
  edge: released,
  nodes: released,
  edges: released,
  outEdges: released,
  inEdges: released,
  nodesBy: released,
  measurements: released,
};

/**
 * The view beside another one in which the given elements are as given (`undefined`: not there): how a nearby past is made from a view by
 * undoing or redoing changes. The caller sees to it that the replaced edges have both ends. Releasing it releases `base`.
 */
export function overlayView(
  base: GraphView,
  replaced: ReadonlyMap<ElementId, Revision | undefined>,
  moment: { readonly position: Position; readonly at: number },
): GraphView {
  const replacements = new Replacements();
  let { nodeCount, edgeCount } = base;
  for (const [id, revision] of replaced) {
    const wasNode = base.node(id) !== undefined;
    const wasEdge = base.edge(id) !== undefined;
    const node = revision?.kind === 'node' ? revision : undefined;
    const edge = revision?.kind === 'edge' ? revision : undefined;
    if (wasNode || node) replacements.addNode(id, node);
    if (wasEdge || edge) replacements.addEdge(id, edge);
    nodeCount += Number(node !== undefined) - Number(wasNode);
    edgeCount += Number(edge !== undefined) - Number(wasEdge);
  }
  return new OverlayView(base, replacements, { ...moment, isLive: false, nodeCount, edgeCount }, () => base.release());
}
