import type { Json } from '../../common/json.js';
import type { ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { stateOf } from '../elementView.js';
import { textsAt, wholeMetadata } from '../metadata.js';
import { ownerOf } from '../ownership.js';
import type { NodeFilter } from './inputs.js';
import { compileAddress, compileMetadata, compileString, type ValueTest } from './values.js';

export type NodeTest = (node: NodeRevision) => boolean;

/** A filter that has been checked, ready for any graph. */
export interface CompiledNodeFilter {
  /** The test where a node's own fields decide; `undefined` where a change elsewhere can make it match (`within`). */
  readonly own: NodeTest | undefined;
  /** The test in one graph. What it looks up there is remembered, so make one for each reading. */
  in(graph: GraphView): NodeTest;
}

const ownTest = (test: NodeTest): CompiledNodeFilter => ({ own: test, in: () => test });

/** What every node passes: a filter that is left out. */
export const everyNode: CompiledNodeFilter = ownTest(() => true);

/** Throws `BAD_INPUT` naming the field, its value and what is valid. `field` is the argument's name, for that error. */
export function compileNodeFilter(filter: NodeFilter | null | undefined, field = 'filter'): CompiledNodeFilter {
  if (filter === undefined || filter === null) return everyNode;
  const parts = [...ownFields(filter, field).map(ownTest), ...throughOthers(filter, field)];
  if (parts.length === 0) return everyNode;
  return parts.length === 1 ? parts[0]! : combined(parts, (tests) => (node) => tests.every((test) => test(node)));
}

/** Puts filters together; the whole is a node's own matter when every part is. */
function combined(parts: readonly CompiledNodeFilter[], combine: (tests: readonly NodeTest[]) => NodeTest): CompiledNodeFilter {
  const own = parts.map((part) => part.own).filter((test) => test !== undefined);
  if (own.length === parts.length) return ownTest(combine(own));
  return { own: undefined, in: (graph) => combine(parts.map((part) => part.in(graph))) };
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
  if (filter.state) tests.push(isIn(filter.state, stateOf));
  if (filter.mac) onText(compileString(lowerCase(filter.mac), `${field}.mac`), (node) => macOf(node));
  if (filter.address) {
    const test = compileAddress(filter.address, `${field}.address`);
    tests.push((node) => test(addressesOf(node)));
  }
  for (const [index, part] of (filter.metadata ?? []).entries()) {
    const test = compileMetadata(part, `${field}.metadata[${index}]`);
    tests.push((node) => test(node.tables === undefined ? node.metadata : wholeMetadata(node, undefined)));
  }
  if (filter.search) tests.push(compileSearch(filter.search));
  return tests;
}

function throughOthers(filter: NodeFilter, field: string): CompiledNodeFilter[] {
  const parts: CompiledNodeFilter[] = [];
  if (filter.within) parts.push(ownedBy(compileNodeFilter(filter.within, `${field}.within`)));
  if (filter.and) parts.push(...filter.and.map((part, index) => compileNodeFilter(part, `${field}.and[${index}]`)));
  if (filter.or) parts.push(anyOf(filter.or.map((part, index) => compileNodeFilter(part, `${field}.or[${index}]`))));
  if (filter.not) parts.push(negated(compileNodeFilter(filter.not, `${field}.not`)));
  return parts;
}

const anyOf = (parts: readonly CompiledNodeFilter[]): CompiledNodeFilter =>
  combined(parts, (tests) => (node) => tests.some((test) => test(node)));

const negated = (part: CompiledNodeFilter): CompiledNodeFilter =>
  combined(
    [part],
    ([test]) =>
      (node) =>
        !test!(node),
  );

/** Owned at any depth by a node that matches. Each owner is judged once, so a wide tree costs one test a node. */
const ownedBy = (owner: CompiledNodeFilter): CompiledNodeFilter => ({
  own: undefined,
  in: (graph) => {
    const matches = owner.in(graph);
    const judged = new Map<ElementId, boolean>();
    const isBelow = (node: NodeRevision): boolean => {
      const known = judged.get(node.id);
      if (known !== undefined) return known;
      judged.set(node.id, false); // ends a circle of owners, which a publisher can make
      const parent = ownerOf(graph, node.id);
      const below = parent !== undefined && (matches(parent) || isBelow(parent));
      judged.set(node.id, below);
      return below;
    };
    return isBelow;
  },
});

function isIn(list: readonly string[], read: (node: NodeRevision) => Json | undefined): NodeTest {
  const members = new Set<Json | undefined>(list);
  return (node) => members.has(read(node));
}

/** Every word must occur in the name, type, host, MAC or one of the addresses, in any case. */
function compileSearch(search: string): NodeTest {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (node) => {
    const { Name, Type } = node.metadata;
    const text = [Name, Type, node.host, macOf(node), ...addressesOf(node)]
      .filter((part) => typeof part === 'string')
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

const presentOnly = (value: Json | undefined): readonly Json[] => (value === undefined || value === null ? [] : [value]);

export const macOf = ({ metadata }: NodeRevision): string | undefined =>
  typeof metadata.MAC === 'string' ? metadata.MAC.toLowerCase() : undefined;

/** Addresses with their prefix lengths, IPv4 first. */
export const addressesOf = ({ metadata }: NodeRevision): readonly string[] => [...textsAt(metadata.IPV4), ...textsAt(metadata.IPV6)];

/** MACs are compared in lower case, as probes write them; a regular expression is left as it is. */
function lowerCase(filter: NonNullable<NodeFilter['mac']>): NonNullable<NodeFilter['mac']> {
  const lower = (text: string | null | undefined): string | null | undefined => text?.toLowerCase();
  return {
    ...filter,
    eq: lower(filter.eq),
    ne: lower(filter.ne),
    in: filter.in?.map((text) => text.toLowerCase()),
    notIn: filter.notIn?.map((text) => text.toLowerCase()),
    contains: lower(filter.contains),
    startsWith: lower(filter.startsWith),
  };
}
