import { RE2JS } from 're2js';
import type { Json } from '../../common/json.js';
import { badValue } from './badValue.js';
import { all, existsTest, given, type Maybe, type ValueTest } from './valueTest.js';

/** All given conditions must hold. A value that is not there fails every condition but `ne`, `notIn` and `exists: false`. */
export interface StringFilter {
  readonly eq?: Maybe<string>;
  readonly ne?: Maybe<string>;
  readonly in?: Maybe<readonly string[]>;
  readonly notIn?: Maybe<readonly string[]>;
  /** RE2 syntax, matched anywhere in the value. */
  readonly regex?: Maybe<string>;
  readonly contains?: Maybe<string>;
  readonly startsWith?: Maybe<string>;
  readonly exists?: Maybe<boolean>;
}

/** Longest regular expression; RE2 is linear in the text, but compiling is not free. */
const MAX_REGEX_LENGTH = 1_000;

/** Throws `BAD_INPUT` naming the field for an expression that RE2 does not take. */
export function compileString(filter: StringFilter, field: string): ValueTest {
  const tests: ValueTest[] = [];
  const any = (test: (text: string) => boolean): void =>
    void tests.push((values) => values.some((value) => typeof value === 'string' && test(value)));
  const { eq, ne, in: among, notIn, regex, contains, startsWith, exists } = filter;
  if (given(eq)) any((text) => text === eq);
  if (given(ne)) tests.push((values) => !values.includes(ne));
  if (given(among)) any(memberOf(among));
  if (given(notIn)) tests.push(noneOf(notIn));
  if (given(regex)) any(compileRegex(regex, `${field}.regex`));
  if (given(contains)) any((text) => text.includes(contains));
  if (given(startsWith)) any((text) => text.startsWith(startsWith));
  if (given(exists)) tests.push(existsTest(exists));
  return all(tests);
}

const memberOf = (list: readonly string[]): ((text: string) => boolean) => {
  const members = new Set(list);
  return (text) => members.has(text);
};

const noneOf = (list: readonly string[]): ValueTest => {
  const members = new Set<Json>(list);
  return (values) => !values.some((value) => members.has(value));
};

function compileRegex(pattern: string, field: string): (text: string) => boolean {
  if (pattern.length > MAX_REGEX_LENGTH) {
    throw badValue(field, `${pattern.slice(0, 40)}…`, `an expression of at most ${MAX_REGEX_LENGTH} characters`);
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    throw badValue(field, pattern, `a regular expression in RE2 syntax (${(error as Error).message})`);
  }
}
