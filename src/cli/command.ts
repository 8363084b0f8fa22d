import type { LoadedConfig } from '../common/config/load.js';
import type { Terminal } from './terminal.js';

/** A switch or a valued option of one command. Help, completion, docs/cli.md and the parser come from it. */
export type Option = SwitchOption | TextOption | ListOption;

interface OptionBase {
  /** What it does, one sentence without a final stop. */
  readonly doc: string;
  /** One letter, without dash. */
  readonly short?: string;
}
interface SwitchOption extends OptionBase {
  readonly type: 'switch';
}
interface ValuedOption extends OptionBase {
  /** Name of the value in usage lines: `TIME`. */
  readonly placeholder: string;
  /** Where only these are valid. */
  readonly choices?: readonly string[];
}
interface TextOption extends ValuedOption {
  readonly type: 'text';
}
/** May be given several times. */
interface ListOption extends ValuedOption {
  readonly type: 'list';
}

export type OptionTable = Readonly<Record<string, Option>>;

/** Values of the options that were given, by name. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends SwitchOption ? boolean : Table[Name] extends ListOption ? readonly string[] : string;
};

export interface Positional {
  /** `DOC`; in usage lines in brackets where it may be left out. */
  readonly name: string;
  readonly doc: string;
  readonly optional?: true;
  readonly choices?: readonly string[];
}

export interface Example {
  /** After `canopy `. */
  readonly line: string;
  readonly says: string;
}

/** Flags that belong to the configuration, by the key that they set. */
export type SettingFlag = 'listen' | 'dataDir' | 'analyzer' | 'tokenFile' | 'logLevel' | 'insecure';

/** What a command is called with. */
export interface Call<Table extends OptionTable = OptionTable> {
  readonly options: OptionValues<Table>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
  /** The configuration from file, variables and flags. Throws `CONFIG_INVALID`. */
  config(): Promise<LoadedConfig>;
}

export interface Command<Table extends OptionTable = OptionTable> {
  readonly name: string;
  /** One line in the list of commands, without a final stop. */
  readonly summary: string;
  /** Paragraphs below the usage line. */
  readonly details?: readonly string[];
  readonly positionals?: readonly Positional[];
  readonly options: Table;
  /** Flags of the configuration that mean something to it. */
  readonly settings: readonly SettingFlag[];
  readonly examples: readonly Example[];
  /** The GraphQL document is the person's own: errors show their place in it. */
  readonly takesDocuments?: true;
  /** Returns the exit code; nothing means 0. What it throws becomes a message and a code. */
  run(call: Call<Table>): Promise<number | void>;
}

/** Checks the table against its use in `run`, and forgets its exact type. */
export const defineCommand = <const Table extends OptionTable>(command: Command<Table>): Command => command as unknown as Command;
