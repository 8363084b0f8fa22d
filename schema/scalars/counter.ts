import { GraphQLScalarType, Kind, print } from 'graphql';
import { invalidScalar } from './invalid.js';

const VALID = 'a whole number up to 9007199254740991 (2^53-1)';

/** A whole number too large for `Int`. */
export const Counter = new GraphQLScalarType<number, number>({
  name: 'Counter',
  description: 'A whole number of at most 2^53-1 in size, sent as a JSON number: bytes, packets, bits a second, inodes.',
  serialize: check,
  parseValue: check,
  parseLiteral(node) {
    if (node.kind !== Kind.INT) throw invalidScalar(print(node), VALID);
    return check(Number(node.value));
  },
});

function check(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalidScalar(value, VALID);
  return value;
}
