import type { EdgeRevision, ElementId, NodeRevision } from '../element.js';
import type { GraphView } from '../view.js';
import type { Reach } from './expand.js';
import { stepsFrom } from './steps.js';

/** A way through the graph; `edges[i]` joins `nodes[i]` and `nodes[i + 1]`. */
export interface WalkedPath {
  readonly nodes: readonly NodeRevision[];
  readonly edges: readonly EdgeRevision[];
}

export interface PathBounds extends Omit<Reach, 'depth'> {
  /** Longest path, in edges. */
  readonly maxLength: number;
  /** Most paths that are given. */
  readonly maxPaths: number;
}

/** The ways by which a node was reached first. */
interface Reached {
  readonly node: NodeRevision;
  readonly ways: { readonly from: Reached; readonly edge: EdgeRevision }[];
}

/**
 * All shortest ways from a node to the nearest of the goals: every goal at that distance, every way of that length, in an order that depends on ids only.
 * A start that is a goal is a way of length 0. Empty when no goal is within reach.
 */
export function shortestPaths(graph: GraphView, start: ElementId, goals: ReadonlySet<ElementId>, bounds: PathBounds): WalkedPath[] {
  const first = graph.node(start);
  if (first === undefined || goals.size === 0) return [];
  const seen = new Set([start]);
  let ring: Reached[] = [{ node: first, ways: [] }];
  for (let length = 0; ring.length > 0; length++) {
    const arrived = ring.filter(({ node }) => goals.has(node.id));
    if (arrived.length > 0) return pathsTo(arrived, bounds.maxPaths);
    if (length === bounds.maxLength) return [];
    ring = nextRing(graph, ring, seen, bounds);
    for (const { node } of ring) seen.add(node.id);
  }
  return [];
}

function nextRing(graph: GraphView, ring: readonly Reached[], seen: ReadonlySet<ElementId>, { direction, via }: PathBounds): Reached[] {
  const next = new Map<ElementId, Reached>();
  for (const from of ring) {
    for (const [edge, node] of stepsFrom(graph, from.node.id, direction, via)) {
      if (seen.has(node.id)) continue;
      const reached = next.get(node.id) ?? { node, ways: [] };
      reached.ways.push({ from, edge });
      next.set(node.id, reached);
    }
  }
  return [...next.values()].sort((a, b) => compare(a.node.id, b.node.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Follows the ways back, one path after the other, so that no more are made than are wanted. */
function pathsTo(arrived: readonly Reached[], maxPaths: number): WalkedPath[] {
  const paths: WalkedPath[] = [];
  const nodes: NodeRevision[] = [];
  const edges: EdgeRevision[] = [];
  const follow = ({ node, ways }: Reached): void => {
    if (paths.length >= maxPaths) return;
    nodes.push(node);
    if (ways.length === 0) paths.push({ nodes: nodes.toReversed(), edges: edges.toReversed() });
    for (const { from, edge } of ways.toSorted((a, b) => compare(a.from.node.id, b.from.node.id) || compare(a.edge.id, b.edge.id))) {
      edges.push(edge);
      follow(from);
      edges.pop();
    }
    nodes.pop();
  };
  for (const reached of arrived) follow(reached);
  return paths;
}
