import { CONSTANTS, PREDICATES } from './argument.js';
import type { Kind } from './kinds.js';
import { parse } from './parse.js';
import { plan } from './plan.js';
import { STEPS, stepNamed } from './registry.js';
import { scan, type Token } from './scan.js';

/** What could stand at the end of a string that is being written. */
export type Wanted =
  | { readonly kind: 'none' }
  /** One of these words, from the offset on. */
  | { readonly kind: 'words'; readonly from: number; readonly written: string; readonly words: readonly Word[] }
  /** A metadata key between quotes. */
  | { readonly kind: 'key'; readonly from: number; readonly written: string; readonly of: 'nodes' | 'edges' }
  /** A value of the key, between quotes. */
  | { readonly kind: 'value'; readonly from: number; readonly written: string; readonly of: 'nodes' | 'edges'; readonly key: string };

export interface Word {
  readonly text: string;
  readonly doc: string;
}

/** Steps whose parameters all are keys. */
const KEYS_ONLY: ReadonlySet<string> = new Set(['HasKey', 'HasNot', 'Values', 'Sort', 'Dedup', 'Sum', 'Group']);
/** Steps that take pairs of key and value, of the edges that they go along or of what they let through. */
const PAIRS: Readonly<Record<string, 'own' | 'edges'>> = {
  Has: 'own',
  HasEither: 'own',
  Out: 'own',
  In: 'own',
  Both: 'own',
  OutV: 'own',
  InV: 'own',
  BothV: 'own',
  OutE: 'edges',
  InE: 'edges',
  BothE: 'edges',
  Ascendants: 'edges',
  Descendants: 'edges',
  Neighbors: 'edges',
  SubGraph: 'edges',
};
const METADATA = 'METADATA';

/** One bracket that is open at the end. */
interface Open {
  /** Word before it, in capitals where it is a predicate. */
  readonly name: string;
  /** Offset of the word. */
  readonly at: number;
  /** Texts of the finished parameters; `undefined` where one is no string. */
  readonly args: (string | undefined)[];
}

/** What the string asks for at its end; give it up to the cursor. */
export function wantedAt(source: string): Wanted {
  const tokens = scan(source).filter(({ kind }) => kind !== 'end');
  const last = tokens.at(-1);
  if (last === undefined) return words(0, '', [{ text: 'G', doc: 'the graph' }]);
  const open = openBrackets(tokens);
  if (last.kind === 'string' && !isClosed(source, last)) return inQuotes(source, last, open);
  const isWord = last.kind === 'word' && last.end === source.length;
  const before = isWord ? tokens.at(-2) : last;
  const from = isWord ? last.at : source.length;
  const written = isWord ? last.text : '';
  if (open.length > 0) return before?.kind === '(' || before?.kind === ',' ? words(from, written, PARAMETERS) : { kind: 'none' };
  if (before?.kind === '.') return words(from, written, stepsAfter(source.slice(0, before.at)));
  return isWord && before === undefined ? words(from, written, [{ text: 'G', doc: 'the graph' }]) : { kind: 'none' };
}

/** Names are read in any case, so they are found in any. */
function words(from: number, written: string, all: readonly Word[]): Wanted {
  const start = written.toUpperCase();
  return { kind: 'words', from, written, words: all.filter(({ text }) => text.toUpperCase().startsWith(start)) };
}

const PARAMETERS: readonly Word[] = [
  ...Object.values(PREDICATES).map((text) => ({ text, doc: 'predicate' })),
  { text: 'Metadata', doc: 'pairs of key and value' },
  ...CONSTANTS.map((text) => ({ text, doc: 'constant' })),
];

/** Steps that go with what the string finds so far; all of them where it cannot be read. */
function stepsAfter(source: string): Word[] {
  const kind = kindOf(source);
  return STEPS.filter(({ on }) => kind === undefined || on[kind] !== undefined).flatMap(({ name, aliases = [], doc }) =>
    [name, ...aliases].map((text) => ({ text, doc })),
  );
}

function kindOf(source: string): Kind | undefined {
  try {
    return plan(parse(source)).gives;
  } catch {
    return undefined;
  }
}

/** The string token runs to the end also without its closing quote. */
const isClosed = (source: string, { at, end, text }: Token): boolean => end - at === text.length + 2 && end <= source.length;

function openBrackets(tokens: readonly Token[]): Open[] {
  const open: Open[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === '(') {
      const word = tokens[index - 1];
      const name = word?.kind === 'word' ? word.text : '';
      open.push({ name: stepNamed(name)?.name ?? name.toUpperCase(), at: word?.at ?? token.at, args: [] });
    } else if (token.kind === ')') {
      open.pop();
      open.at(-1)?.args.push(undefined);
    } else if (token.kind === 'string') open.at(-1)?.args.push(token.text);
    else if (token.kind === 'number') open.at(-1)?.args.push(undefined);
  });
  return open;
}

function inQuotes(source: string, { at, text }: Token, open: Open[]): Wanted {
  const from = at + 1;
  const inner = open.at(-1);
  if (inner === undefined) return { kind: 'none' };
  // The unfinished string itself was counted.
  inner.args.pop();
  const isPredicate = Object.hasOwn(PREDICATES, inner.name);
  const step = [...open].reverse().find(({ name }) => name === METADATA || !Object.hasOwn(PREDICATES, name));
  if (step === undefined) return { kind: 'none' };
  const owner = step.name === METADATA ? (open.at(-2) ?? step) : step;
  const of = elementsOf(source, step, owner);
  if (KEYS_ONLY.has(step.name) && !isPredicate) return { kind: 'key', from, written: text, of };
  if (step.name !== METADATA && !Object.hasOwn(PAIRS, step.name)) return { kind: 'none' };
  const place = step.args.length;
  const key = step.args[place - 1];
  if (place % 2 === 0) return isPredicate ? { kind: 'none' } : { kind: 'key', from, written: text, of };
  return key === undefined ? { kind: 'none' } : { kind: 'value', from, written: text, of, key };
}

/** Whether the pairs are of nodes or of edges. */
function elementsOf(source: string, step: Open, owner: Open): 'nodes' | 'edges' {
  if (step.name === METADATA) return owner.name === 'ShortestPathTo' && owner.args.length === 0 ? 'nodes' : 'edges';
  if (PAIRS[step.name] === 'edges') return 'edges';
  const before = kindOf(source.slice(0, step.at).replace(/\.\s*$/, ''));
  if (before !== 'edges') return 'nodes';
  return step.name.endsWith('V') ? 'nodes' : 'edges';
}
