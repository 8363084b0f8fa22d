import { KEYS, type ConfigPath } from '../../common/config/keys.js';
import { nearest } from '../../common/nearest.js';
import { OLD_KEYS, reasonFor, type OldKey } from './oldKeys.js';

export type Fate = 'taken' | 'changed' | 'dropped';

/** What became of one key. */
export interface KeyFate {
  readonly key: string;
  readonly fate: Fate;
  /** Ours, where it has one. */
  readonly to: ConfigPath | undefined;
  readonly why: string;
}

/** An old configuration in our words. */
export interface Translated {
  /** Nested, as it stands in a YAML file. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly keys: readonly KeyFate[];
}

type Values = Readonly<Record<string, unknown>>;

/** Translates a configuration of Skydive, key by key. What it says is checked where it is used: by the kinds of our keys. */
export function translate(old: Values): Translated {
  const values = new Map<ConfigPath, unknown>();
  const keys: KeyFate[] = [];
  for (const [key, value] of leaves(old, '', old)) keys.push(fateOf(key, value, values, old));
  return { configuration: nested(values), keys };
}

function fateOf(key: string, value: unknown, values: Map<ConfigPath, unknown>, old: Values): KeyFate {
  const rule = ruleOf(key, old);
  if (rule === undefined) {
    const reason = reasonFor(key);
    const near = nearest(key, Object.keys(OLD_KEYS));
    const unknown = `not a key of Skydive's${near === undefined ? '' : `; ${near} was?`}`;
    return { key, fate: 'dropped', to: undefined, why: reason ?? unknown };
  }
  if ('dropped' in rule) return { key, fate: 'dropped', to: undefined, why: rule.dropped };
  const written = rule.write(value);
  if (written === undefined) return { key, fate: 'dropped', to: rule.to, why: 'its value says nothing' };
  if (KEYS[rule.to].kind.read(written) === undefined)
    return { key, fate: 'dropped', to: rule.to, why: `${JSON.stringify(value)} is not valid there: give ${KEYS[rule.to].kind.valid}` };
  values.set(rule.to, joined(values.get(rule.to), written));
  return { key, fate: rule.note === undefined ? 'taken' : 'changed', to: rule.to, why: rule.note ?? '' };
}

/** Two old keys with one place: lists and maps are put together, of the rest the later one counts. */
function joined(before: unknown, value: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(value)) return [...new Set<unknown>([...(before as unknown[]), ...(value as unknown[])])];
  return isMap(before) && isMap(value) ? { ...before, ...value } : value;
}

/** Every key with a value: those that have a place of their own as they are, maps of others branch by branch. */
function* leaves(values: Values, prefix: string, old: Values): Generator<readonly [key: string, value: unknown]> {
  for (const [name, value] of Object.entries(values)) {
    const key = `${prefix}${name}`;
    if (ruleOf(key, old) !== undefined || !isMap(value) || Object.keys(value).length === 0) yield [key, value];
    else yield* leaves(value, `${key}.`, old);
  }
}

/** What becomes of a key. Sections of `auth` have names of their own: their type says which rules are theirs, and a door may use none of them. */
function ruleOf(key: string, old: Values): OldKey | undefined {
  const [, name, rest] = /^auth\.([^.]+)\.([^.]+)$/.exec(key) ?? [];
  if (name === undefined) return OLD_KEYS[key];
  const rule = OLD_KEYS[`auth.${at(old, ['auth', name, 'type']) === 'keystone' ? 'KEYSTONE' : 'BASIC'}.${rest}`];
  const isUsed = at(old, ['analyzer', 'auth', 'api', 'backend']) === name;
  return rule === undefined || isUsed ? rule : { dropped: `analyzer.auth.api.backend does not name ${name}: it was not used` };
}

const at = (values: Values, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((reached, step) => (isMap(reached) ? reached[step] : undefined), values);

function nested(values: ReadonlyMap<ConfigPath, unknown>): Values {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const steps = path.split('.');
    const last = steps.pop()!;
    let group = root;
    for (const step of steps) group = (group[step] ??= {}) as Record<string, unknown>;
    group[last] = value;
  }
  return root;
}

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
