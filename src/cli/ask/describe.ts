import { isEdge, type ElementRow, type NodeRow, type PathChange } from '../../client/elements.js';

/** What nodes are called, by id: an edge in an event or a difference has only the ids of its ends. */
export type NodeNames = ReadonlyMap<string, string>;

/** What an element is called in one phrase: `veth veth0 on web-1`, `layer2 veth veth0 → bridge br0`. */
export const nameElement = (element: ElementRow, names: NodeNames = new Map()): string =>
  isEdge(element)
    ? `${element.relationType} ${names.get(element.sourceId) ?? element.sourceId} → ${names.get(element.targetId) ?? element.targetId}`
    : `${nameNode(element)} on ${element.host || '(no host)'}`;

/** `veth veth0`. */
export const nameNode = ({ type, name }: Pick<NodeRow, 'type' | 'name'>): string => `${type} ${name}`;

/** `State: UP → DOWN`. */
export const describePath = ({ path, before, after }: PathChange): string => `${path}: ${shorten(before)} → ${shorten(after)}`;

const LONGEST_VALUE = 60;

function shorten(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}
