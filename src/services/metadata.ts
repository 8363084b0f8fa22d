import type { Json } from '../common/json.js';

export const textAt = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

/** A whole number that GraphQL's `Int` takes; whatever else a publisher wrote counts as missing. */
export const intAt = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && (value | 0) === value ? value : undefined;

export const counterAt = (value: Json | undefined): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined);

export const textsAt = (value: Json | undefined): readonly string[] =>
  Array.isArray(value)
    ? (value as Json[]).filter((entry): entry is string => typeof entry === 'string')
    : typeof value === 'string'
      ? [value]
      : [];
