import { nearest } from '../common/nearest.js';
import { CONSTANTS, listText, PREDICATES, type Argument, type Constant, type PredicateName } from './argument.js';
import { overLimit, syntaxError, type Hint } from './errors.js';
import { MAX_ARGUMENTS, MAX_QUERY_LENGTH, MAX_STEPS } from './limits.js';
import { predicateFault } from './predicates/condition.js';
import { completions, stepNamed } from './registry.js';
import { Scanner, type Token } from './scan.js';
import { StepCall, type StepDefinition } from './step.js';

/** A step with its parameters as its own file reads them. */
export interface ParsedStep {
  readonly definition: StepDefinition;
  readonly call: StepCall;
  readonly args: unknown;
}

/** A string that reads well; whether it can run is the plan's to say. */
export interface ParsedQuery {
  readonly source: string;
  readonly steps: readonly ParsedStep[];
}

/** Predicates and literals inside predicates are nested at most this deep: nothing means anything below the second level. */
const MAX_NESTING = 8;

/** Throws `GREMLIN_SYNTAX` with Skydive's text and the place; `LIMIT_EXCEEDED` for a string out of bounds. */
export function parse(source: string): ParsedQuery {
  if (source.length > MAX_QUERY_LENGTH) {
    throw overLimit('length', MAX_QUERY_LENGTH, `a query has at most ${MAX_QUERY_LENGTH} characters, this one has ${source.length}`);
  }
  return new Parser(source).query();
}

class Parser {
  readonly #scanner: Scanner;
  #token: Token;

  constructor(private readonly source: string) {
    this.#scanner = new Scanner(source);
    this.#token = this.#scanner.next();
  }

  query(): ParsedQuery {
    if (!this.#isWord('G')) throw this.#wrong(`found "${this.#token.text}", expected \`G\``, { expected: 'G' });
    this.#advance();
    const steps: ParsedStep[] = [];
    while (this.#token.kind !== 'end') {
      if (this.#token.kind !== '.') throw this.#wrong(`found "${this.#token.text}", expected \`.\``, { expected: '.' });
      this.#advance();
      steps.push(this.#step());
      if (steps.length > MAX_STEPS) throw overLimit('steps', MAX_STEPS, `a query has at most ${MAX_STEPS} steps`);
    }
    return { source: this.source, steps };
  }

  #step(): ParsedStep {
    const { text, at, kind, end: nameEnd } = this.#token;
    const definition = kind === 'word' ? stepNamed(text) : undefined;
    if (definition === undefined) {
      const meant = kind === 'word' ? nearest(text, completions()) : undefined;
      throw this.#wrong(`Expected step function, got: ${text}`, { expected: 'a step', ...(meant && { nearest: meant }) });
    }
    this.#advance();
    let args: readonly Argument[] = [];
    let end = nameEnd;
    // `.G` leads back to the graph and takes no parentheses.
    if (definition.name !== 'G') {
      if (this.#token.kind !== '(') throw this.#wrong(`Expected left parenthesis, got: ${this.#token.text}`, { expected: '(' });
      [args, end] = this.#parameters(0);
    }
    const call = new StepCall(definition.name, args, this.source, at, end);
    return { definition, call, args: definition.read(call) };
  }

  /** From the opening parenthesis to behind the closing one. Commas only separate: they may be missing, repeated or trailing. */
  #parameters(depth: number): [args: readonly Argument[], end: number] {
    if (depth > MAX_NESTING) throw overLimit('nesting', MAX_NESTING, `parameters are nested at most ${MAX_NESTING} deep`);
    const args: Argument[] = [];
    this.#advance();
    for (;;) {
      const { kind, end } = this.#token;
      if (kind === ')') {
        this.#advance();
        return [args, end];
      }
      if (kind === 'end') throw this.#wrong('Expected right parenthesis', { expected: ')' });
      if (kind === ',') this.#advance();
      else args.push(this.#argument(depth));
      if (args.length > MAX_ARGUMENTS) throw overLimit('parameters', MAX_ARGUMENTS, `a step has at most ${MAX_ARGUMENTS} parameters`);
    }
  }

  #argument(depth: number): Argument {
    const { kind, text, at, end } = this.#token;
    if (kind === 'string') {
      this.#advance();
      return { kind: 'string', value: text, at, end };
    }
    if (kind === 'number') {
      const number = this.#number(text);
      this.#advance();
      return { ...number, at, end };
    }
    const word = kind === 'word' ? text.toUpperCase() : '';
    if (word === 'TRUE' || word === 'FALSE') {
      this.#advance();
      return { kind: 'boolean', value: word === 'TRUE', at, end };
    }
    if (CONSTANTS.includes(word as Constant)) {
      this.#advance();
      return { kind: 'constant', value: word as Constant, at, end };
    }
    if (Object.hasOwn(PREDICATES, word)) return this.#predicate(word as PredicateName, depth);
    if (word === 'METADATA') return this.#metadata(depth);
    const meant = kind === 'word' ? nearest(text, VALUE_WORDS) : undefined;
    throw this.#wrong(`Unexpected token while parsing parameters, got: ${text}`, {
      expected: 'a string, a number, true, false, a predicate or )',
      ...(meant && { nearest: meant }),
    });
  }

  #number(text: string): { kind: 'integer' | 'float'; value: number } {
    if (/^\d+$/.test(text) && BigInt(text) <= MAX_INT64) return { kind: 'integer', value: Number(text) };
    if (/^\d+(\.\d*)?$/.test(text)) return { kind: 'float', value: Number(text) };
    throw this.#wrong(`Expected number token, got: ${text}`, { expected: 'a number' });
  }

  #predicate(name: PredicateName, depth: number): Argument {
    const { at } = this.#token;
    this.#advance();
    if (this.#token.kind !== '(') throw this.#wrong(`Expected left parenthesis, got: ${this.#token.text}`, { expected: '(' });
    const [args, end] = this.#parameters(depth + 1);
    const fault = predicateFault(name, args);
    if (fault !== undefined) throw syntaxError(fault, this.source, at);
    return { kind: 'predicate', name, args, text: this.source.slice(at, end), at, end };
  }

  #metadata(depth: number): Argument {
    const { at } = this.#token;
    this.#advance();
    if (this.#token.kind !== '(') throw this.#wrong(`Expected left parenthesis, got: ${this.#token.text}`, { expected: '(' });
    const [args, end] = this.#parameters(depth + 1);
    if (args.length % 2 !== 0) throw syntaxError(`slice must be defined by pair k,v: ${listText(args)}`, this.source, at);
    const keys = args.filter((_, index) => index % 2 === 0);
    const wrong = keys.find((key) => key.kind !== 'string');
    if (wrong) throw syntaxError('keys should be of string type', this.source, wrong.at);
    return { kind: 'metadata', args, text: this.source.slice(at, end), at, end };
  }

  #isWord(word: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toUpperCase() === word;
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #wrong(message: string, hint: Hint): Error {
    return syntaxError(message, this.source, this.#token.at, hint);
  }
}

const MAX_INT64 = 2n ** 63n - 1n;
const VALUE_WORDS = [...Object.values(PREDICATES), ...CONSTANTS, 'Metadata', 'true', 'false'];
