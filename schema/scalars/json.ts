import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';
import type { Json } from '../../src/common/json.js';

/** Any JSON value, as metadata holds them. */
export const JSONValue = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  description: 'Any JSON value: object, list, text, number, boolean or null.',
  serialize: (value) => value as Json,
  parseValue: (value) => value as Json,
  parseLiteral: (node, variables) => plain(valueFromASTUntyped(node, variables)) as Json,
});

/** Objects of literals have no prototype; metadata that came through variables has one. They should not differ. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
