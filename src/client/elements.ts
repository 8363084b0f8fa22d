/** What the commands ask about an element. All of it belongs to the element's own revision, so it is valid inside events too. */

export interface NodeRow {
  readonly __typename: string;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly host: string;
  readonly origin: string;
  readonly state: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly revision: number;
  readonly mac?: string | null;
  readonly mtu?: number | null;
  readonly addresses?: readonly string[];
}

export interface EdgeRow {
  readonly __typename: 'Edge';
  readonly id: string;
  readonly relationType: string;
  readonly sourceId: string;
  readonly targetId: string;
  readonly host: string;
  readonly origin: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly revision: number;
}

export type ElementRow = NodeRow | EdgeRow;

export const isEdge = (element: ElementRow): element is EdgeRow => element.__typename === 'Edge';

export const NODE_FIELDS = `
fragment NodeFields on Node {
  __typename id name type host origin state createdAt updatedAt deletedAt revision
  ... on NetworkInterface { mac mtu addresses }
}`;

export const EDGE_FIELDS = `
fragment EdgeFields on Edge {
  __typename id relationType sourceId targetId host origin createdAt updatedAt deletedAt revision
}`;

/** Both, for the union `Element`. */
export const ELEMENT_FIELDS = `
fragment ElementFields on Element {
  ... on Node { ...NodeFields }
  ... on Edge { ...EdgeFields }
}
${NODE_FIELDS}
${EDGE_FIELDS}`;

export interface PathChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}
