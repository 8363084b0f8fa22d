import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CanopyError } from '../../src/common/errors.js';
import { CAPABILITY_BITS } from '../linux/capabilities.js';
import type { LoadedProbe, ProbeDefinition } from './kit/probe.js';
import { BUILT_IN_PROBES, unknownProbe } from './list.js';

/** Names that the analyzer accepts, and that can be told from paths and packages. */
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * The probes of `agent.probes`, each once: built-in ones first, in their order, then those of the path or package that an entry names. Paths
 * are relative to the folder in which the agent is started; packages are looked for there, and beside the program. Throws `CONFIG_INVALID`
 * for a name that there is none of, a module that cannot be loaded, and one that does not export a probe.
 */
export async function loadProbes(entries: readonly string[]): Promise<readonly LoadedProbe[]> {
  const names = new Set(entries);
  const definitions: LoadedProbe[] = BUILT_IN_PROBES.filter(({ name }) => names.has(name));
  const taken = new Map(definitions.map(({ name }) => [name, name]));
  for (const entry of names) {
    if (taken.get(entry) === entry) continue;
    if (!isModule(entry)) throw unknownProbe(entry);
    const definition = await loadProbe(entry);
    const other = BUILT_IN_PROBES.some(({ name }) => name === definition.name) ? 'built into the agent' : taken.get(definition.name);
    if (other !== undefined) throw refusal(entry, `its probe is called ${definition.name}, and so is one that is ${other}`);
    taken.set(definition.name, entry);
    definitions.push(definition);
  }
  return definitions;
}

/** A path or a package, and not the name of a probe. */
const isModule = (entry: string): boolean => entry.includes('/') || /\.[cm]?js$/.test(entry) || entry.startsWith('canopy-probe-');

async function loadProbe(entry: string): Promise<LoadedProbe> {
  let address: string;
  let module: Readonly<Record<string, unknown>>;
  try {
    address = addressOf(entry);
    module = (await import(address)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw refusal(entry, `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const exported = module.default ?? module.probe;
  if (exported === undefined) throw refusal(entry, 'it has neither a default export nor one called `probe`');
  const faults = faultsOf(exported);
  if (faults.length > 0) throw refusal(entry, `what it exports is no probe: ${faults.join('; ')}`);
  // Not a copy: what exports it may be an object of a class.
  return Object.assign(Object.create(exported) as ProbeDefinition, { folder: folderOf(entry, address) });
}

/** What to import: the file, or the package as it is found from the folder in which the agent was started. */
function addressOf(entry: string): string {
  if (/^\.{0,2}\//.test(entry) || existsSync(resolve(entry))) return pathToFileURL(resolve(entry)).href;
  try {
    return pathToFileURL(createRequire(resolve('package.json')).resolve(entry)).href;
  } catch {
    // It may stand beside the program, or be for `import` alone.
    return entry;
  }
}

/** Where its code lies: of a package all of it. */
function folderOf(entry: string, address: string): string {
  if (!address.startsWith('file:')) return `/node_modules/${entry}/`;
  const path = fileURLToPath(address);
  const within = `/node_modules/${entry}/`;
  const at = path.lastIndexOf(within);
  return at < 0 ? `${dirname(path)}/` : path.slice(0, at + within.length);
}

/** Everything that keeps a value from being the definition of a probe. */
function faultsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`it is ${value === null ? 'null' : `a ${typeof value}`}, not an object`];
  const { name, summary, needsLinux, needs, keys, create } = value as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  if (typeof name !== 'string' || !NAME.test(name)) faults.push('`name` must be lower-case letters, digits and dashes');
  if (typeof summary !== 'string' || summary === '') faults.push('`summary` must be a sentence');
  if (typeof needsLinux !== 'boolean') faults.push('`needsLinux` must be true or false');
  if (!isListOf(needs, ({ capability, allows }) => Object.hasOwn(CAPABILITY_BITS, String(capability)) && typeof allows === 'string'))
    faults.push(`\`needs\` must be a list of { capability, allows }, with a capability of ${Object.keys(CAPABILITY_BITS).join(', ')}`);
  if (!isListOf(keys, ({ path, kind, type, meaning }) => [path, kind, type, meaning].every((part) => typeof part === 'string')))
    faults.push('`keys` must be a list of { path, kind, type, meaning }');
  if (typeof create !== 'function') faults.push('`create` must be a function');
  return faults;
}

const isListOf = (value: unknown, isOne: (entry: Readonly<Record<string, unknown>>) => boolean): boolean =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && isOne(entry as Record<string, unknown>));

const refusal = (entry: string, why: string, cause?: unknown): CanopyError =>
  new CanopyError('CONFIG_INVALID', `agent.probes: ${entry} cannot be used: ${why}. See docs/writing-a-probe.md`, {
    cause,
    details: { key: 'agent.probes', value: entry },
  });
