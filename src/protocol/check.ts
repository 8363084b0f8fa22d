import { MAX_ID_LENGTH, MAX_NAME_LENGTH } from './limits.js';
import { Violation } from './violation.js';

/** Checks of single fields. Each returns the value with its type, or throws a Violation that names the field and what is valid. */

/** What a wrong value is called in an error; never the value itself, which may be large or secret. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'an object' : typeof value;
}

/** An integer in [lowest, highest]; an integral float counts as one. */
export function integer(value: unknown, field: string, lowest = 0, highest = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest) return value + 0;
  throw new Violation(field, `expected an integer from ${lowest} to ${highest}, got ${describe(value)}`);
}

/** A finite number in [lowest, highest]. */
export function finite(value: unknown, field: string, lowest = -Number.MAX_VALUE, highest = Number.MAX_VALUE): number {
  if (typeof value === 'number' && value >= lowest && value <= highest) return value;
  throw new Violation(field, `expected a number from ${lowest} to ${highest}, got ${describe(value)}`);
}

/** An instant: integer milliseconds since the epoch. */
export const stamp = (value: unknown, field: string): number => integer(value, field);

export function text(value: unknown, field: string, longest: number): string {
  if (typeof value === 'string' && value.length <= longest) return value;
  throw new Violation(field, `expected a text of at most ${longest} characters, got ${describe(value)}`);
}

/** Control characters have no place in what names things: they would break logs, keys and terminals. */

const CONTROL = /[\u0000-\u001f\u007f]/;

/** A text that names something: not empty, no control characters. */
export function name(value: unknown, field: string, longest = MAX_NAME_LENGTH): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= longest && !CONTROL.test(value)) return value;
  throw new Violation(field, `expected 1 to ${longest} characters without control characters, got ${describe(value)}`);
}

export const identifier = (value: unknown, field: string): string => name(value, field, MAX_ID_LENGTH);

/** Bytes, of their own: nothing keeps the message. */
export function bytes(value: unknown, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new Violation(field, `expected bytes, got ${describe(value)}`);
}

export function list(value: unknown, field: string, longest: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= longest) return value as readonly unknown[];
  throw new Violation(field, `expected a list of at most ${longest}, got ${describe(value)}`);
}

/** One of the given texts. */
export function oneOf<T extends string>(value: unknown, field: string, valid: readonly T[]): T {
  if (typeof value === 'string' && (valid as readonly string[]).includes(value)) return value as T;
  throw new Violation(field, `expected one of ${valid.join(', ')}, got ${describe(value)}`);
}

/** `null` on the wire is `undefined` inside. */
export const optional = <T>(value: unknown, check: (present: unknown) => T): T | undefined =>
  value === null || value === undefined ? undefined : check(value);

/** The fields of a message or delta: a list of exactly that length. */
export function fields(value: unknown, field: string, length: number): readonly unknown[] {
  if (Array.isArray(value) && value.length === length) return value as readonly unknown[];
  throw new Violation(field, `expected a list of ${length} fields, got ${describe(value)}`);
}
