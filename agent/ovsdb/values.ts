import type { OvsRow, OvsValue } from './ovsdb.js';

/** What a column holds: of a set or map its elements, of an atom itself. */
export function elements(value: OvsValue | undefined): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && (value[0] === 'set' || value[0] === 'map')) return value[1] as readonly unknown[];
  return [value];
}

/** The id that a reference names. */
export const idOf = (reference: OvsValue): string => String((reference as readonly unknown[])[1]);

/** Ids that a column refers to. */
export const idsIn = (row: OvsRow, column: string): readonly string[] =>
  elements(row[column]).map((reference) => idOf(reference as OvsValue));

/** The text in a column that may be empty; `undefined` also for an empty text. */
export function textIn(row: OvsRow, column: string): string | undefined {
  const [value] = elements(row[column]);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The number in a column that may be empty. */
export function numberIn(row: OvsRow, column: string): number | undefined {
  const [value] = elements(row[column]);
  return typeof value === 'number' ? value : undefined;
}

/** All numbers of a column. */
export const numbersIn = (row: OvsRow, column: string): readonly number[] =>
  elements(row[column]).filter((value): value is number => typeof value === 'number');

/** A column that is a map, as an object; its keys are kept as they are. */
export const mapIn = <Value extends string | number = string>(row: OvsRow, column: string): Readonly<Record<string, Value>> =>
  Object.fromEntries(elements(row[column]) as readonly (readonly [string, Value])[]);
