import { CanopyError } from '../common/errors.js';
import { concatenatedId } from '../common/ids.js';
import type { Json, JsonObject } from '../common/json.js';
import type { PutEdge, PutNode } from '../graph/delta.js';
import { isJsonObject } from '../graph/metadataPath.js';

/** A node or edge in Skydive's form, read from what a client sent. */
export interface ReadElement<Delta extends PutNode | PutEdge> {
  readonly delta: Delta;
  /** As the client counts; 0 where it does not. */
  readonly revision: number;
}

/** Keys are read in any case, as Go's decoder does; an exact one wins. */
export function fieldOf(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  for (const [key, value] of Object.entries(object)) if (key.toLowerCase() === lower) return value;
  return undefined;
}

/** A node as it is sent. Throws `BAD_INPUT` with Skydive's text where it has one. Without the rules for kinds of nodes, which are `checkNode`'s. */
export function readNode(json: Json): ReadElement<PutNode> {
  const { revision, ...element } = readElement(json);
  return { delta: { op: 'putNode', ...element }, revision };
}

/** An edge as it is sent; one without an id gets that of its ends. Throws as `readNode`. */
export function readEdge(json: Json): ReadElement<PutEdge> {
  const object = objectOf(json);
  const parent = textOf(object, 'Parent', 'parent ID wrong format');
  const child = textOf(object, 'Child', 'child ID wrong format');
  const withId = fieldOf(object, 'ID') === undefined ? { ...object, ID: concatenatedId(parent, child) } : object;
  const { revision, ...element } = readElement(withId);
  return { delta: { op: 'putEdge', ...element, parent, child }, revision };
}

function readElement(json: Json): {
  readonly id: string;
  readonly host: string;
  readonly metadata: JsonObject;
  readonly observedAt: number | undefined;
  readonly appearedAt: number | undefined;
  readonly revision: number;
} {
  const object = objectOf(json);
  const id = textOf(object, 'ID', 'No ID found for graph element');
  const host = fieldOf(object, 'Host') ?? '';
  if (typeof host !== 'string') throw wrong('Host must be a string');
  if (typeof (fieldOf(object, 'Origin') ?? '') !== 'string') throw wrong('Origin must be a string');
  const metadata = fieldOf(object, 'Metadata') ?? {};
  if (!isJsonObject(metadata)) throw wrong('Metadata must be an object');
  const createdAt = timeOf(object, 'CreatedAt');
  const updatedAt = timeOf(object, 'UpdatedAt');
  timeOf(object, 'DeletedAt');
  const revision = fieldOf(object, 'Revision') ?? 0;
  if (typeof revision !== 'number' || !Number.isSafeInteger(revision)) throw wrong('Revision must be a whole number');
  return { id, host, metadata, observedAt: updatedAt ?? createdAt, appearedAt: createdAt, revision };
}

function objectOf(json: Json): JsonObject {
  if (isJsonObject(json)) return json;
  throw wrong('a graph element is a JSON object');
}

function textOf(object: JsonObject, name: string, fault: string): string {
  const value = fieldOf(object, name);
  if (typeof value !== 'string' || value === '') throw wrong(fault);
  return value;
}

/** Whole milliseconds; `null` and 0 say nothing. */
function timeOf(object: JsonObject, name: string): number | undefined {
  const value = fieldOf(object, name);
  if (value === undefined || value === null || value === 0) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(`${name} must be whole milliseconds or null`);
  return value;
}

/** Types whose nodes need more than a name; who has that needs no type. */
const NEEDED: ReadonlyMap<unknown, string> = new Map([
  ['netns', 'Path'],
  ['ovsport', 'UUID'],
]);

/** What makes a node of a publisher a node (REST, `/ws/publisher`, `/ws/pubsub`). Throws `BAD_INPUT` with every fault. */
export function checkNode({ metadata }: Pick<PutNode, 'metadata'>): void {
  const faults: string[] = [];
  const { Name: name, Type: type } = metadata;
  if (typeof name !== 'string' || name === '') faults.push('Metadata.Name must be a text that is not empty');
  const needed = NEEDED.get(type);
  if (needed !== undefined) {
    if (typeof metadata[needed] !== 'string') faults.push(`a ${String(type)} needs Metadata.${needed}`);
  } else if (type !== undefined || ![...NEEDED.values()].some((key) => typeof metadata[key] === 'string')) {
    if (typeof type !== 'string' || type === '') faults.push('Metadata.Type must be a text that is not empty');
  }
  throwIfAny(faults);
}

/** The same of an edge. */
export function checkEdge({ metadata }: Pick<PutEdge, 'metadata'>): void {
  const { RelationType: relation } = metadata;
  throwIfAny(typeof relation === 'string' && relation !== '' ? [] : ['Metadata.RelationType must be a text that is not empty']);
}

function throwIfAny(faults: readonly string[]): void {
  if (faults.length > 0) throw wrong(`invalid schema: ${faults.join('\n')}`);
}

const wrong = (message: string): CanopyError => new CanopyError('BAD_INPUT', message);
