import type { Json } from '../../common/json.js';
import type { Revision } from '../../graph/element.js';
import type { IndexedKey } from '../../graph/view.js';
import type { Argument } from '../argument.js';
import type { QueriedGraph } from '../execute/traversal.js';
import { fieldReader, storedKey } from '../fields/field.js';
import type { Kind } from '../kinds.js';
import type { StepCall } from '../step.js';
import { compileValue, type Condition } from './condition.js';
import type { Wanted } from './wanted.js';

/** Where an index leads to all that can pass: elements with one of the values under the key. */
export interface Lookup {
  readonly key: IndexedKey | 'ID' | 'Parent' | 'Child';
  readonly values: readonly string[];
}

/** Which elements pass. */
export interface Filter {
  /** Made once for each graph that is read. */
  in(graph: QueriedGraph): (element: Revision) => boolean;
  /** Each of them would do. */
  readonly lookups: readonly Lookup[];
  /** The same in words, for stores. */
  readonly wanted: Wanted;
}

/** Keys of the dialect that an index of the graph has, with their name there. */
const INDEXED: ReadonlyMap<string, Lookup['key']> = new Map([
  ['@ID', 'ID'],
  ['@Host', 'host'],
  ['@Origin', 'origin'],
  ['Type', 'Type'],
  ['Name', 'Name'],
  ['TID', 'TID'],
  ['MAC', 'MAC'],
  ['IPV4', 'IPV4'],
]);

/** Keys of an edge that only texts are compared with: nothing else sees them. */
const ENDS: ReadonlyMap<string, 'parent' | 'child'> = new Map([
  ['Parent', 'parent'],
  ['Child', 'child'],
]);

/** A key and what is asked of it; without a value it has to be there. */
export interface Criterion {
  readonly key: string;
  readonly value: Argument | undefined;
}

/** The pairs of `Has(k1, v1, k2, v2)`, or the one key of `Has(k)`. */
export function readCriteria(call: StepCall, args: readonly Argument[] = call.args): Criterion[] {
  if (args.length === 1) return [{ key: keyOf(call, args[0]!, 'Key must be a string'), value: undefined }];
  if (args.length % 2 !== 0) throw call.refuse('params should be a list of key,value', args.at(-1));
  return readPairs(call, args);
}

/** Pairs only. */
export function readPairs(call: StepCall, args: readonly Argument[]): Criterion[] {
  const criteria: Criterion[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    criteria.push({ key: keyOf(call, args[index]!, 'keys should be of string type'), value: args[index + 1]! });
  }
  return criteria;
}

function keyOf(call: StepCall, argument: Argument, message: string): string {
  if (argument.kind !== 'string') throw call.refuse(message, argument);
  return argument.value;
}

/** All must hold. */
export function allCriteria(criteria: readonly Criterion[], from: Kind, call: StepCall): Filter {
  const filters = criteria.map((criterion) => criterionFilter(criterion, from, call));
  return filters.length === 1 ? filters[0]! : allFilters(filters);
}

/** One must hold. */
export function anyCriterion(criteria: readonly Criterion[], from: Kind, call: StepCall): Filter {
  const filters = criteria.map((criterion) => criterionFilter(criterion, from, call));
  return {
    in: (graph) => {
      const tests = filters.map((filter) => filter.in(graph));
      return (element) => tests.some((test) => test(element));
    },
    lookups: commonLookup(filters),
    wanted: { kind: 'any', of: filters.map(({ wanted }) => wanted) },
  };
}

/** All filters together. */
export const allFilters = (filters: readonly Filter[]): Filter => ({
  in: (graph) => {
    const [first, ...others] = filters.map((filter) => filter.in(graph));
    if (first === undefined) return () => true;
    return others.length === 0 ? first : (element) => first(element) && others.every((test) => test(element));
  },
  lookups: filters.flatMap(({ lookups }) => lookups),
  wanted: { kind: 'all', of: filters.map(({ wanted }) => wanted) },
});

/** Either of several values under one key is a lookup too. */
function commonLookup(filters: readonly Filter[]): Lookup[] {
  const firsts = filters.map(({ lookups }) => lookups[0]);
  const key = firsts[0]?.key;
  if (key === undefined || firsts.some((lookup) => lookup?.key !== key)) return [];
  return [{ key, values: firsts.flatMap((lookup) => lookup!.values) }];
}

/** Has the key, or lacks it. */
export function presence(key: string, isThere: boolean): Filter {
  const read = fieldReader(key);
  return {
    in: (graph) => (element) => (read(element, graph) !== undefined) === isThere,
    lookups: [],
    wanted: { kind: 'there', key: storedKey(key), isThere },
  };
}

function criterionFilter({ key, value }: Criterion, from: Kind, call: StepCall): Filter {
  if (value === undefined) return presence(key, true);
  const condition = compileValue(value, from !== 'edges', call);
  const end = from === 'edges' ? ENDS.get(key) : undefined;
  if (end !== undefined) return endFilter(end, condition);
  const read = fieldReader(key);
  return {
    in: (graph) => (element) => condition.test(read(element, graph)),
    lookups: lookupsOf(key, condition, from),
    wanted: { kind: 'value', key: storedKey(key), shape: condition.shape },
  };
}

/** Only texts see the ends of an edge; for everything else the key is not there. */
const endFilter = (end: 'parent' | 'child', condition: Condition): Filter => ({
  in: () => (element) => {
    const text = element.kind === 'edge' ? element[end] : undefined;
    return condition.testText(text);
  },
  lookups: condition.texts ? [{ key: end === 'parent' ? 'Parent' : 'Child', values: condition.texts }] : [],
  wanted: { kind: 'end', end, shape: condition.shape },
});

function lookupsOf(key: string, { texts }: Condition, from: Kind): Lookup[] {
  const indexed = INDEXED.get(storedKey(key));
  if (texts === undefined || indexed === undefined) return [];
  // Edges have no index but their ids and ends.
  return from === 'edges' && indexed !== 'ID' ? [] : [{ key: indexed, values: texts }];
}

/** The criteria over plain objects: sockets, and lists of objects among values. */
export function objectTest(
  criteria: readonly Criterion[],
  read: (item: Json, key: string) => Json | undefined,
  isAny: boolean,
  call: StepCall,
): (item: Json) => boolean {
  const tests = criteria.map(({ key, value }) => {
    const condition = value === undefined ? undefined : compileValue(value, true, call);
    return (item: Json): boolean => {
      const found = read(item, key);
      return condition === undefined ? found !== undefined : condition.test(found);
    };
  });
  return isAny ? (item) => tests.some((test) => test(item)) : (item) => tests.every((test) => test(item));
}
