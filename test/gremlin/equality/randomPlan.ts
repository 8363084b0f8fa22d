import fc from 'fast-check';
import { HOSTS, NODE_IDS } from './randomHistory.js';

/** From what a step of a random string is made: numbers that pick among what is possible at its place. Dropping one leaves a string that still reads. */
export type Seed = readonly [step: number, ...picks: number[]];

export const seeds: fc.Arbitrary<readonly Seed[]> = fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), {
  minLength: 1,
  maxLength: 7,
  size: 'max',
});

/** How the past is asked for. */
export type Time = { readonly at: number; readonly lengthMs?: number };

const pick = <T>(values: readonly T[], number: number): T => values[number % values.length]!;
const quoted = (text: string): string => `'${text}'`;

const KEYS = [
  ...['Name', 'Type', 'MTU', 'State', 'IPV4', 'MAC', 'TID', 'IfIndex', 'Container.ID', 'Neutron.NetworkID', 'Metadata.Name'],
  ...['Rack', 'User.Note', 'Container', 'Container.Labels.app', 'Nothing', 'Sockets', 'Routes', 'RoutingTables.Routes', 'Neighbors'],
  ...['@ID', '@Host', '@Origin', '@Revision', '@CreatedAt', '@UpdatedAt', '@DeletedAt', 'ID', 'Metadata.@ID'],
] as const;
/** The same without tables, of which the order of rows differs: what compares whole values would see it. */
const PLAIN_KEYS = KEYS.filter((key) => !/^(Routes|RoutingTables|Neighbors|MTU|Container)/.test(key));
const EDGE_KEYS = [
  'RelationType',
  'RelationType',
  'RelationType',
  'Weight',
  'MTU',
  'IPV4',
  'Parent',
  'Child',
  '@ID',
  '@Host',
  '@Revision',
] as const;

const TEXTS = [
  'eth0',
  'eth1',
  'br0',
  'UP',
  'DOWN',
  'veth',
  'bridge',
  '42',
  '0x10',
  '1500',
  '',
  '10.0.0.1/24',
  '10.0.0.2/24',
  'c1',
  'n1',
  'b7',
  't-1',
];
const EDGE_TEXTS = ['ownership', 'layer2', '1500', '7', ...NODE_IDS.slice(0, 6), 'n-0>n-1.0', '10.0.0.1/24'];
const NUMBERS = ['0', '1', '7', '42', '1500', '9000', '1.9', '16', '1700000001000', '1152921504606846976'];
const PATTERNS = ['eth.*', 'eth[01]', '.*0', 'e|br0', 'v?eth.*', '(a', '', 'UP', '10\\..*', 'n-1.*', 'x+', 'n.'];

/** A value as a key of the kind has it, or as none has. */
function value(isEdge: boolean, key: string, [, a = 0, b = 0, c = 0]: Seed): string {
  const texts =
    key === '@Host' ? HOSTS : key === '@ID' || key === 'Parent' || key === 'Child' ? NODE_IDS.slice(0, 5) : isEdge ? EDGE_TEXTS : TEXTS;
  const text = quoted(pick(texts, b));
  const number = pick(NUMBERS, c);
  const plain = [text, text, text, number, 'true', 'false'];
  return pick(
    [
      ...plain,
      `Ne(${pick(plain, c)})`,
      `Nee(${pick(plain, c)})`,
      `Lt(${number})`,
      `Gt(${number})`,
      `Lte(${quoted(pick(['1500', '0x10', '42'], b))})`,
      `Gte(${number})`,
      `Inside(${number}, ${pick(NUMBERS, b)})`,
      `Between(${number}, ${pick(NUMBERS, b)})`,
      `Within(${text}, ${number})`,
      `Within(${text}, ${quoted(pick(texts, c))})`,
      'Within()',
      `Without(${text}, ${pick(plain, c)})`,
      `Regex(${quoted(pick(PATTERNS, b))})`,
      `IPV4Range(${quoted(pick(['10.0.0.0/8', '10.0.0.0/31', '192.168.0.0/16'], b))})`,
    ],
    a,
  );
}

function criteria(isEdge: boolean, seed: Seed): string {
  const [step, a = 0, b = 0, c = 0, d = 0] = seed;
  const keys = isEdge ? EDGE_KEYS : KEYS;
  const key = pick(keys, d);
  const first = `${quoted(key)}, ${value(isEdge, key, seed)}`;
  if ((a + b) % 4 !== 0) return first;
  const second = pick(keys, c + step);
  return `${first}, ${quoted(second)}, ${value(isEdge, second, [step, b, c, a, d])}`;
}

type Kind = 'graph' | 'nodes' | 'edges' | 'paths' | 'values' | 'end';
type Builder = (seed: Seed) => readonly [text: string, gives: Kind];

const same =
  (kind: Kind, text: (seed: Seed) => string): Builder =>
  (seed) => [text(seed), kind];

/** Nodes in an order that does not depend on who gives them. */
const SORTED = ".Sort('@UpdatedAt').Sort('@Revision').Sort('@ID')";

const filtersOf = (kind: 'nodes' | 'edges'): Builder[] => [
  same(kind, (seed) => `.Has(${criteria(kind === 'edges', seed)})`),
  same(kind, (seed) => `.Has(${criteria(kind === 'edges', seed)})`),
  same(kind, (seed) => `.HasEither(${criteria(kind === 'edges', seed)})`),
  same(kind, ([, , , , d = 0]) => `.HasKey(${quoted(pick(kind === 'edges' ? EDGE_KEYS : KEYS, d))})`),
  same(kind, ([, , , , d = 0]) => `.HasNot(${quoted(pick(kind === 'edges' ? EDGE_KEYS : KEYS, d))})`),
];

/** With parameters in half of all cases. */
const walking =
  (name: string, gives: 'nodes' | 'edges'): Builder =>
  (seed) => [`.${name}(${seed[2]! % 2 === 0 ? '' : criteria(gives === 'edges', seed)})`, gives];

const reaching = (name: string): Builder =>
  same('nodes', (seed) => {
    const depth = String(seed[3]! % 4);
    const along = seed[2]! % 3 === 0 ? `${criteria(true, seed)}, ${depth}` : depth;
    return `${SORTED}.${name}(${seed[2]! % 3 === 1 ? '' : along})`;
  });

const STEPS: Readonly<Record<Exclude<Kind, 'end'>, readonly Builder[]>> = {
  graph: [
    (seed) => [seed[1]! % 5 === 0 ? `.V(${quoted(pick(NODE_IDS, seed[2]!))})` : '.V()', 'nodes'],
    (seed) => [seed[1]! % 5 === 0 ? `.V(${quoted(pick([...NODE_IDS, 'nobody'], seed[2]!))})` : '.V()', 'nodes'],
    (seed) => [seed[1]! % 5 === 0 ? `.E(${quoted(`${pick(NODE_IDS, seed[2]!)}>${pick(NODE_IDS, seed[3]!)}.0`)})` : '.E()', 'edges'],
  ],
  nodes: [
    ...filtersOf('nodes'),
    ...filtersOf('nodes'),
    ...['Out', 'In', 'Both', 'Out', 'In'].map((name) => walking(name, 'nodes')),
    ...['OutE', 'InE', 'BothE'].map((name) => walking(name, 'edges')),
    ...['Descendants', 'Ascendants', 'Neighbors'].map(reaching),
    same('nodes', () => `${SORTED}.Dedup()`),
    same('nodes', () => '.Dedup().Dedup()'),
    same('nodes', (seed) => `${SORTED}.Dedup(${quoted(pick(PLAIN_KEYS, seed[1]!))})`),
    same('nodes', (seed) => `${SORTED}.Limit(${seed[1]! % 6})`),
    same('nodes', (seed) => `${SORTED}.Range(${seed[1]! % 3}, ${seed[2]! % 8})`),
    same('nodes', (seed) => `.As('a')${seed[1]! % 2 === 0 ? '.Out()' : ''}.As('b').Select('b', 'a')`),
    same('nodes', (seed) => `.Sort(DESC, ${quoted(pick(KEYS, seed[1]!))})`),
    (seed) => [
      `.ShortestPathTo(Metadata(${criteria(false, seed)})${seed[1]! % 2 === 0 ? '' : `, Metadata(${criteria(true, seed)})`})`,
      'paths',
    ],
    (seed) => [`${SORTED}.SubGraph(${seed[2]! % 2 === 0 ? '' : criteria(true, seed)})`, 'graph'],
    (seed) => ['.G', seed[0]! % 2 === 0 ? 'graph' : 'graph'],
    () => ['.Count()', 'end'],
    (seed) => [`.Values(${quoted(pick(PLAIN_KEYS, seed[1]!))})`, 'values'],
    (seed) => [`.ValueMap(${quoted(pick(KEYS, seed[1]!))}, ${quoted(pick(KEYS, seed[2]!))})`, 'values'],
    () => ['.Keys()', 'end'],
    (seed) => [`.Sum(${quoted(pick(KEYS, seed[1]!))})`, 'end'],
    () => [`${SORTED}.Sockets()`, 'end'],
    () => [".NextHop('10.1.2.3')", 'end'],
    (seed) => [`.Metrics()${pick(['', '.Count()', '.Keys()', '.Aggregates()'], seed[1]!)}`, 'end'],
  ],
  edges: [
    ...filtersOf('edges'),
    ...['InV', 'OutV', 'BothV', 'InV', 'OutV'].map((name) => walking(name, 'nodes')),
    same('edges', () => '.Dedup()'),
    () => ['.Count()', 'end'],
    (seed) => [`.SubGraph(${seed[2]! % 2 === 0 ? '' : criteria(true, seed)})`, 'graph'],
    () => ['.G', 'graph'],
  ],
  paths: [() => ['.Dedup()', 'nodes'], () => ['.SubGraph()', 'graph']],
  values: [() => ['.Dedup()', 'end'], (seed) => [`.Has(${criteria(false, seed)})`, 'end']],
};

/** The string that the seeds say. A limit at its end is left to the caller: which ones it takes is nobody's promise. */
export function stringOf(chosen: readonly Seed[], { at, lengthMs }: Time): string {
  let text = lengthMs === undefined ? `G.At(${at})` : `G.At(${at}, '${lengthMs}ms')`;
  let kind: Kind = 'graph';
  for (const seed of [[0, 1, 0, 0, 0] as Seed, ...chosen].slice(chosen.length > 0 && chosen[0]![0] % 9 < 4 ? 1 : 0)) {
    if (kind === 'end') break;
    const [step, gives]: readonly [string, Kind] = pick(STEPS[kind], seed[0])(seed);
    text += step;
    kind = gives;
  }
  return text;
}
