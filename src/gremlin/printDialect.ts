import { CONSTANTS, PREDICATES, type PredicateName } from './argument.js';
import { KIND_NAMES, type Kind } from './kinds.js';
import { DEFAULT_RUN_LIMITS, MAX_QUERY_LENGTH, MAX_REGEX_LENGTH, MAX_STEPS } from './limits.js';
import { STEPS } from './registry.js';
import type { Note, StepDefinition } from './step.js';

const PREDICATE_DOCS: Readonly<Record<PredicateName, readonly [usage: string, doc: string]>> = {
  NE: ['Ne(x)', 'there, and not x'],
  NEE: ['Nee(x)', 'not x, or not there; of a boolean: there, and the other one'],
  LT: ['Lt(n)', 'less'],
  GT: ['Gt(n)', 'more'],
  LTE: ['Lte(n)', 'less or equal'],
  GTE: ['Gte(n)', 'more or equal'],
  INSIDE: ['Inside(a, b)', 'more than a and less than b'],
  BETWEEN: ['Between(a, b)', 'a or more, and less than b'],
  WITHIN: ['Within(x, y, …)', 'one of them; of none: anything'],
  WITHOUT: ['Without(x, y, …)', 'none of them, or not there'],
  REGEX: ["Regex('…')", 'a text that the expression (RE2 syntax) describes as a whole'],
  IPV4RANGE: ["IPV4Range('10.0.0.0/8')", 'an IPv4 address in the network, with or without a prefix length of its own'],
};

/** What is not of one step. */
const NOTES: readonly Note[] = [
  { kind: 'kept', text: 'Names of steps, predicates and constants are read in any case; keys and values are not.' },
  {
    kind: 'kept',
    text: 'A string may begin with one kind of quote and end with the other, holds neither, knows no escapes, and also ends where the query ends.',
  },
  { kind: 'kept', text: 'There are no negative numbers and no `null`. A carriage return is no white space.' },
  { kind: 'kept', text: 'Commas between parameters may be missing, doubled or trailing.' },
  {
    kind: 'kept',
    text: '`Outside` is not known, as it never was. There are no `And`, `Or`, `Not`, `Where`, `Path`, `Fold`, `Id`, `Label`.',
  },
  { kind: 'kept', text: 'A regular expression is anchored at both ends without a group around it: `a|b` means `^a` or `b$`.' },
  {
    kind: 'kept',
    text: 'On edges `@CreatedAt` and all other attributes are the same as on nodes; times are milliseconds, as the agent stamped them.',
  },
  { kind: 'mended', text: 'An illegal character as a step name is an error; there it was taken for `Group`.' },
  {
    kind: 'mended',
    text: 'Every run has a deadline and bounds on rows and depth, each with its own error; there a query could hold the process.',
  },
  { kind: 'mended', text: 'Results come in the order of the graph; there in a random one. Only `Sort` promises an order.' },
  {
    kind: 'added',
    text: 'Errors know their line and column, what was expected, and the step that was probably meant (in GraphQL and on the command line; the text itself stays).',
  },
];

/** DIALECT.md, from the registry. */
export const dialectPage = (): string =>
  [
    '# The Gremlin dialect',
    '<!-- Written by `npm run docs` from the steps in the code; change them there. -->',
    "This is Skydive's dialect, not TinkerPop's: a query starts at the graph `G`, steps follow after dots, and each step works on what the one before it found.",
    ['```', "G.V().Has('Type', 'veth', 'MTU', Gt(1500)).Out('Type', 'bridge').Dedup().Values('Name')", '```'].join('\n'),
    `Kinds of things between steps: ${Object.values(KIND_NAMES).join(', ')}.`,
    '## Steps',
    table(
      ['step', 'on', 'gives', 'what it does'],
      STEPS.map((step) => [usageOf(step), kindsOf(step, 'takes'), kindsOf(step, 'gives'), step.doc]),
    ),
    '## Predicates',
    table(
      ['predicate', 'holds for a value that is'],
      (Object.keys(PREDICATES) as PredicateName[]).map((name) => PREDICATE_DOCS[name]).map(([usage, doc]) => [`\`${usage}\``, doc]),
    ),
    `Other words among parameters: ${CONSTANTS.map((word) => `\`${word}\``).join(', ')}, \`true\`, \`false\`, \`Metadata(key, value, …)\`. Numbers of comparisons are whole; a text that is a whole number counts as one.`,
    '## Keys',
    'A key is a dotted path in the metadata (`Neutron.NetworkID`; through lists it collects; the prefix `Metadata.` may stand before it) or an attribute: `@ID`, `@Host`, `@Origin`, `@CreatedAt`, `@UpdatedAt`, `@DeletedAt`, `@Revision`. Edges also have `Parent` and `Child`. An index leads to nodes by `@ID`, `TID`, `MAC`, `IPV4`, `Name`, `@Host`, `Type`, `@Origin` and to edges by `@ID`, `Parent`, `Child`, for a single text and for `Within` of texts.',
    '## Bounds',
    `A query has at most ${MAX_QUERY_LENGTH} characters and ${MAX_STEPS} steps, a regular expression ${MAX_REGEX_LENGTH} characters. A run looks at most at ${DEFAULT_RUN_LIMITS.rows} elements and follows ${DEFAULT_RUN_LIMITS.depth} edges in a row.`,
    '## Kept, mended, added, missing',
    'What is odd and stays because a script may depend on it, what is different here and why, what is ours, and what is not here yet.',
    table(
      ['', 'of', 'what'],
      [
        ...NOTES.map((note) => [note.kind, 'the dialect', note.text]),
        ...STEPS.flatMap(({ name, notes = [] }) => notes.map(({ kind, text }) => [kind, `\`${name}\``, text])),
      ],
    ),
  ].join('\n\n') + '\n';

const usageOf = ({ usage, aliases = [] }: StepDefinition): string =>
  [
    ...usage.map((text) => `\`${text}\``),
    ...(aliases.length > 0 ? [`also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}`] : []),
  ].join('<br>');

const kindsOf = ({ on }: StepDefinition, side: 'takes' | 'gives'): string => {
  const kinds = (side === 'takes' ? Object.keys(on) : Object.values(on)) as Kind[];
  return [...new Set(kinds)].map((kind) => KIND_NAMES[kind]).join(', ');
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
