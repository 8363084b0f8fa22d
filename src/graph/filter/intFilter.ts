import { all, existsTest, given, type Maybe, type ValueTest } from './valueTest.js';

/** All given conditions must hold, for any of the values that are numbers. Without a number only `ne` and `exists: false` hold. */
export interface IntFilter {
  readonly eq?: Maybe<number>;
  readonly ne?: Maybe<number>;
  readonly gt?: Maybe<number>;
  readonly gte?: Maybe<number>;
  readonly lt?: Maybe<number>;
  readonly lte?: Maybe<number>;
  readonly in?: Maybe<readonly number[]>;
  readonly exists?: Maybe<boolean>;
}

export function compileInt(filter: IntFilter): ValueTest {
  const tests: ValueTest[] = [];
  const any = (test: (number: number) => boolean): void =>
    void tests.push((values) => values.some((value) => typeof value === 'number' && test(value)));
  const { eq, ne, gt, gte, lt, lte, in: among, exists } = filter;
  if (given(eq)) any((number) => number === eq);
  if (given(ne)) tests.push((values) => !values.includes(ne));
  if (given(gt)) any((number) => number > gt);
  if (given(gte)) any((number) => number >= gte);
  if (given(lt)) any((number) => number < lt);
  if (given(lte)) any((number) => number <= lte);
  if (given(among)) any((number) => among.includes(number));
  if (given(exists)) tests.push(existsTest(exists));
  return all(tests);
}
