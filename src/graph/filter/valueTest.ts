import type { Json } from '../../common/json.js';

/** Says whether the values found at one place match; none found is an empty list. */
export type ValueTest = (values: readonly Json[]) => boolean;

/** `null` means the same as leaving a field out: GraphQL clients send both. */
export type Maybe<T> = T | null | undefined;

export const given = <T>(value: Maybe<T>): value is T => value !== undefined && value !== null;

export const all = (tests: readonly ValueTest[]): ValueTest =>
  tests.length === 1 ? (tests[0] as ValueTest) : (values) => tests.every((test) => test(values));

/** Whether there is a value at all. */
export const existsTest =
  (exists: boolean): ValueTest =>
  (values) =>
    values.length > 0 === exists;
