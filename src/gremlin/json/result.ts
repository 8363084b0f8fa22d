import type { Json } from '../../common/json.js';
import type { EdgeRevision, NodeRevision } from '../../graph/element.js';
import type { WalkedPath } from '../../graph/walk/shortestPaths.js';
import type { Outcome } from '../execute/execute.js';
import type { Keyed, QueriedGraph } from '../execute/traversal.js';
import { edgeJson, nodeJson } from './element.js';
import { goText } from './goText.js';

/** Characters that are handed on together. */
const CHUNK = 65_536;

/** The whole result in Skydive's form. */
export function resultJson(outcome: Outcome): Json {
  const { kind, rows, graph } = outcome;
  if (kind === 'graph') return [graphJson(graph)];
  if (kind === 'value') return (rows[0] as Json | undefined) ?? null;
  if (kind === 'values' && rows.length === 0) return null;
  if (isKeyed(outcome)) return rows.length === 0 ? [] : [Object.fromEntries((rows as Keyed<Json>[]).toSorted(byKey))];
  return rows.map((row) => rowJson(outcome, row));
}

/** A graph, or some of its elements, as `{"Nodes", "Edges"}`; an empty list is `null`. */
export const graphJson = (
  graph: QueriedGraph,
  nodes: Iterable<NodeRevision> = graph.nodes(),
  edges: Iterable<EdgeRevision> = graph.edges(),
): { readonly Nodes: Json; readonly Edges: Json } => ({
  Nodes: orNull(Array.from(nodes, (node) => nodeJson(node, graph))),
  Edges: orNull(Array.from(edges, (edge) => edgeJson(edge, graph))),
});

const orNull = (list: readonly Json[]): Json => (list.length === 0 ? null : list);

/** Go's maps are written in the order of their keys. */
const byKey = ([a]: Keyed<Json>, [b]: Keyed<Json>): number => (a < b ? -1 : a > b ? 1 : 0);

const isKeyed = ({ kind }: Outcome): boolean => kind === 'metrics' || kind === 'sockets' || kind === 'groups' || kind === 'packets';

/** One entry of a list. */
function rowJson({ kind, graph }: Outcome, row: unknown): Json {
  switch (kind) {
    case 'nodes':
      return nodeJson(row as NodeRevision, graph);
    case 'edges':
      return edgeJson(row as EdgeRevision, graph);
    case 'paths':
      return (row as WalkedPath).nodes.map((node) => nodeJson(node, graph));
    case 'nextHops':
      return Object.fromEntries([row as Keyed<Json>]);
    default:
      return row as Json;
  }
}

/** The same as text, in chunks, so that a large answer is never in memory whole. Without a line feed at the end. */
export function* resultText(outcome: Outcome): Generator<string, void, undefined> {
  const { kind, rows, graph } = outcome;
  if (kind === 'graph') {
    yield '[';
    yield* graphText(graph);
    yield ']';
  } else if (kind === 'value' || isKeyed(outcome) || rows.length === 0) yield goText(resultJson(outcome));
  else yield* listText(rows, (row) => rowJson(outcome, row));
}

/** A graph as text, in chunks. */
export function* graphText(graph: QueriedGraph): Generator<string, void, undefined> {
  yield '{"Nodes":';
  if (graph.nodeCount === 0) yield 'null';
  else yield* listText(graph.nodes(), (node) => nodeJson(node, graph));
  yield ',"Edges":';
  if (graph.edgeCount === 0) yield 'null';
  else yield* listText(graph.edges(), (edge) => edgeJson(edge, graph));
  yield '}';
}

function* listText<T>(items: Iterable<T>, toJson: (item: T) => Json): Generator<string, void, undefined> {
  let chunk = '[';
  let isFirst = true;
  for (const item of items) {
    chunk += isFirst ? goText(toJson(item)) : `,${goText(toJson(item))}`;
    isFirst = false;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield `${chunk}]`;
}
