import type { Json } from '../../common/json.js';
import type { NodeRevision } from '../element.js';
import { nodeState, type NodeState } from '../nodeState.js';
import { compileAddress, type AddressFilter } from './addressFilter.js';
import { addressesOf, macOf } from './addresses.js';
import { allOf, anyOf, negated, ownTest, everyNode, type CompiledNodeFilter, type NodeTest } from './compiled.js';
import { compileMetadata, type MetadataFilter } from './metadataFilter.js';
import { compileSearch } from './search.js';
import { compileString, type StringFilter } from './stringFilter.js';
import { given, type Maybe, type ValueTest } from './valueTest.js';
import { within } from './within.js';

/** All given conditions must hold. */
export interface NodeFilter {
  readonly id?: Maybe<readonly string[]>;
  readonly tid?: Maybe<readonly string[]>;
  readonly type?: Maybe<StringFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly host?: Maybe<StringFilter>;
  readonly origin?: Maybe<StringFilter>;
  readonly state?: Maybe<readonly NodeState[]>;
  readonly mac?: Maybe<StringFilter>;
  readonly address?: Maybe<AddressFilter>;
  readonly metadata?: Maybe<readonly MetadataFilter[]>;
  readonly search?: Maybe<string>;
  /** Owned, at any depth, by a node that matches. */
  readonly within?: Maybe<NodeFilter>;
  readonly and?: Maybe<readonly NodeFilter[]>;
  readonly or?: Maybe<readonly NodeFilter[]>;
  readonly not?: Maybe<NodeFilter>;
}

/** Throws `BAD_INPUT` naming the field, its value and what is valid. `field` is the argument's name, for that error. */
export function compileNodeFilter(filter: Maybe<NodeFilter>, field = 'filter'): CompiledNodeFilter {
  if (!given(filter)) return everyNode;
  return allOf([...ownFields(filter, field).map(ownTest), ...metadataParts(filter, field), ...nestedFilters(filter, field)]);
}

function ownFields(filter: NodeFilter, field: string): NodeTest[] {
  const tests: NodeTest[] = [];
  const onText = (test: ValueTest, read: (node: NodeRevision) => Json | undefined): void =>
    void tests.push((node) => test(presentOnly(read(node))));
  if (filter.id) tests.push(isIn(filter.id, (node) => node.id));
  if (filter.tid) tests.push(isIn(filter.tid, (node) => node.metadata.TID));
  if (filter.type) onText(compileString(filter.type, `${field}.type`), (node) => node.metadata.Type);
  if (filter.name) onText(compileString(filter.name, `${field}.name`), (node) => node.metadata.Name);
  if (filter.host) onText(compileString(filter.host, `${field}.host`), (node) => node.host);
  if (filter.origin) onText(compileString(filter.origin, `${field}.origin`), (node) => node.origin);
  if (filter.state) tests.push(isIn(filter.state, nodeState));
  if (filter.mac) onText(compileString(lowerCase(filter.mac), `${field}.mac`), macOf);
  if (filter.address) {
    const test = compileAddress(filter.address, `${field}.address`);
    tests.push((node) => test(addressesOf(node)));
  }
  if (filter.search) tests.push(compileSearch(filter.search));
  return tests;
}

const metadataParts = (filter: NodeFilter, field: string): CompiledNodeFilter[] =>
  (filter.metadata ?? []).map((part, index) => {
    const test = compileMetadata(part, `${field}.metadata[${index}]`);
    return { own: (node) => test(node), in: (graph) => (node) => test(node, () => graph.measurements(node.id)) };
  });

function nestedFilters(filter: NodeFilter, field: string): CompiledNodeFilter[] {
  const parts: CompiledNodeFilter[] = [];
  if (filter.within) parts.push(within(compileNodeFilter(filter.within, `${field}.within`)));
  if (filter.and) parts.push(...filter.and.map((part, index) => compileNodeFilter(part, `${field}.and[${index}]`)));
  if (filter.or) parts.push(anyOf(filter.or.map((part, index) => compileNodeFilter(part, `${field}.or[${index}]`))));
  if (filter.not) parts.push(negated(compileNodeFilter(filter.not, `${field}.not`)));
  return parts;
}

function isIn(list: readonly string[], read: (node: NodeRevision) => Json | undefined): NodeTest {
  const members = new Set<Json | undefined>(list);
  return (node) => members.has(read(node));
}

const presentOnly = (value: Json | undefined): readonly Json[] => (value === undefined || value === null ? [] : [value]);

/** Hardware addresses are compared in lower case. */
function lowerCase(filter: StringFilter): StringFilter {
  const lower = (text: Maybe<string>): Maybe<string> => text?.toLowerCase();
  const lowerAll = (texts: Maybe<readonly string[]>): Maybe<readonly string[]> => texts?.map((text) => text.toLowerCase());
  const { eq, ne, in: among, notIn, contains, startsWith, regex } = filter;
  return {
    ...filter,
    eq: lower(eq),
    ne: lower(ne),
    in: lowerAll(among),
    notIn: lowerAll(notIn),
    contains: lower(contains),
    startsWith: lower(startsWith),
    regex: given(regex) ? `(?i)${regex}` : regex,
  };
}
