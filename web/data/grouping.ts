import type { TopologyFilter } from './follow.js';
import type { PictureNode } from './elements.js';

/** What makes a group in the picture; the ids of groups are `host:web-1`, as the analyzer names them. */
export interface Grouping {
  readonly by: 'HOST' | 'ORIGIN' | 'TYPE' | 'METADATA';
  /** With `METADATA`: the dotted path. */
  readonly path: string;
}

/** What a closed group hides and an open one shows, with the other ends of its links. */
export function filterOfGroup({ by, path }: Grouping, id: string): TopologyFilter {
  const nodes = nodesOf({ by, path }, labelOf(id));
  // With `METADATA` a node does not say its group, so that the other ends could not be told from what is inside.
  return by === 'METADATA' ? { nodes } : { nodes, expand: { depth: 1, via: { relationType: { ne: 'ownership' } } } };
}

/** A node and what is so many links away from it, with its owners. */
export const filterAround = (id: string, hops: number): TopologyFilter => ({ nodes: { id: [id] }, expand: { depth: hops } });

export const labelOf = (groupId: string): string => groupId.slice(groupId.indexOf(':') + 1);

export type NodeFilter = NonNullable<TopologyFilter['nodes']>;

export function nodesOf({ by, path }: Grouping, label: string): NodeFilter {
  switch (by) {
    case 'HOST':
      return { host: { eq: label } };
    case 'ORIGIN':
      return { origin: { eq: label } };
    case 'TYPE':
      return { type: { eq: label } };
    case 'METADATA':
      return label === '' ? { metadata: [{ path, exists: false }] } : { metadata: [{ path, string: { eq: label } }] };
  }
}

/** Group of a node, as far as the node itself says it: with `METADATA` only the analyzer knows. */
export function groupOf({ by }: Grouping, node: Pick<PictureNode, 'host' | 'origin' | 'type'>): string | undefined {
  switch (by) {
    case 'HOST':
      return `host:${node.host}`;
    case 'ORIGIN':
      return `origin:${node.origin}`;
    case 'TYPE':
      return `type:${node.type}`;
    case 'METADATA':
      return undefined;
  }
}
