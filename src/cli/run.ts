import { CanopyError } from '../common/errors.js';
import type { FlagSetting } from '../common/config/load.js';
import { KEYS } from '../common/config/keys.js';
import { nearest } from '../common/nearest.js';
import type { Command, OptionTable } from './command.js';
import { COMMANDS } from './commands/registry.js';
import { exitCodeOf, OK } from './exitCodes.js';
import { explain, withoutDocument } from './explain.js';
import { allOptions, checkPositionals, parseArguments, usageError, type OptionValue, type Parsed } from './parse.js';
import { COMMON_OPTIONS, SETTING_FLAGS, settingOptions } from './settings.js';
import type { Terminal } from './terminal.js';

/** Runs `canopy ARGS` and returns its exit code; every error has become a message on standard error. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return (await dispatch(args, terminal)) ?? OK;
  } catch (error) {
    terminal.err(explain(error, terminal.environment.CANOPY_LOG_LEVEL === 'debug'));
    return exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number | void> {
  const at = indexOfCommand(args);
  const name = args[at];
  const before = args.slice(0, at);
  if (name === undefined) {
    if (before.includes('--version')) return call(await load('version'), [], terminal);
    return call(await load('help'), [], terminal);
  }
  const command = await load(name);
  // `canopy --analyzer URL status` and `canopy status --analyzer URL` are the same.
  return call(command, [...before, ...args.slice(at + 1)], terminal);
}

/** Where the name of the command stands: the first argument that is neither an option of all commands nor the value of one. */
function indexOfCommand(args: readonly string[]): number {
  const table: OptionTable = { ...settingOptions(SETTING_FLAGS), ...COMMON_OPTIONS };
  let index = 0;
  while (args[index]?.startsWith('-')) {
    const option = table[args[index]!.replace(/^-+/, '')];
    index += option === undefined || option.type === 'switch' ? 1 : 2;
  }
  return index;
}

async function load(name: string): Promise<Command> {
  const loader = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (loader !== undefined) return loader();
  const near = nearest(name, Object.keys(COMMANDS));
  throw usageError(
    `unknown command '${name}'`,
    near === undefined ? '`canopy help` lists the commands.' : `Did you mean \`canopy ${near}\`?`,
  );
}

async function call(command: Command, args: readonly string[], terminal: Terminal): Promise<number | void> {
  const usage = `\`canopy ${command.name} --help\` says how it is used.`;
  const table = allOptions(command);
  const parsed = parseArguments(args, table, usage);
  if (parsed.values.help === true) {
    const { commandHelp } = await import('./help.js');
    return terminal.out(commandHelp(command));
  }
  checkPositionals(command, parsed.positionals, usage);
  const answered = command.run({
    options: parsed.values as never,
    positionals: parsed.positionals,
    terminal,
    async config() {
      const { loadConfig } = await import('../common/config/load.js');
      return loadConfig({ file: textOf(parsed.values.config), environment: terminal.environment, flags: settingsOf(command, parsed) });
    },
  });
  try {
    return await answered;
  } catch (error) {
    throw command.takesDocuments === true ? error : withoutDocument(error);
  }
}

/** What the flags of a call set in the configuration. */
function settingsOf(command: Command, { values }: Parsed): FlagSetting[] {
  const own = command.settings.flatMap((path) => {
    const flag = KEYS[path].flag!;
    const value = values[flag];
    return value === undefined ? [] : [{ flag: `--${flag}`, path, value: String(value) }];
  });
  const others = ((values.set ?? []) as readonly string[]).map((pair) => {
    const split = pair.indexOf('=');
    if (split < 1) throw new CanopyError('CONFIG_INVALID', `flag --set: '${pair}' is not KEY=VALUE, such as history.retention=7d`);
    return { flag: '--set', path: pair.slice(0, split), value: pair.slice(split + 1) };
  });
  // The flag of a key is more exact than a general one, so it has the last word.
  return [...others, ...own];
}

const textOf = (value: OptionValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
