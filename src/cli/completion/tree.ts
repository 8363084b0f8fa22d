import type { Command } from '../command.js';
import { COMMANDS } from '../commands/registry.js';
import { allOptions } from '../parse.js';

/** What can be completed for one command. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words that its first argument may be. */
  readonly words: readonly string[];
}

export interface CompletedOption {
  /** `--output`. */
  readonly long: string;
  /** `-o`. */
  readonly short: string | undefined;
  readonly doc: string;
  readonly takesValue: boolean;
  /** Words that the value may be; empty: anything. */
  readonly choices: readonly string[];
  /** The value names a file or a folder. */
  readonly isFile: boolean;
}

/** All commands with their options, for the completion scripts. */
export async function completionTree(): Promise<readonly CompletedCommand[]> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const names = commands.map(({ name }) => name);
  return commands.map((command) => ({
    name: command.name,
    summary: command.summary,
    options: completedOptions(command),
    words: command.name === 'help' ? [...names, 'exit-codes', 'config'] : (command.positionals?.[0]?.choices ?? []),
  }));
}

const completedOptions = (command: Command): CompletedOption[] =>
  Object.entries(allOptions(command)).map(([name, option]) => ({
    long: `--${name}`,
    short: option.short === undefined ? undefined : `-${option.short}`,
    doc: option.doc,
    takesValue: option.type !== 'switch',
    choices: option.type === 'switch' ? [] : (option.choices ?? []),
    isFile: option.type !== 'switch' && /^(FILE|PATH)$/.test(option.placeholder),
  }));
