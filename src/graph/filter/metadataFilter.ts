import type { JsonObject } from '../../common/json.js';
import type { Revision } from '../element.js';
import { elementValuesAt } from '../readMetadata.js';
import { compileAddress, type AddressFilter } from './addressFilter.js';
import { badValue } from './badValue.js';
import { compileInt, type IntFilter } from './intFilter.js';
import { compileString, type StringFilter } from './stringFilter.js';
import { all, existsTest, given, type Maybe, type ValueTest } from './valueTest.js';

/** One dotted path; where it leads through a list, one entry that matches is enough. */
export interface MetadataFilter {
  readonly path: string;
  readonly string?: Maybe<StringFilter>;
  readonly int?: Maybe<IntFilter>;
  readonly bool?: Maybe<boolean>;
  readonly address?: Maybe<AddressFilter>;
  readonly exists?: Maybe<boolean>;
}

/** A test of what is known of an element: state and tables, and measurements where they are given. */
export type MetadataTest = (element: Revision, measurements?: () => JsonObject | undefined) => boolean;

/** Throws `BAD_INPUT` naming the field, its value and what is valid. */
export function compileMetadata(filter: MetadataFilter, field: string): MetadataTest {
  const { path, string, int, bool, address, exists } = filter;
  if (path === '') throw badValue(`${field}.path`, path, 'a dotted path such as K8s.Namespace');
  const tests: ValueTest[] = [];
  if (given(string)) tests.push(compileString(string, `${field}.string`));
  if (given(int)) tests.push(compileInt(int));
  if (given(bool)) tests.push((values) => values.includes(bool));
  if (given(address)) tests.push(compileAddress(address, `${field}.address`));
  if (given(exists)) tests.push(existsTest(exists));
  if (tests.length === 0) throw badValue(field, JSON.stringify({ path }), 'one of string, int, bool, address, exists beside the path');
  const test = all(tests);
  return (element, measurements) => test(elementValuesAt(element, path, measurements));
}
