import { argumentText, listText, type Argument, type Span } from './argument.js';
import type { CypherQuery } from './cypher/query.js';
import { refusal, syntaxError } from './errors.js';
import type { Executor } from './execute/traversal.js';
import type { Filter } from './predicates/filter.js';
import type { Kind } from './kinds.js';

/** A step as it stands in a string: its name as registered, and its parameters. */
export class StepCall implements Span {
  constructor(
    readonly name: string,
    readonly args: readonly Argument[],
    readonly source: string,
    readonly at: number,
    readonly end: number,
  ) {}

  /** The step as it was written. */
  get text(): string {
    return this.source.slice(this.at, this.end);
  }

  /** The parameters as error texts show them. */
  get listed(): string {
    return listText(this.args);
  }

  /** For a mistake that reading finds; points at the parameter where one is given. */
  misread(message: string, argument?: Argument): Error {
    return syntaxError(message, this.source, argument?.at ?? this.at);
  }

  /** For a mistake that planning or running finds. */
  refuse(message: string, argument?: Argument): Error {
    return refusal(message, this.source, argument?.at ?? this.at);
  }
}

/** How the dialect here differs from Skydive's, where it is odd and stays so, and what is not here yet. */
export interface Note {
  readonly kind: 'kept' | 'mended' | 'added' | 'missing';
  readonly text: string;
}

/** Everything about a step. The parser, the planner, completion and DIALECT.md come from it. */
export interface StepDefinition<Args = unknown> {
  readonly name: string;
  /** Other names of the same step. */
  readonly aliases?: readonly string[];
  /** The ways to write it, without the dot. */
  readonly usage: readonly string[];
  /** What it does, one sentence without a final stop. */
  readonly doc: string;
  /** What it makes of what. */
  readonly on: Readonly<Partial<Record<Kind, Kind>>>;
  /** The name in `Invalid step '…' on …`, for the steps that Skydive dispatches by name; without it the error says less. */
  readonly method?: string;
  readonly notes?: readonly Note[];
  /** Checks the parameters as parsing does, and takes them over. */
  read(call: StepCall): Args;
  /** For a step that only lets elements through: the plan merges it into the source before it, which may have an index for it. */
  filter?(args: Args, from: Kind, call: StepCall): Filter;
  /** What runs. Throws for what only running refuses. `filters` are of the steps that were merged into this one. */
  plan(args: Args, from: Kind, call: StepCall, filters: readonly Filter[]): Executor;
  /** Adds itself to a statement for a database; `false` where that cannot say it: then it runs in memory, as all behind it. Without it, it never does. */
  print?(query: CypherQuery, args: Args, from: Kind, call: StepCall, filters: readonly Filter[]): boolean;
  /** Whether it looks at more of the graph than the rows that it is given. */
  readonly walks?: true;
  /** Whether filters right behind it are merged into it. */
  readonly mergesFilters?: true;
  /** `Has` behind a `Limit` or `Range` behind this step is applied first (how many parameters it needs for that). */
  readonly hasGoesFirst?: number;
}

/** Keeps the type of the parameters between reading and planning. */
export const defineStep = <Args>(definition: StepDefinition<Args>): StepDefinition<Args> => definition;

/** For steps without parameters of their own. */
export const noArguments =
  (message?: (call: StepCall) => string) =>
  (call: StepCall): undefined => {
    if (message !== undefined && call.args.length > 0) throw call.misread(message(call), call.args[0]);
    return undefined;
  };

/** The one string that a step takes. */
export function oneString(call: StepCall, countMessage: string, typeMessage: (argument: Argument) => string): string {
  const [argument] = call.args;
  if (argument === undefined || call.args.length !== 1) throw call.misread(countMessage, call.args[1]);
  if (argument.kind !== 'string') throw call.misread(typeMessage(argument), argument);
  return argument.value;
}

/** The strings that a step takes. */
export const allStrings = (call: StepCall, message: (argument: Argument) => string): string[] =>
  call.args.map((argument) => {
    if (argument.kind !== 'string') throw call.misread(message(argument), argument);
    return argument.value;
  });

/** A whole number that runs need; Skydive says this while running. */
export function wholeNumber(call: StepCall, argument: Argument): number {
  if (argument.kind !== 'integer') throw call.refuse(`${argumentText(argument)} is not an integer`, argument);
  return argument.value;
}
