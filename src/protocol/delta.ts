import type { Json, JsonObject } from '../common/json.js';
import type { Delta, PutNode } from '../graph/delta.js';
import { describe, fields, identifier, integer, list, name } from './check.js';
import { MAX_AGE_MS, MAX_PATH_LENGTH, MAX_PATHS, MAX_TABLES } from './limits.js';
import { DELTA_FIELDS, DeltaType } from './messageTypes.js';
import { jsonObject, json, path } from './metadata.js';
import { joinPath, Violation } from './violation.js';

/** One delta as a list: type, age (ms after the stamp of its batch), id, and what the type adds. */
export function packDelta(delta: Delta, stamp: number): unknown[] {
  const age = (delta.observedAt ?? stamp) - stamp;
  switch (delta.op) {
    case 'putNode':
      return [DeltaType.PUT_NODE, age, delta.id, delta.host, delta.metadata, delta.tables ?? null];
    case 'putEdge':
      return [DeltaType.PUT_EDGE, age, delta.id, delta.host, delta.parent, delta.child, delta.metadata];
    case 'patch':
      return [DeltaType.PATCH, age, delta.id, delta.set ?? null, delta.unset ?? null];
    case 'rows':
      return [DeltaType.ROWS, age, delta.id, delta.table, delta.put ?? null, delta.remove ?? null];
    case 'measure':
      return [DeltaType.MEASURE, age, delta.id, delta.values];
    case 'remove':
      return [DeltaType.REMOVE, age, delta.id];
  }
}

/** Reads one delta; `observedAt` is `stamp` (already on the analyzer's clock) plus its age. */
export function readDelta(value: unknown, stamp: number): Delta {
  const type = Array.isArray(value) ? (value as unknown[])[0] : undefined;
  const names = typeof type === 'number' ? DELTA_FIELDS[type] : undefined;
  if (names === undefined) throw new Violation('', `expected a delta of type 1 to 6, got ${describe(Array.isArray(value) ? type : value)}`);
  const parts = fields(value, '', names.length);
  const observedAt = stamp + integer(parts[1], 'age', -MAX_AGE_MS, MAX_AGE_MS);
  const id = identifier(parts[2], 'id');
  switch (type) {
    case DeltaType.PUT_NODE: {
      const host = name(parts[3], 'host');
      const metadata = jsonObject(parts[4], 'metadata');
      const tables = parts[5] === null ? undefined : readTables(parts[5]);
      return { op: 'putNode', id, host, metadata, tables, observedAt };
    }
    case DeltaType.PUT_EDGE:
      return {
        op: 'putEdge',
        id,
        host: name(parts[3], 'host'),
        parent: identifier(parts[4], 'parent'),
        child: identifier(parts[5], 'child'),
        metadata: edgeMetadata(parts[6]),
        observedAt,
      };
    case DeltaType.PATCH:
      return { op: 'patch', id, set: parts[3] === null ? undefined : pairs(parts[3], 'set'), unset: paths(parts[4], 'unset'), observedAt };
    case DeltaType.ROWS:
      return {
        op: 'rows',
        id,
        table: name(parts[3], 'table'),
        put: parts[4] === null ? undefined : rowPairs(parts[4]),
        remove: parts[5] === null ? undefined : list(parts[5], 'remove', MAX_PATHS).map((key, index) => rowKey(key, `remove[${index}]`)),
        observedAt,
      };
    case DeltaType.MEASURE:
      return { op: 'measure', id, values: pairs(parts[3], 'values'), observedAt };
    default:
      return { op: 'remove', id, observedAt };
  }
}

function edgeMetadata(value: unknown): JsonObject {
  const metadata = jsonObject(value, 'metadata');
  if (typeof metadata.RelationType === 'string' && metadata.RelationType !== '') return metadata;
  throw new Violation('metadata.RelationType', `expected a text that is not empty, got ${describe(metadata.RelationType)}`);
}

function readTables(value: unknown): NonNullable<PutNode['tables']> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Violation('tables', `expected an object of tables, got ${describe(value)}`);
  }
  const tables = value as Record<string, unknown>;
  const names = Object.keys(tables);
  if (names.length > MAX_TABLES) throw new Violation('tables', `expected at most ${MAX_TABLES} tables, got ${names.length}`);
  for (const table of names) {
    name(table, 'tables');
    checkRows(tables[table], joinPath('tables', table));
  }
  return tables as NonNullable<PutNode['tables']>;
}

function checkRows(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Violation(field, `expected an object of rows, got ${describe(value)}`);
  }
  const rows = value as Record<string, unknown>;
  for (const key in rows) {
    rowKey(key, field);
    jsonObject(rows[key], joinPath(field, key));
  }
}

const rowKey = (value: unknown, field: string): string => name(value, field, MAX_PATH_LENGTH);

/** Checks a list of [path, value] in place: it is already what the graph takes. */
function pairs(value: unknown, field: string): readonly (readonly [string, Json])[] {
  const entries = list(value, field, MAX_PATHS) as unknown[][];
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] as unknown[];
    if (!Array.isArray(entry) || entry.length !== 2)
      throw new Violation(`${field}[${index}]`, `expected [path, value], got ${describe(entry)}`);
    try {
      entry[1] = json(entry[1], path(entry[0], ''));
    } catch (error) {
      throw error instanceof Violation ? error.within(`${field}[${index}]`) : error;
    }
  }
  return entries as unknown as readonly (readonly [string, Json])[];
}

function rowPairs(value: unknown): readonly (readonly [string, JsonObject])[] {
  const entries = list(value, 'put', MAX_PATHS) as unknown[][];
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] as unknown[];
    if (!Array.isArray(entry) || entry.length !== 2) throw new Violation(`put[${index}]`, `expected [key, row], got ${describe(entry)}`);
    jsonObject(entry[1], joinPath(`put[${index}]`, rowKey(entry[0], `put[${index}]`)));
  }
  return entries as unknown as readonly (readonly [string, JsonObject])[];
}

const paths = (value: unknown, field: string): readonly string[] | undefined =>
  value === null ? undefined : list(value, field, MAX_PATHS).map((entry, index) => path(entry, `${field}[${index}]`));
