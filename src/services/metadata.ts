import type { Json, JsonObject } from '../common/json.js';
import type { Revision, Table } from '../graph/element.js';

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Everything known of an element as one object: state, its tables as lists of rows, and measurements where they are given. */
export function wholeMetadata(element: Revision, measurements: JsonObject | undefined): JsonObject {
  if (element.tables === undefined && measurements === undefined) return element.metadata;
  const whole: Record<string, Json> = { ...element.metadata };
  for (const [name, table] of Object.entries(element.tables ?? {})) whole[name] = rowsOf(table);
  return measurements === undefined ? whole : merged(whole, measurements);
}

export const rowsOf = (table: Table | undefined): JsonObject[] =>
  table === undefined ? [] : Array.from(table.entries(), ([, row]) => row);

function merged(under: JsonObject, over: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isObject(below) && isObject(value) ? merged(below, value) : value;
  }
  return result;
}

/**
 * What a dotted path reaches: the value, or the list of what it reaches in each entry where the path leads through a list. `undefined`
 * when it reaches nothing.
 */
export function atPath(value: Json, path: string): Json | undefined {
  const found: Json[] = [];
  let throughList = false;
  const walk = (at: Json, keys: readonly string[], depth: number): void => {
    if (Array.isArray(at) && depth < keys.length) {
      throughList = true;
      for (const entry of at as readonly Json[]) walk(entry, keys, depth);
    } else if (depth === keys.length) {
      found.push(at);
    } else if (isObject(at) && Object.hasOwn(at, keys[depth]!)) {
      walk(at[keys[depth]!]!, keys, depth + 1);
    }
  };
  walk(value, path.split('.'), 0);
  if (found.length === 0) return undefined;
  return throughList ? found : found[0];
}

/** Every value at the path: entries of lists one by one. For filters, which match when any of them does. */
export function valuesAt(value: Json | undefined, path: string): readonly Json[] {
  if (value === undefined) return [];
  const reached = atPath(value, path);
  if (reached === undefined) return [];
  return Array.isArray(reached) ? (reached as Json[]).flat() : [reached];
}
