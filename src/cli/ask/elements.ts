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

/** What nodes are called, by id: an edge in an event or a difference has only the ids of its ends. */
export type NodeNames = ReadonlyMap<string, string>;

/** What an element is called in one phrase: `veth veth0 on web-1`, `layer2 veth veth0 → bridge br0`. */
export const nameElement = (element: ElementRow, names: NodeNames = new Map()): string =>
  isEdge(element)
    ? `${element.relationType} ${names.get(element.sourceId) ?? element.sourceId} → ${names.get(element.targetId) ?? element.targetId}`
    : `${nameNode(element)} on ${element.host || '(no host)'}`;

/** `veth veth0`. */
export const nameNode = ({ type, name }: Pick<NodeRow, 'type' | 'name'>): string => `${type} ${name}`;

export interface PathChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** `State: UP → DOWN`. */
export const describePath = ({ path, before, after }: PathChange): string => `${path}: ${shorten(before)} → ${shorten(after)}`;

const LONGEST_VALUE = 60;

function shorten(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}
