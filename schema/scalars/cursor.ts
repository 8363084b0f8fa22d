import { GraphQLScalarType } from 'graphql';
import type { Position } from '../../src/graph/position.js';
import { decodePosition, encodePosition } from '../../src/services/cursor.js';
import { invalidScalar, literalOf } from './invalid.js';

const VALID = 'a cursor from an earlier answer';

/** A position in the change log, opaque outside. */
export const Cursor = new GraphQLScalarType<Position, string>({
  name: 'Cursor',
  description:
    'A position in the change log. Opaque, ordered, never used again. A picture carries the one from which `topologyChanges(after:)` continues it without gap or repetition.',
  serialize: (value) => encodePosition(value as Position),
  parseValue: parse,
  parseLiteral: (node) => parse(literalOf(node, VALID)),
});

function parse(value: unknown): Position {
  const position = typeof value === 'string' ? decodePosition(value) : undefined;
  if (position === undefined) throw invalidScalar(value, VALID);
  return position;
}
