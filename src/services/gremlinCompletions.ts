import type { Json, JsonObject } from '../common/json.js';
import type { Revision } from '../graph/element.js';
import { isJsonObject, readPath } from '../graph/metadataPath.js';
import type { GraphView } from '../graph/view.js';
import { wantedAt, type Wanted } from '../gremlin/gremlin.js';

/** How a string could go on. */
export interface GremlinCompletions {
  /** Offset of what a completion replaces. */
  readonly from: number;
  readonly items: readonly GremlinCompletion[];
}

export interface GremlinCompletion {
  readonly text: string;
  readonly doc: string;
}

/** More than fits a screen helps nobody choose. */
const MOST_ITEMS = 200;
/** Elements that are looked at: who types waits for the answer, and kinds of things repeat. */
const LOOKED_AT = 20_000;
/** Objects in metadata are followed so deep: `K8s.Labels.app`. */
const DEEPEST_KEY = 3;
/** Longest value that one would choose from a list. */
const LONGEST_VALUE = 200;

export function completionsOf(written: string, graph: GraphView): GremlinCompletions {
  const wanted = wantedAt(written);
  switch (wanted.kind) {
    case 'none':
      return { from: written.length, items: [] };
    case 'words':
      return { from: wanted.from, items: wanted.words.slice(0, MOST_ITEMS) };
    case 'key':
      return { from: wanted.from, items: mostOften(countKeys(wanted, graph), wanted.written) };
    case 'value':
      return { from: wanted.from, items: mostOften(countValues(wanted, graph), wanted.written) };
  }
}

function mostOften(counts: ReadonlyMap<string, number>, written: string): GremlinCompletion[] {
  const found = [...counts].filter(([text]) => text.startsWith(written));
  found.sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return found.slice(0, MOST_ITEMS).map(([text, count]) => ({ text, doc: `${count} ${count === 1 ? 'element' : 'elements'}` }));
}

function countKeys({ of }: Extract<Wanted, { kind: 'key' }>, graph: GraphView): Map<string, number> {
  const counts = new Map<string, number>();
  for (const element of looked(of, graph)) {
    const paths = new Set(pathsIn(element.metadata));
    for (const table of Object.keys(element.tables ?? {})) paths.add(table);
    if (of === 'nodes') for (const path of pathsIn(graph.measurements(element.id) ?? {})) paths.add(path);
    for (const path of paths) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return counts;
}

function* pathsIn(values: JsonObject, prefix = '', depth = 1): Iterable<string> {
  for (const [key, value] of Object.entries(values)) {
    const path = `${prefix}${key}`;
    yield path;
    if (depth < DEEPEST_KEY && isJsonObject(value)) yield* pathsIn(value, `${path}.`, depth + 1);
  }
}

function countValues({ of, key }: Extract<Wanted, { kind: 'value' }>, graph: GraphView): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (value: Json | undefined): void => {
    // Between quotes stand texts; numbers and booleans are written without.
    if (typeof value === 'string' && value.length <= LONGEST_VALUE) counts.set(value, (counts.get(value) ?? 0) + 1);
    else if (Array.isArray(value)) value.forEach(count);
  };
  for (const element of looked(of, graph)) {
    if (key === '@ID') count(element.id);
    else if (key === '@Host') count(element.host);
    else if (key === '@Origin') count(element.origin);
    else count(readPath(element.metadata, key));
  }
  return counts;
}

function* looked(of: 'nodes' | 'edges', graph: GraphView): Iterable<Revision> {
  let count = 0;
  const elements: Iterable<Revision> = of === 'nodes' ? graph.nodes() : graph.edges();
  for (const element of elements) {
    if (++count > LOOKED_AT) return;
    yield element;
  }
}
