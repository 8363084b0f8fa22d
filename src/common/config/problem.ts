import { CanopyError } from '../errors.js';
import { nearest } from '../nearest.js';
import { CONFIG_PATHS, KEYS, variableOf, type ConfigPath } from './keys.js';

/** A value and where it was written. */
export interface Setting {
  readonly value: unknown;
  /** `canopy.yaml:4`, `variable CANOPY_LISTEN`, `flag --listen`. */
  readonly source: string;
}

/** Something wrong in the configuration, at its place. */
export interface Problem {
  /** `canopy.yaml:4:3`, `variable CANOPY_LISTEN`, `flag --listen`. */
  readonly place: string;
  readonly message: string;
  /** The line of the file with a caret below the place. */
  readonly excerpt?: string;
  /** What to do. */
  readonly advice?: string;
}

/** What one source says: its settings by key and what is wrong in it. */
export interface Source {
  readonly settings: ReadonlyMap<ConfigPath, Setting>;
  readonly problems: readonly Problem[];
}

export const isConfigPath = (path: string): path is ConfigPath => Object.hasOwn(KEYS, path);

/** The value of a key when it is valid; otherwise the problem. */
export function readValue(path: ConfigPath, raw: unknown): { value: unknown } | { message: string } {
  const { kind, isSecret } = KEYS[path];
  const value: unknown = kind.read(raw);
  if (value !== undefined) return { value };
  const written = isSecret ? 'this value' : JSON.stringify(raw);
  return { message: `${path} cannot be ${written}; valid is ${kind.valid}` };
}

/** The key that an unknown one most likely stands for: also the right name at the wrong level. */
export function nearestKey(path: string): string | undefined {
  const near = nearest(path, CONFIG_PATHS);
  if (near !== undefined) return near;
  const last = path.slice(path.lastIndexOf('.') + 1);
  const name = nearest(last, new Set(CONFIG_PATHS.map(lastName)));
  return CONFIG_PATHS.find((candidate) => lastName(candidate) === name);
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Advice below an unknown key: the nearest valid one, written as its source writes keys. */
export function adviseKey(path: string, write: (path: string) => string = (same) => same): string {
  const near = nearestKey(path);
  return near === undefined
    ? '`canopy help config` lists the keys.'
    : `Did you mean '${write(near)}'? \`canopy help config\` lists the keys.`;
}

export const adviseVariable = (name: string): string => {
  const near = nearest(name, CONFIG_PATHS.map(variableOf));
  return near === undefined
    ? '`canopy help config` lists the variables.'
    : `Did you mean ${near}? \`canopy help config\` lists the variables.`;
};

/** Throws `CONFIG_INVALID` with every problem at its place; does nothing without problems. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const paragraphs = problems.map(({ place, message, excerpt, advice }) =>
    [`${place}: ${message}`, excerpt, advice].filter((line) => line !== undefined).join('\n'),
  );
  throw new CanopyError('CONFIG_INVALID', paragraphs.join('\n'), { details: { problems } });
}
