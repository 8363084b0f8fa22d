import { GraphQLScalarType } from 'graphql';
import { formatDuration, parseDuration } from '../../src/common/duration.js';
import { invalidScalar, literalOf } from './invalid.js';

const VALID = 'a length of time such as 250ms, 30s, 5m or 1h30m';

/** A length of time: milliseconds inside, `30s` outside. */
export const Duration = new GraphQLScalarType<number, string>({
  name: 'Duration',
  description: 'A length of time: `250ms`, `30s`, `5m`, `1h30m`, `7d`. Units are ms, s, m, h and d.',
  serialize: (value) => formatDuration(value as number),
  parseValue: parse,
  parseLiteral: (node) => parse(literalOf(node, VALID)),
});

function parse(value: unknown): number {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration === undefined) throw invalidScalar(value, VALID);
  return duration;
}
