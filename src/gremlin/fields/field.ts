import type { Json, JsonObject } from '../../common/json.js';
import type { Revision } from '../../graph/element.js';
import { isMeasuredList } from '../../graph/measuredList.js';
import { mergeObjects, readPath } from '../../graph/metadataPath.js';
import { readMetadata } from '../../graph/readMetadata.js';
import type { QueriedGraph } from '../execute/traversal.js';
import { toInteger } from './integer.js';

/** Reads one key of an element; `undefined` when it is not there. A `null` is there. */
export type FieldReader = (element: Revision, graph: QueriedGraph) => Json | undefined;

/** Go's zero time in milliseconds: what `@DeletedAt` of a living element reads as. */
const NEVER = -6_795_364_578_871;

const ATTRIBUTES: Readonly<Record<string, (element: Revision) => Json>> = {
  '@ID': (element) => element.id,
  '@Host': (element) => element.host,
  '@Origin': (element) => element.origin,
  '@CreatedAt': (element) => element.observedCreatedAt,
  '@UpdatedAt': (element) => element.observedUpdatedAt,
  '@DeletedAt': (element) => element.deletedAt ?? NEVER,
  '@Revision': (element) => element.revision,
};

/** The keys that are fields of the element and not metadata. */
export const ATTRIBUTE_KEYS = Object.keys(ATTRIBUTES);

const METADATA_PREFIX = 'Metadata.';

/** The key without the prefix that some write before metadata. */
const plainKey = (key: string): string => (key.startsWith(METADATA_PREFIX) ? key.slice(METADATA_PREFIX.length) : key);

/** The name under which an attribute or a metadata path is known to indexes and stores: a path that only looks like an attribute keeps its prefix. */
export const storedKey = (written: string): string => {
  const plain = plainKey(written);
  return plain.startsWith('@') ? written : plain;
};

/** Reads an attribute (`@ID`) or a dotted metadata path, in state, tables and measurements alike. */
export function fieldReader(written: string): FieldReader {
  const attribute = Object.hasOwn(ATTRIBUTES, written) ? ATTRIBUTES[written] : undefined;
  if (attribute !== undefined) return attribute;
  const path = plainKey(written);
  if (isMeasuredList(path)) return (element, graph) => readMetadata(graph, element, path);
  const dot = path.indexOf('.');
  const root = dot < 0 ? path : path.slice(0, dot);
  const readState =
    dot < 0 && !(path in Object.prototype) ? (state: JsonObject) => state[path] : (state: JsonObject) => readPath(state, path);
  const readMore = (element: Revision, graph: QueriedGraph, value: Json | undefined): Json | undefined => {
    const { tables } = element;
    if (tables !== undefined && Object.hasOwn(tables, root)) return readMetadata(graph, element, path);
    const measured = graph.measurements(element.id);
    if (measured === undefined || !Object.hasOwn(measured, root)) return value;
    const { metadata } = element;
    return readPath(Object.hasOwn(metadata, root) ? mergedRoot(metadata, measured, root) : measured, path);
  };
  return (element, graph) => {
    const value = readState(element.metadata);
    // A text, a number or a list in the state is all there is, unless a table has the name.
    const isWhole = value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value));
    return isWhole && element.tables === undefined ? value : readMore(element, graph, value);
  };
}

const mergedRoot = (state: JsonObject, measured: JsonObject, root: string): JsonObject =>
  mergeObjects({ [root]: state[root] as Json }, { [root]: measured[root] as Json });

/** The form in which `Values`, `ValueMap` and `Sort` see a value: a whole number where it can be one. */
export const weakValue = (value: Json): Json => toInteger(value) ?? value;
