import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import { allFilters, type Filter, type Lookup } from '../predicates/filter.js';
import { pieces } from './rows.js';
import type { Run } from './run.js';
import type { QueriedGraph, Rows } from './traversal.js';

/** Keys in the order of how few elements share a value. */
const NARROWEST: readonly Lookup['key'][] = ['ID', 'TID', 'MAC', 'IPV4', 'Name', 'Parent', 'Child', 'host', 'Type', 'origin'];

/** The index through which the elements are best found; `undefined` when all have to be looked at. */
export function bestLookup(filters: readonly Filter[]): Lookup | undefined {
  let best: Lookup | undefined;
  for (const { lookups } of filters) {
    for (const lookup of lookups) if (best === undefined || rank(lookup) < rank(best)) best = lookup;
  }
  return best;
}

const rank = ({ key }: Lookup): number => NARROWEST.indexOf(key);

/** The nodes that pass all filters. */
export function filteredNodes(graph: QueriedGraph, filters: readonly Filter[], run: Run): Rows<NodeRevision> {
  const lookup = bestLookup(filters);
  return filtered(
    lookup === undefined ? graph.nodes() : nodesUnder(graph, lookup),
    graph,
    filters,
    run,
    lookup === undefined ? graph.nodeCount : 0,
  );
}

/** The edges that pass all filters. */
export function filteredEdges(graph: QueriedGraph, filters: readonly Filter[], run: Run): Rows<EdgeRevision> {
  const lookup = bestLookup(filters);
  return filtered(
    lookup === undefined ? graph.edges() : edgesUnder(graph, lookup),
    graph,
    filters,
    run,
    lookup === undefined ? graph.edgeCount : 0,
  );
}

function filtered<R extends NodeRevision | EdgeRevision>(
  elements: Iterable<R>,
  graph: QueriedGraph,
  filters: readonly Filter[],
  run: Run,
  scanned: number,
): Rows<R> {
  if (filters.length === 0) return pieces(elements);
  run.spend(scanned);
  return pieces(elements, allFilters(filters).in(graph));
}

function nodesUnder(graph: QueriedGraph, { key, values }: Lookup): Iterable<NodeRevision> {
  if (key === 'Parent' || key === 'Child') return [];
  const under = (value: string): Iterable<NodeRevision> => (key === 'ID' ? nodesWithId(graph, value) : graph.nodesBy(key, value));
  return values.length === 1 ? under(values[0]!) : each(values.map(under));
}

function edgesUnder(graph: QueriedGraph, { key, values }: Lookup): Iterable<EdgeRevision> {
  const under = (value: string): Iterable<EdgeRevision> => {
    if (key === 'Parent') return graph.outEdges(value);
    if (key === 'Child') return graph.inEdges(value);
    const edge = graph.edge(value);
    return edge === undefined ? [] : [edge];
  };
  return values.length === 1 ? under(values[0]!) : each(values.map(under));
}

/** The node, or all its revisions where a stretch of time is read. */
export function nodesWithId(graph: QueriedGraph, id: ElementId): readonly NodeRevision[] {
  if (graph.nodeRevisions !== undefined) return graph.nodeRevisions(id);
  const node = graph.node(id);
  return node === undefined ? [] : [node];
}

/** Adds the node at an edge's end, or all its revisions. */
export function pushNode(graph: QueriedGraph, id: ElementId, into: NodeRevision[]): void {
  if (graph.nodeRevisions === undefined) {
    const node = graph.node(id);
    if (node !== undefined) into.push(node);
  } else for (const node of graph.nodeRevisions(id)) into.push(node);
}

function each<R extends NodeRevision | EdgeRevision>(lists: readonly Iterable<R>[]): Iterable<R> {
  // A node with two addresses is under both.
  const found = new Set<R>();
  for (const list of lists) for (const element of list) found.add(element);
  return found;
}
