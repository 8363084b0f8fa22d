import { GraphQLScalarType } from 'graphql';
import type { Instant } from '../../src/services/instant.js';
import { formatDuration, parseDuration } from '../../src/common/duration.js';
import { invalidScalar, literalOf } from './invalid.js';

const VALID = 'an instant such as 2026-03-01T12:00:00.000Z, epoch milliseconds, now, or an offset back from now such as -5m';

/** RFC 3339 §5.6, with the zone that it demands. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds beyond the year 9999 cannot be written in RFC 3339. */
const LATEST_MS = 253_402_300_799_999;

/** An instant: sent as RFC 3339 in UTC with milliseconds. Inside: milliseconds, or an offset that is resolved when the request is answered. */
export const DateTime = new GraphQLScalarType<Instant, string>({
  name: 'DateTime',
  description:
    'An instant, RFC 3339 in UTC with milliseconds: `2026-03-01T12:00:00.000Z`. As input also another offset (`…+02:00`), epoch milliseconds (`1772366400000`), `now`, and an offset back from now such as `-5m` or `-1h30m`. An instant in the future means now.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize(value) {
    if (typeof value === 'number') return new Date(value).toISOString();
    const { agoMs } = value as { agoMs: number };
    return agoMs === 0 ? 'now' : `-${formatDuration(agoMs)}`;
  },
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(literalOf(node, VALID)),
});

function parseInstant(value: unknown): Instant {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LATEST_MS) return value;
  if (typeof value !== 'string') throw invalidScalar(value, VALID);
  if (value === 'now') return { agoMs: 0 };
  if (value.startsWith('-')) {
    const agoMs = parseDuration(value.slice(1));
    if (agoMs !== undefined) return { agoMs };
  }
  if (/^\d{1,15}$/.test(value)) return parseInstant(Number(value));
  const instant = RFC_3339.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(instant)) throw invalidScalar(value, VALID);
  return instant;
}
