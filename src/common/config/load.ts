import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from './config.js';
import { AGENT_STATE_FOLDER } from './defaults.js';
import { readConfigFile } from './file.js';
import { CONFIG_PATHS, KEYS, type ConfigPath } from './keys.js';
import { adviseKey, isConfigPath, readValue, refuse, type Problem, type Setting, type Source } from './problem.js';
import { readVariables } from './variables.js';

/** A value given on the command line. */
export interface FlagSetting {
  /** As the user wrote it, for errors: `--data-dir`, `--set`. */
  readonly flag: string;
  readonly path: string;
  readonly value: string;
}

export interface ConfigSources {
  /** YAML file; without it `CANOPY_CONFIG` names one, or there is none. */
  readonly file?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly flags?: readonly FlagSetting[];
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value comes from: `canopy.yaml:4`, `variable CANOPY_LISTEN`, `flag --listen`, `default`. */
  readonly sources: ReadonlyMap<ConfigPath, string>;
}

/** Puts the configuration together: flags before variables before file before defaults. Throws `CONFIG_INVALID` with everything that is wrong, each at its place. */
export async function loadConfig({ file, environment = {}, flags = [] }: ConfigSources): Promise<LoadedConfig> {
  const path = file ?? (environment.CANOPY_CONFIG || undefined);
  const fromFile = path === undefined ? undefined : await readConfigFile(path);
  const sources = [fromFile, readVariables(environment), readFlags(flags)].filter((source) => source !== undefined);
  refuse(sources.flatMap((source) => source.problems));
  const settings = new Map<ConfigPath, Setting>();
  for (const source of sources) for (const [key, setting] of source.settings) settings.set(key, setting);
  return {
    config: assemble(new Map([...settings].map(([key, { value }]) => [key, value]))),
    sources: new Map(CONFIG_PATHS.map((key) => [key, settings.get(key)?.source ?? 'default'])),
  };
}

/** The configuration with nothing set but the given keys, as typed values: for tests and for programs that start a part themselves. */
export const configWith = (values: Partial<Record<ConfigPath, unknown>> = {}): Config =>
  assemble(new Map(Object.entries(values) as [ConfigPath, unknown][]));

function readFlags(flags: readonly FlagSetting[]): Source {
  const settings = new Map<ConfigPath, Setting>();
  const problems: Problem[] = [];
  for (const { flag, path, value } of flags) {
    const place = `flag ${flag}`;
    if (!isConfigPath(path)) {
      problems.push({ place, message: `unknown key '${path}'`, advice: adviseKey(path) });
      continue;
    }
    const read = readValue(path, value);
    if ('message' in read) problems.push({ place, message: read.message });
    else settings.set(path, { value: read.value, source: place });
  }
  return { settings, problems };
}

function assemble(values: ReadonlyMap<ConfigPath, unknown>): Config {
  const config: Record<string, unknown> = {};
  for (const path of CONFIG_PATHS) put(config, path, values.has(path) ? values.get(path) : KEYS[path].default);
  const complete = config as unknown as Mutable<Config>;
  complete.agent = {
    ...complete.agent,
    hostId: complete.agent.hostId ?? hostname(),
    stateDir: complete.agent.stateDir ?? join(complete.dataDir, AGENT_STATE_FOLDER),
  };
  return complete;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop()!;
  let group = target;
  for (const name of names) group = (group[name] ??= {}) as Record<string, unknown>;
  group[last] = value;
}
