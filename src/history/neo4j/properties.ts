import type { Json } from '../../common/json.js';
import type { Revision } from '../../graph/element.js';
import { readPath } from '../../graph/metadataPath.js';
import { DECLARED_KEYS, LONGEST_VALUE, MARKER, type DeclaredKey } from './model.js';
import { revisionJson } from './revisionJson.js';

/** What Neo4j takes as the value of a property, of the kinds that are written. */
export type PropertyValue = string | number | readonly string[];

/** Properties of a state or relationship by name. */
export type Properties = Record<string, PropertyValue>;

/** What a revision says about itself as properties; when it holds is added by the writer. */
export function revisionProperties(element: Revision): Properties {
  const properties: Properties = {
    id: element.id,
    seq: element.seq,
    host: element.host,
    origin: element.origin,
    createdAt: element.observedCreatedAt,
    updatedAt: element.observedUpdatedAt,
    revision: element.revision,
    json: revisionJson(element),
  };
  const { metadata, tables } = element;
  if (tables !== undefined) properties.tables = Object.keys(tables);
  for (const key of DECLARED_KEYS) {
    const isTable = tables !== undefined && Object.hasOwn(tables, rootOf(key.path));
    const value = isTable ? markerOf(key) : propertyValue(key, readPath(metadata, key.path));
    if (value !== undefined) properties[key.property] = value;
  }
  return properties;
}

/** The value as its declared type has it; the marker where it cannot be; `undefined` where there is none. */
export function propertyValue(key: DeclaredKey, value: Json | undefined): PropertyValue | undefined {
  if (value === undefined) return undefined;
  switch (key.type) {
    case 'text':
      return isShortText(value) ? value : MARKER;
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) : MARKER;
    case 'texts': {
      const list = typeof value === 'string' ? [value] : value;
      const isShort = Array.isArray(list) && list.every(isShortText) && byteLength(list) <= LONGEST_VALUE;
      return isShort ? (list as readonly string[]) : markerOf(key);
    }
  }
}

const markerOf = (key: DeclaredKey): PropertyValue => (key.type === 'texts' ? [MARKER] : MARKER);

/** A half of a surrogate pair would arrive as another character. */
const isShortText = (value: Json): value is string =>
  typeof value === 'string' && (value.length * 3 <= LONGEST_VALUE || byteLength([value]) <= LONGEST_VALUE) && isWellFormed(value);

export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const byteLength = (texts: readonly string[]): number => texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);

function rootOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}
