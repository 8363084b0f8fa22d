import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView, IndexedKey } from '../../graph/view.js';
import type { EdgeFilter, NodeFilter, StringFilter } from './inputs.js';
import { parseAddress } from './values.js';

/** Nodes that can match at all: what an index leads to where the filter names an indexed value, otherwise every node. Each node once. */
export function candidateNodes(graph: GraphView, filter: NodeFilter | null | undefined): Iterable<NodeRevision> {
  return indexedNodes(graph, filter) ?? graph.nodes();
}

/** `undefined` when no index applies. */
export function indexedNodes(graph: GraphView, filter: NodeFilter | null | undefined): Iterable<NodeRevision> | undefined {
  if (!filter) return undefined;
  if (filter.id) return present(new Set(filter.id), (id) => graph.node(id));
  const lookup = narrowest(filter);
  if (lookup !== undefined) return lookUp(graph, lookup.key, lookup.values);
  for (const part of filter.and ?? []) {
    const found = indexedNodes(graph, part);
    if (found !== undefined) return found;
  }
  return undefined;
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
    lookupIn('MAC', mac && { eq: mac.eq?.toLowerCase(), in: mac.in?.map((text) => text.toLowerCase()) }) ??
    (addressText?.kind() === 'ipv4' ? { key: 'IPV4', values: [addressText.toString()] } : undefined) ??
    lookupIn('Name', name) ??
    lookupIn('host', host) ??
    lookupIn('Type', type) ??
    lookupIn('origin', origin)
  );
}

const lookupIn = (key: IndexedKey, filter: StringFilter | null | undefined): Lookup | undefined => {
  if (typeof filter?.eq === 'string') return { key, values: [filter.eq] };
  return filter?.in ? { key, values: filter.in } : undefined;
};

function lookUp(graph: GraphView, key: IndexedKey, values: readonly string[]): Iterable<NodeRevision> {
  if (values.length === 1) return graph.nodesBy(key, values[0]!);
  const found = new Map<ElementId, NodeRevision>();
  for (const value of values) for (const node of graph.nodesBy(key, value)) found.set(node.id, node);
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
export function candidateEdges(graph: GraphView, filter: EdgeFilter | null | undefined): Iterable<EdgeRevision> {
  if (filter?.id) return present(new Set(filter.id), (id) => graph.edge(id));
  if (typeof filter?.source === 'string') return graph.outEdges(filter.source);
  if (typeof filter?.target === 'string') return graph.inEdges(filter.target);
  return graph.edges();
}
