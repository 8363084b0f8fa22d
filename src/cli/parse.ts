import { parseArgs } from 'node:util';
import { CanopyError } from '../common/errors.js';
import { nearest } from '../common/nearest.js';
import type { Command, Option, OptionTable } from './command.js';
import { COMMON_OPTIONS, settingOptions } from './settings.js';

export type OptionValue = boolean | string | readonly string[];

export interface Parsed {
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly positionals: readonly string[];
}

/** Options of a command with those that all commands have. */
export const allOptions = (command: Command): OptionTable => ({
  ...command.options,
  ...settingOptions(command.settings),
  ...COMMON_OPTIONS,
});

/** An error of the person at the keyboard; exit code 2. */
export const usageError = (message: string, advice: string): CanopyError => new CanopyError('BAD_INPUT', `${message}\n${advice}`);

/** In front of arguments such as `-5m`, which are instants and not options, while Node's parser looks at them. */
const INSTANT_MARK = '\0';
const mark = (argument: string): string => (/^-\d/.test(argument) ? INSTANT_MARK + argument : argument);
const unmark = (argument: string): string => (argument.startsWith(INSTANT_MARK) ? argument.slice(1) : argument);

/** Reads the arguments by the table of options. Throws `BAD_INPUT` with the nearest valid option. */
export function parseArguments(args: readonly string[], table: OptionTable, usage: string): Parsed {
  const { tokens, positionals } = parseArgs({
    args: args.map(mark),
    options: Object.fromEntries(
      Object.entries(table).map(([name, { type, short }]) => [
        name,
        { type: type === 'switch' ? 'boolean' : 'string', ...(short && { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, OptionValue> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (option === undefined) throw unknownOption(token.rawName, table, usage);
    const value = readOption(option, token.rawName, token.value, usage);
    const earlier = values[token.name];
    values[token.name] = option.type === 'list' ? [...((earlier as string[]) ?? []), value as string] : value;
  }
  return { values, positionals: positionals.map(unmark) };
}

function readOption(option: Option, written: string, raw: string | undefined, usage: string): boolean | string {
  if (option.type === 'switch') {
    if (raw !== undefined) throw usageError(`${written} takes no value`, usage);
    return true;
  }
  if (raw === undefined) throw usageError(`${written} needs a value: ${written} ${option.placeholder}`, usage);
  const value = unmark(raw);
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const near = nearest(value, option.choices);
    throw usageError(
      `${written} cannot be '${value}'; valid is one of ${option.choices.join(', ')}`,
      near === undefined ? usage : `Did you mean ${near}?`,
    );
  }
  return value;
}

function unknownOption(written: string, table: OptionTable, usage: string): CanopyError {
  const near = nearest(written.replace(/^-+/, ''), Object.keys(table));
  return usageError(`unknown option ${written}`, near === undefined ? usage : `Did you mean --${near}? ${usage}`);
}

/** Checks the number of positionals and their choices. */
export function checkPositionals({ positionals = [] }: Command, given: readonly string[], usage: string): void {
  const missing = positionals.find(({ optional }, index) => optional !== true && given[index] === undefined);
  if (missing !== undefined) throw usageError(`${missing.name} is missing: ${missing.doc}`, usage);
  if (given.length > positionals.length) throw usageError(`unexpected argument '${given[positionals.length]}'`, usage);
  for (const [index, value] of given.entries()) {
    const { name, choices } = positionals[index]!;
    if (choices !== undefined && !choices.includes(value))
      throw usageError(`${name} cannot be '${value}'; valid is one of ${choices.join(', ')}`, usage);
  }
}
