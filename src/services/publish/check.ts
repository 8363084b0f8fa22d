import { concatenatedId } from '../../common/ids.js';
import type { Json, JsonObject } from '../../common/json.js';
import type { Delta } from '../../graph/delta.js';
import type { ElementId, Revision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { PublishEdge, PublishNode, PublishTopology } from './inputs.js';
import { isReserved } from './origins.js';
import type { Problems } from './problems.js';

/** Longest id, name, type, host, origin and relation type, characters. */
const MAX_NAME_LENGTH = 256;
/** Longest key of metadata, characters. */
const MAX_KEY_LENGTH = 256;
/** Levels of objects and lists in metadata. */
const MAX_METADATA_DEPTH = 16;
/** Elements in one call: what one transaction takes without holding others up. */
export const MAX_ELEMENTS_PER_CALL = 20_000;
/** Shortest lease: below it a publisher's own jitter removes its elements. */
const MIN_LEASE_MS = 1_000;

/** What a call asks for, once every part of it has been found good. */
export interface CheckedCall {
  readonly deltas: readonly Delta[];
  readonly published: readonly ElementId[];
  readonly removed: readonly ElementId[];
}

/** Finds everything that is wrong with the call; what it returns is good only when no problem was added. */
export function checkPublish(call: PublishTopology, graph: GraphView, problems: Problems): CheckedCall {
  checkText(call.origin, 'origin', problems);
  if (isReserved(call.origin))
    problems.add('origin', `'${call.origin}' is taken; give a name of your own, such as 'inventory' or 'rack-scanner.dc1'`, 'FORBIDDEN');
  if (typeof call.lease === 'number' && call.lease < MIN_LEASE_MS)
    problems.add('lease', `${call.lease}ms is too short; give at least ${MIN_LEASE_MS}ms`);
  const nodes = call.nodes ?? [];
  const edges = call.edges ?? [];
  const removed = call.removed ?? [];
  const size = nodes.length + edges.length + removed.length;
  if (size === 0) problems.add('nodes', 'nothing is published; give nodes, edges or removed');
  if (size > MAX_ELEMENTS_PER_CALL)
    problems.add('nodes', `${size} elements are too many for one call; give at most ${MAX_ELEMENTS_PER_CALL}`);
  const seen = new Map<ElementId, string>();
  const deltas: Delta[] = [];
  const check = { call, graph, problems, seen };
  nodes.forEach((node, index) => deltas.push(checkNode(node, `nodes[${index}]`, check)));
  edges.forEach((edge, index) => deltas.push(checkEdge(edge, `edges[${index}]`, check)));
  const published = [...seen.keys()];
  const present = removed.filter((id, index) => checkRemoval(id, `removed[${index}]`, check));
  // Edges first: removing a node takes its edges along, and a second removal would find nothing.
  const inOrder = present.toSorted((a, b) => Number(graph.edge(a) === undefined) - Number(graph.edge(b) === undefined));
  return { deltas: [...deltas, ...inOrder.map((id): Delta => ({ op: 'remove', id }))], published, removed: present };
}

interface Check {
  readonly call: PublishTopology;
  readonly graph: GraphView;
  readonly problems: Problems;
  /** Ids in the call, with where they stand. */
  readonly seen: Map<ElementId, string>;
}

function checkNode(node: PublishNode, path: string, check: Check): Delta {
  const { problems } = check;
  if (checkText(node.id, `${path}.id`, problems)) checkIdentity(node.id, `${path}.id`, 'node', check);
  checkText(node.name, `${path}.name`, problems);
  checkText(node.type, `${path}.type`, problems);
  if (typeof node.host === 'string' && node.host.length > MAX_NAME_LENGTH) problems.add(`${path}.host`, tooLong(node.host));
  const metadata = checkMetadata(node.metadata, `${path}.metadata`, problems);
  checkSame(metadata, 'Name', node.name, path, 'name', problems);
  checkSame(metadata, 'Type', node.type, path, 'type', problems);
  return { op: 'putNode', id: node.id, host: node.host ?? '', metadata: { ...metadata, Name: node.name, Type: node.type } };
}

function checkEdge(edge: PublishEdge, path: string, check: Check): Delta {
  const { problems } = check;
  checkText(edge.source, `${path}.source`, problems);
  checkText(edge.target, `${path}.target`, problems);
  checkText(edge.relationType, `${path}.relationType`, problems);
  const id = edge.id ?? concatenatedId(edge.source, edge.target, edge.relationType);
  if (edge.id !== undefined && edge.id !== null) checkText(edge.id, `${path}.id`, problems);
  if (edge.source === edge.target) problems.add(`${path}.target`, `'${edge.target}' is also the source; an edge needs two nodes`);
  checkIdentity(id, edge.id === undefined || edge.id === null ? path : `${path}.id`, 'edge', check);
  const present = check.graph.edge(id);
  if (present !== undefined && (present.parent !== edge.source || present.child !== edge.target)) {
    problems.add(`${path}.id`, `edge '${id}' leads from '${present.parent}' to '${present.child}'; ends never change, give another id`);
  }
  const metadata = checkMetadata(edge.metadata, `${path}.metadata`, problems);
  checkSame(metadata, 'RelationType', edge.relationType, path, 'relationType', problems);
  const host = check.graph.node(edge.source)?.host ?? '';
  return { op: 'putEdge', id, host, parent: edge.source, child: edge.target, metadata: { ...metadata, RelationType: edge.relationType } };
}

/** One element once in a call, of one kind, and only by its origin. */
function checkIdentity(id: ElementId, path: string, kind: Revision['kind'], { call, graph, problems, seen }: Check): void {
  const earlier = seen.get(id);
  if (earlier !== undefined) return problems.add(path, `'${id}' is already given at ${earlier}; give each element once`);
  seen.set(id, path);
  const present = graph.node(id) ?? graph.edge(id);
  if (present === undefined) return;
  if (present.kind !== kind) problems.add(path, `'${id}' is ${present.kind === 'node' ? 'a node' : 'an edge'} already; give another id`);
  else if (present.origin !== call.origin) problems.add(path, notYours(id, present.origin), 'FORBIDDEN');
}

/** Whether there is something to remove; what is not there any more is no mistake, so that a call can be repeated. */
function checkRemoval(id: ElementId, path: string, { call, graph, problems, seen }: Check): boolean {
  const given = seen.get(id);
  if (given !== undefined) problems.add(path, `'${id}' is also published, at ${given}; give it once`);
  seen.set(id, path);
  const present = graph.node(id) ?? graph.edge(id);
  if (present === undefined) return false;
  if (present.origin !== call.origin) problems.add(path, notYours(id, present.origin), 'FORBIDDEN');
  return true;
}

export const notYours = (id: ElementId, origin: string): string =>
  `'${id}' belongs to the origin '${origin}': only it may change or remove it`;

function checkText(text: string, path: string, problems: Problems): boolean {
  if (text.trim() === '') problems.add(path, 'is empty; give a text');
  else if (text.length > MAX_NAME_LENGTH) problems.add(path, tooLong(text));
  else return true;
  return false;
}

const tooLong = (text: string): string => `'${text.slice(0, 20)}…' has ${text.length} characters; give at most ${MAX_NAME_LENGTH}`;

/** The fields of the call win over metadata, so a metadata value that says otherwise is a mistake. */
function checkSame(metadata: JsonObject, key: string, value: string, path: string, field: string, problems: Problems): void {
  const other = metadata[key];
  if (other !== undefined && other !== value)
    problems.add(`${path}.metadata.${key}`, `${JSON.stringify(other)} differs from ${field}, '${value}'; leave it out`);
}

function checkMetadata(metadata: Json | null | undefined, path: string, problems: Problems): JsonObject {
  if (metadata === undefined || metadata === null) return {};
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    problems.add(path, `${JSON.stringify(metadata)?.slice(0, 40)} is not an object; give { "key": value, … }`);
    return {};
  }
  checkJson(metadata, path, 0, problems);
  return metadata as JsonObject;
}

function checkJson(value: Json, path: string, depth: number, problems: Problems): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_METADATA_DEPTH) return problems.add(path, `is nested more than ${MAX_METADATA_DEPTH} levels deep; flatten it`);
  if (Array.isArray(value)) return (value as Json[]).forEach((entry, index) => checkJson(entry, `${path}[${index}]`, depth + 1, problems));
  for (const [key, entry] of Object.entries(value)) {
    if (key === '' || key.length > MAX_KEY_LENGTH || key === '__proto__')
      problems.add(`${path}.${key.slice(0, 20)}`, `the key is not valid; give 1 to ${MAX_KEY_LENGTH} characters`);
    else if (key.includes('.'))
      problems.add(`${path}.${key}`, `a key has no '.', which separates the steps of a path; give nested objects`);
    checkJson(entry, `${path}.${key}`, depth + 1, problems);
  }
}
