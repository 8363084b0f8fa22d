import type { Config } from './config.js';
import type { Kind } from './kinds.js';

/** Maps with any keys are values. */
type IsGroup<T> = T extends readonly unknown[] ? false : T extends object ? (string extends keyof T ? false : true) : false;

type PathsIn<T, Prefix extends string = ''> = {
  [K in keyof T & string]: IsGroup<T[K]> extends true ? PathsIn<T[K], `${Prefix}${K}.`> : `${Prefix}${K}`;
}[keyof T & string];

/** Every key of the configuration as a dotted path: `history.retention`. */
export type ConfigPath = PathsIn<Config>;

/** Type of the value at a dotted path. */
export type ValueAt<P extends string, T = Config> = P extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? ValueAt<Rest, T[Head]>
    : never
  : P extends keyof T
    ? T[P]
    : never;

/** Everything there is to say about one key: the file, the variables, the flags, the errors and the reference come from it. */
export interface KeyEntry<T> {
  readonly kind: Kind<NonNullable<T>>;
  /** Left out where the value is optional or worked out from others. */
  readonly default?: T;
  /** What stands in the reference where there is no constant: `name of the host`. */
  readonly defaultText?: string;
  /** What it means and what changes with it, in one or two sentences. */
  readonly doc: string;
  /** As written in the YAML file, after the key. */
  readonly example: string;
  /** The key's own flag, without dashes; every key can be set with `--set KEY=VALUE` too. */
  readonly flag?: string;
  /** Its value is never printed. */
  readonly isSecret?: true;
}

/** Entries of all keys, or of those below one: `agent`. */
export type KeyTable<Top extends string = ''> = {
  readonly [P in Top extends '' ? ConfigPath : Extract<ConfigPath, `${Top}.${string}`>]: KeyEntry<ValueAt<P>>;
};
