import type { Json, JsonObject } from '../common/json.js';
import type { Revision, Table } from './element.js';
import { isMeasuredList, isStillMeasured, withMeasurements } from './measuredList.js';
import { readPath } from './metadataPath.js';
import { shownTable } from './shownTable.js';
import type { GraphView } from './view.js';

/** The rows of a table as they are kept, in the order of their keys' arrival. */
export const rowsOf = (table: Table | undefined): JsonObject[] =>
  table === undefined ? [] : Array.from(table.entries(), ([, row]) => row);

/** Everything known of an element as one object: state, its tables as lists of rows, and measurements where they are given. */
export function wholeMetadata(element: Revision, measurements: JsonObject | undefined): JsonObject {
  if (element.tables === undefined && measurements === undefined) return element.metadata;
  const whole: Record<string, Json> = { ...element.metadata };
  const { tables } = element;
  if (tables === undefined) return withMeasurements(whole, measurements ?? {});
  for (const [name, table] of Object.entries(tables)) whole[name] = shownTable(name, table, measurements?.[name]);
  if (measurements === undefined) return whole;
  return withMeasurements(whole, Object.fromEntries(Object.entries(measurements).filter(([name]) => !Object.hasOwn(tables, name))));
}

/** Whole metadata of an element in a view, or what a dotted path reaches in it; arrays on the way are walked. `undefined` when there is nothing. */
export function readMetadata(view: GraphView, element: Revision, path?: string): Json | undefined {
  const whole = wholeMetadata(element, view.measurements(element.id));
  return path === undefined || path === '' ? whole : readPath(whole, path);
}

/** Every value that a dotted path reaches, entries of lists one by one: filters match when any of them does. */
export function valuesAt(metadata: JsonObject, path: string): readonly Json[] {
  const reached = readPath(metadata, path);
  if (reached === undefined) return [];
  return Array.isArray(reached) ? (reached as Json[]).flat(8) : [reached];
}

/** The same for an element, without making one object of all that is known of it. Measurements are only read where state and tables have nothing. */
export function elementValuesAt(element: Revision, path: string, measurements?: () => JsonObject | undefined): readonly Json[] {
  if (isMeasuredList(path)) return valuesAt(wholeMetadata(element, measurements?.()), path);
  const { tables } = element;
  const name = tables && Object.keys(tables).find((each) => path === each || path.startsWith(`${each}.`));
  const values = name
    ? valuesAt({ [name]: shownTable(name, tables[name], measurements?.()?.[name]) }, path)
    : valuesAt(element.metadata, path);
  if (values.length > 0 || !measurements || !isStillMeasured(element.metadata, path.split('.', 1)[0]!)) return values;
  const measured = measurements();
  return measured ? valuesAt(measured, path) : values;
}
