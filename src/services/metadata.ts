import type { Json, JsonObject } from '../common/json.js';
import type { Revision, Table } from '../graph/element.js';
import { mergeObjects, readPath } from '../graph/metadataPath.js';

/** Everything known of an element as one object: state, its tables as lists of rows, and measurements where they are given. */
export function wholeMetadata(element: Revision, measurements: JsonObject | undefined): JsonObject {
  if (element.tables === undefined && measurements === undefined) return element.metadata;
  const whole: Record<string, Json> = { ...element.metadata };
  for (const [name, table] of Object.entries(element.tables ?? {})) whole[name] = rowsOf(table);
  return measurements === undefined ? whole : mergeObjects(whole, measurements);
}

export const rowsOf = (table: Table | undefined): JsonObject[] =>
  table === undefined ? [] : Array.from(table.entries(), ([, row]) => row);

/** Every value that a dotted path reaches, entries of lists one by one: filters match when any of them does. */
export function valuesAt(metadata: JsonObject, path: string): readonly Json[] {
  const reached = readPath(metadata, path);
  if (reached === undefined) return [];
  return Array.isArray(reached) ? (reached as Json[]).flat(8) : [reached];
}

export const textAt = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** A whole number that GraphQL's `Int` takes; whatever else a publisher wrote counts as missing. */
export const intAt = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && (value | 0) === value ? value : undefined;

export const counterAt = (value: Json | undefined): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

export const textsAt = (value: Json | undefined): readonly string[] =>
  Array.isArray(value)
    ? (value as Json[]).filter((entry): entry is string => typeof entry === 'string')
    : typeof value === 'string'
      ? [value]
      : [];
