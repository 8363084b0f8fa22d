import type { EdgeRevision, NodeRevision } from '../graph/element.js';
import { nodeState } from '../graph/nodeState.js';

/** What identifies an entry's place in a list. The id comes last, so that no two entries share a place. */
export type SortKey = readonly (string | number)[];

/** How a list is ordered: cheap to compare, and with a key that a cursor can hold. */
export interface Order<T> {
  compare(a: T, b: T): number;
  keyOf(entry: T): SortKey;
  /** Orders an entry against the key of another, which may not be in the list any more. */
  compareToKey(entry: T, key: SortKey): number;
}

export type NodeOrderField = 'ID' | 'NAME' | 'TYPE' | 'HOST' | 'STATE' | 'CREATED_AT' | 'UPDATED_AT';

export interface NodeOrder {
  readonly field?: NodeOrderField | null;
  readonly direction?: 'ASC' | 'DESC' | null;
}

interface Identified {
  readonly id: string;
}

const compareValues = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** By id: the order of a list for which nothing was asked. */
export const byId: Order<Identified> = {
  compare: (a, b) => compareValues(a.id, b.id),
  keyOf: ({ id }) => [id],
  compareToKey: ({ id }, key) => compareValues(id, String(key.at(-1))),
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const readers: Readonly<Record<NodeOrderField, ((node: NodeRevision) => string | number) | undefined>> = {
  ID: undefined,
  NAME: ({ metadata }) => text(metadata.Name),
  TYPE: ({ metadata }) => text(metadata.Type),
  HOST: ({ host }) => host,
  STATE: nodeState,
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
};

export function nodeOrder(order: NodeOrder | null | undefined): Order<NodeRevision> {
  const sign = order?.direction === 'DESC' ? -1 : 1;
  const read = readers[order?.field ?? 'ID'];
  if (read === undefined) return sign === 1 ? byId : reversed(byId);
  return {
    compare: (a, b) => sign * (compareValues(read(a), read(b)) || compareValues(a.id, b.id)),
    keyOf: (node) => [read(node), node.id],
    compareToKey: (node, [value, id]) => sign * (compareValues(read(node), value ?? '') || compareValues(node.id, String(id))),
  };
}

/** From the other end. */
export const reversed = <T>(order: Order<T>): Order<T> => ({
  compare: (a, b) => -order.compare(a, b),
  keyOf: order.keyOf,
  compareToKey: (entry, key) => -order.compareToKey(entry, key),
});

export const edgeOrder: Order<EdgeRevision> = byId;
