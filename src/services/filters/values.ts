import ipaddr from 'ipaddr.js';
import { RE2JS } from 're2js';
import { CanopyError } from '../../common/errors.js';
import type { Json, JsonObject } from '../../common/json.js';
import { valuesAt } from '../metadata.js';
import type { AddressFilter, IntFilter, MetadataFilter, StringFilter } from './inputs.js';

/** Says whether the values found at one place match; none found is an empty list. */
export type ValueTest = (values: readonly Json[]) => boolean;

const given = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;

const all =
  (tests: readonly ValueTest[]): ValueTest =>
  (values) =>
    tests.every((test) => test(values));

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
  if (given(exists)) tests.push((values) => values.length > 0 === exists);
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
  if (pattern.length > MAX_REGEX_LENGTH)
    throw badValue(field, `${pattern.slice(0, 40)}…`, `an expression of at most ${MAX_REGEX_LENGTH} characters`);
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (error) {
    throw badValue(field, pattern, `a regular expression in RE2 syntax (${(error as Error).message})`);
  }
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
  if (given(exists)) tests.push((values) => values.length > 0 === exists);
  return all(tests);
}

/** Values are addresses, with or without a prefix length. Throws `BAD_INPUT` for what is no address or network. */
export function compileAddress(filter: AddressFilter, field: string): ValueTest {
  const tests: ValueTest[] = [];
  const any = (test: (address: Address) => boolean): void =>
    void tests.push((values) =>
      values.some((value) => {
        const address = typeof value === 'string' ? parseAddress(value) : undefined;
        return address !== undefined && test(address);
      }),
    );
  const { eq, within, exists } = filter;
  if (given(eq)) {
    const wanted = parseAddress(eq);
    if (wanted === undefined) throw badValue(`${field}.eq`, eq, 'an IPv4 or IPv6 address');
    const wantedText = wanted.toNormalizedString();
    any((address) => address.toNormalizedString() === wantedText);
  }
  if (given(within)) {
    const [network, prefix] = parseNetwork(within, `${field}.within`);
    any((address) => address.kind() === network.kind() && address.match(network as never, prefix));
  }
  if (given(exists)) tests.push((values) => values.length > 0 === exists);
  return all(tests);
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Takes `10.0.0.1`, `10.0.0.1/24`, `fe80::1/64`; an IPv4 address inside IPv6 counts as IPv4. */
export function parseAddress(text: string): Address | undefined {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function parseNetwork(text: string, field: string): [Address, number] {
  try {
    return ipaddr.parseCIDR(text);
  } catch {
    throw badValue(field, text, 'a network in CIDR notation, such as 10.0.0.0/8 or fd00::/8');
  }
}

/** A test of the whole metadata of an element. */
export function compileMetadata(filter: MetadataFilter, field: string): (metadata: JsonObject) => boolean {
  const { path, string, int, bool, address, exists } = filter;
  if (path === '') throw badValue(`${field}.path`, path, 'a dotted path such as K8s.Namespace');
  const tests: ValueTest[] = [];
  if (given(string)) tests.push(compileString(string, `${field}.string`));
  if (given(int)) tests.push(compileInt(int));
  if (given(bool)) tests.push((values) => values.includes(bool));
  if (given(address)) tests.push(compileAddress(address, `${field}.address`));
  if (given(exists)) tests.push((values) => values.length > 0 === exists);
  if (tests.length === 0) throw badValue(field, JSON.stringify({ path }), 'one of string, int, bool, address, exists beside the path');
  const test = all(tests);
  return (metadata) => test(valuesAt(metadata, path));
}

/** The error of a wrong argument: names the field, its value, and what would be valid. */
export const badValue = (field: string, value: unknown, valid: string): CanopyError =>
  new CanopyError('BAD_INPUT', `${field}: ${JSON.stringify(value)} is not valid; give ${valid}`, { details: { field, value, valid } });
