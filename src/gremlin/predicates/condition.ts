import { RE2JS } from 're2js';
import type { Json } from '../../common/json.js';
import { listText, PREDICATES, type Argument, type PredicateName } from '../argument.js';
import { toInteger } from '../fields/integer.js';
import { MAX_REGEX_LENGTH } from '../limits.js';
import type { StepCall } from '../step.js';
import { compileIpv4Range } from './ipv4Range.js';
import { literalPrefix, type Shape } from './wanted.js';

/** What is asked of one value; `undefined` is a value that is not there. */
export interface Condition {
  test(value: Json | undefined): boolean;
  /** The same where only the comparing of texts sees the value, and no test for being there does. */
  testText(text: string | undefined): boolean;
  /** The texts of which the value must have one, where it asks for that and nothing else. */
  readonly texts: readonly string[] | undefined;
  /** The same in words, for stores. */
  readonly shape: Shape;
}

type Test = (value: Json | undefined) => boolean;

interface Comparison {
  readonly holds: (number: number) => boolean;
  readonly from?: number;
  readonly to?: number;
}

/** Compiles the second half of a key-value pair. `walksLists`: one entry of a list is enough, as for nodes; edges look at single values only. */
export function compileValue(argument: Argument, walksLists: boolean, call: StepCall): Condition {
  const anyText = (test: (text: string) => boolean): Test => {
    const single: Test = (value) => typeof value === 'string' && test(value);
    return walksLists ? anyEntry(single) : single;
  };
  const anyInteger = (test: (number: number) => boolean): Test => {
    const single: Test = (value) => {
      const number = toInteger(value);
      return number !== undefined && test(number);
    };
    return walksLists ? anyEntry(single) : single;
  };
  const anyBoolean = (wanted: boolean): Test => {
    const single: Test = (value) => value === wanted;
    return walksLists ? anyEntry(single) : single;
  };
  switch (argument.kind) {
    case 'string': {
      const { value } = argument;
      return ofTexts(
        walksLists ? (found) => found === value || (Array.isArray(found) && found.includes(value)) : (found) => found === value,
        [value],
      );
    }
    case 'boolean':
      return plain(anyBoolean(argument.value), { kind: 'boolean', value: argument.value });
    case 'integer':
    case 'float': {
      const wanted = Math.trunc(argument.value);
      return plain(
        anyInteger((number) => number === wanted),
        { kind: 'integers', from: wanted, to: wanted },
      );
    }
    case 'predicate':
      return compilePredicate(argument.name, argument.args);
    default:
      throw call.refuse(`${argument.kind === 'constant' ? argument.value : 'Metadata'} is no value to compare with`, argument);
  }

  function compilePredicate(name: PredicateName, args: readonly Argument[]): Condition {
    switch (name) {
      case 'NE':
      case 'NEE':
        return compileNot(args[0]!, name === 'NE');
      case 'WITHIN':
        return compileWithin(args);
      case 'WITHOUT': {
        if (args.length === 0) return everything;
        const within = compileWithin(args);
        return negated(within, false);
      }
      case 'REGEX':
        return plain(anyText(compileRegex(args[0]!)), { kind: 'prefix', prefix: literalPrefix((args[0] as { value: string }).value) });
      case 'IPV4RANGE':
        return plain(anyText(ipv4Range(args[0]!)), { kind: 'prefix', prefix: '' });
      default: {
        const { holds, from = -Infinity, to = Infinity } = comparison(name, args);
        return plain(anyInteger(holds), { kind: 'integers', from, to });
      }
    }
  }

  function compileNot(unwanted: Argument, mustBeThere: boolean): Condition {
    if (unwanted.kind === 'boolean') return plain(anyBoolean(!unwanted.value), { kind: 'boolean', value: !unwanted.value });
    return negated(compileValue(unwanted, walksLists, call), mustBeThere);
  }

  function compileWithin(args: readonly Argument[]): Condition {
    if (args.length === 0) return everything;
    const texts = args.flatMap((arg) => (arg.kind === 'string' ? [arg.value] : []));
    const integers = args.flatMap((arg) =>
      arg.kind === 'string' ? [] : [integerIn(arg, `Within values should be of string or int64 type`)],
    );
    const tests: Test[] = [];
    if (texts.length > 0) {
      const wanted = new Set(texts);
      tests.push(anyText((text) => wanted.has(text)));
    }
    if (integers.length > 0) {
      const wanted = new Set(integers);
      tests.push(anyInteger((number) => wanted.has(number)));
    }
    const test: Test = tests.length === 1 ? tests[0]! : (value) => tests.some((each) => each(value));
    if (integers.length === 0) return ofTexts(test, texts);
    const shapes: Shape[] = integers.map((integer) => ({ kind: 'integers', from: integer, to: integer }));
    return plain(test, { kind: 'either', shapes: texts.length > 0 ? [{ kind: 'texts', texts }, ...shapes] : shapes });
  }

  /** The test, and the first and last whole number that pass it. */
  function comparison(name: Exclude<PredicateName, 'NE'>, args: readonly Argument[]): Comparison {
    const written = PREDICATES[name];
    const message = `${name === 'INSIDE' || name === 'BETWEEN' ? written : name} values should be of int64 type`;
    const [first, second = first] = args.map((arg) => integerIn(arg, message)) as [number, number?];
    switch (name) {
      case 'LT':
        return { holds: (number) => number < first, to: first - 1 };
      case 'LTE':
        return { holds: (number) => number <= first, to: first };
      case 'GT':
        return { holds: (number) => number > first, from: first + 1 };
      case 'GTE':
        return { holds: (number) => number >= first, from: first };
      case 'INSIDE':
        return { holds: (number) => number > first && number < second, from: first + 1, to: second - 1 };
      default:
        return { holds: (number) => number >= first && number < second, from: first, to: second - 1 };
    }
  }

  function integerIn(arg: Argument, message: string): number {
    const value = 'value' in arg && arg.kind !== 'constant' ? toInteger(arg.value) : undefined;
    if (value === undefined) throw call.refuse(message, arg);
    return value;
  }

  /** Anchored at both ends, without grouping: `a|b` is `^a` or `b$`. */
  function compileRegex(arg: Argument): (text: string) => boolean {
    const pattern = (arg as { value: string }).value;
    if (pattern.startsWith('^') || pattern.endsWith('$')) {
      throw call.refuse("Regex are anchored by default, ^ and $ don't have to be provided", arg);
    }
    if (pattern.length > MAX_REGEX_LENGTH) throw call.refuse(`a regular expression has at most ${MAX_REGEX_LENGTH} characters`, arg);
    try {
      const compiled = RE2JS.compile(`^${pattern}$`);
      return (text) => compiled.matcher(text).find();
    } catch (error) {
      throw call.refuse((error as Error).message, arg);
    }
  }

  function ipv4Range(arg: Argument): (text: string) => boolean {
    if (arg.kind !== 'string') throw call.refuse('Ipv4Range value has to be a string', arg);
    const test = compileIpv4Range(arg.value);
    if (test === undefined) throw call.refuse(`invalid CIDR address: ${arg.value}`, arg);
    return test;
  }
}

const anyEntry =
  (single: Test): Test =>
  (value) =>
    typeof value === 'object' && Array.isArray(value) ? (value as readonly Json[]).some((entry) => single(entry)) : single(value);

const plain = (test: Test, shape: Shape): Condition => ({ test, testText: test, texts: undefined, shape });
const ofTexts = (test: Test, texts: readonly string[]): Condition => ({ test, testText: test, texts, shape: { kind: 'texts', texts } });
const everything = plain(() => true, { kind: 'anything' });

const negated = ({ test, testText, shape }: Condition, mustBeThere: boolean): Condition => ({
  test: mustBeThere ? (value) => value !== undefined && !test(value) : (value) => !test(value),
  // Being there is what nothing but the comparing of texts sees.
  testText: mustBeThere ? () => false : (text) => !testText(text),
  texts: undefined,
  shape: { kind: 'not', shape, mustBeThere },
});

/** Checks what reading checks of a predicate: how many parameters, and that a regular expression is a text. The message, if any. */
export function predicateFault(name: PredicateName, args: readonly Argument[]): string | undefined {
  if (name === 'WITHIN' || name === 'WITHOUT') return undefined;
  const wanted = name === 'INSIDE' || name === 'BETWEEN' ? 2 : 1;
  if (args.length !== wanted) return `${wanted === 2 ? 'Two parameters' : 'One parameter'} expected with ${name}: ${listText(args)}`;
  if (name === 'REGEX' && args[0]!.kind !== 'string') return 'REGEX predicate expects a string as parameter, got: Regex';
  return undefined;
}
