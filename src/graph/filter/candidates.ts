import type { EdgeRevision, ElementId, NodeRevision } from '../element.js';
import type { GraphView, IndexedKey } from '../view.js';
import { ownedBelow } from '../walk/ownership.js';
import { parseAddress } from './addressFilter.js';
import type { EdgeFilter } from './edgeFilter.js';
import { compileNodeFilter, type NodeFilter } from './nodeFilter.js';
import type { StringFilter } from './stringFilter.js';
import { given, type Maybe } from './valueTest.js';

/** Nodes that can match at all: what an index leads to where the filter names an indexed value, otherwise every node. Each node once. */
export function candidateNodes(graph: GraphView, filter: Maybe<NodeFilter>): Iterable<NodeRevision> {
  return indexedNodes(graph, filter) ?? graph.nodes();
}

/** `undefined` when no index applies. */
export function indexedNodes(graph: GraphView, filter: Maybe<NodeFilter>): Iterable<NodeRevision> | undefined {
  if (!filter) return undefined;
  if (filter.id) return present(new Set(filter.id), (id) => graph.node(id));
  const lookup = narrowest(filter);
  if (lookup !== undefined) return lookUp(graph, lookup);
  for (const part of filter.and ?? []) {
    const found = indexedNodes(graph, part);
    if (found !== undefined) return found;
  }
  if (filter.or && filter.or.length > 0) {
    const alternatives = filter.or.map((part) => indexedNodes(graph, part));
    if (alternatives.every((found) => found !== undefined)) return union(alternatives);
  }
  return filter.within ? nodesWithin(graph, filter.within) : undefined;
}

interface Lookup {
  readonly key: IndexedKey;
  readonly values: readonly string[];
}

/** In the order of how few nodes share a value. */
function narrowest({ tid, mac, address, name, host, type, origin }: NodeFilter): Lookup | undefined {
  const addressText = address?.eq ? parseAddress(address.eq) : undefined;
  return (
    (tid ? { key: 'TID', values: tid } : undefined) ??
    lookupIn('MAC', mac) ??
    (addressText?.kind() === 'ipv4' ? { key: 'IPV4', values: [addressText.toString()] } : undefined) ??
    lookupIn('Name', name) ??
    lookupIn('host', host) ??
    lookupIn('Type', type) ??
    lookupIn('origin', origin)
  );
}

const lookupIn = (key: IndexedKey, filter: Maybe<StringFilter>): Lookup | undefined => {
  if (given(filter?.eq)) return { key, values: [filter.eq] };
  return filter?.in ? { key, values: filter.in } : undefined;
};

const lookUp = (graph: GraphView, { key, values }: Lookup): Iterable<NodeRevision> =>
  values.length === 1 ? graph.nodesBy(key, values[0] as string) : union(values.map((value) => graph.nodesBy(key, value)));

/** Down from the owners, where an index leads to them. */
function nodesWithin(graph: GraphView, owners: NodeFilter): Iterable<NodeRevision> | undefined {
  const roots = indexedNodes(graph, owners);
  if (roots === undefined) return undefined;
  const test = compileNodeFilter(owners).in(graph);
  return ownedBelow(graph, Array.from(roots).filter(test));
}

function union(lists: readonly Iterable<NodeRevision>[]): Iterable<NodeRevision> {
  const found = new Map<ElementId, NodeRevision>();
  for (const nodes of lists) for (const node of nodes) found.set(node.id, node);
  return found.values();
}

function present<T>(ids: Iterable<ElementId>, read: (id: ElementId) => T | undefined): T[] {
  const found: T[] = [];
  for (const id of ids) {
    const element = read(id);
    if (element !== undefined) found.push(element);
  }
  return found;
}

/** Edges that can match at all. */
export function candidateEdges(graph: GraphView, filter: Maybe<EdgeFilter>): Iterable<EdgeRevision> {
  if (filter?.id) return present(new Set(filter.id), (id) => graph.edge(id));
  if (given(filter?.source)) return graph.outEdges(filter.source);
  if (given(filter?.target)) return graph.inEdges(filter.target);
  return graph.edges();
}
