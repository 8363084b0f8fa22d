import { GraphQLScalarType } from 'graphql';
import { invalidScalar, literalOf } from './invalid.js';

const VALID = 'bytes in base64 (RFC 4648 §4)';

/** Bytes inside, text outside. */
export const Base64 = new GraphQLScalarType<Uint8Array, string>({
  name: 'Base64',
  description: 'Bytes in base64: `3q2+7w==`.',
  serialize: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  parseValue: parse,
  parseLiteral: (node) => parse(literalOf(node, VALID)),
});

function parse(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
    throw invalidScalar(value, VALID);
  return new Uint8Array(Buffer.from(value, 'base64'));
}
