import { coerceInputValue, isObjectType, isInterfaceType, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import { CanopyError } from '../../common/errors.js';
import type { Json, JsonObject } from '../../common/json.js';
import type { NodeFilter } from '../../graph/filter/nodeFilter.js';
import { isJsonObject, pathSteps } from '../../graph/metadataPath.js';
import { NOTHING_SEEN, Sight, type ScopeRules } from '../../services/sight/sight.js';

/** The scopes of a configuration. */
export interface Scopes {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** What somebody with these scopes sees, the same object for the same scopes; `undefined`: everything. Of one that there is not nothing is seen. */
  sightOf(names: readonly string[]): Sight | undefined;
}

/** Stands in lists with commas, in files with colons. */
const NAME = /^[\w.-]{1,64}$/;

/** Reads `auth.scopes`. Throws `CONFIG_INVALID` with what is wrong: a condition that is not understood would show too much. */
export async function openScopes(config: JsonObject): Promise<Scopes> {
  const names = Object.keys(config);
  const schema = names.length === 0 ? undefined : (await import('../../../resolvers/build.js')).buildCanopySchema();
  const rules = new Map(names.map((name) => [name, readScope(name, config[name]!, schema!)] as const));
  const sights = new Map<string, Sight>();
  const made = (wanted: readonly string[]): Sight => {
    const known = wanted.flatMap((name) => rules.get(name) ?? []);
    const isLost = known.length < wanted.length && known.every(({ nodes }) => nodes === undefined);
    return isLost ? NOTHING_SEEN : new Sight(known);
  };
  // What is wrong with one is said at the start.
  for (const name of names) problemsAsOfConfiguration(`auth.scopes.${name}`, () => made([name]));
  return {
    names,
    has: (name) => rules.has(name),
    sightOf(wanted) {
      if (wanted.length === 0) return undefined;
      const sorted = [...new Set(wanted)].sort();
      const key = sorted.join(',');
      let sight = sights.get(key);
      if (sight === undefined) sights.set(key, (sight = made(sorted)));
      return sight;
    },
  };
}

function readScope(name: string, value: Json, schema: GraphQLSchema): ScopeRules {
  const path = `auth.scopes.${name}`;
  if (!NAME.test(name)) throw wrong(path, 'a name has letters, digits, and . _ -, at most 64 of them');
  if (!isJsonObject(value)) throw wrong(path, 'write { nodes: …, hide: […], fields: […] }');
  const { nodes, hide = [], fields = [], ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`${path}.${unknown}`, 'a scope has nodes, hide and fields');
  if (nodes === undefined && isEmpty(hide) && isEmpty(fields)) throw wrong(path, 'it says nothing: give nodes, hide or fields');
  for (const hidden of texts(hide, `${path}.hide`))
    if (pathSteps(hidden) === undefined) throw wrong(`${path}.hide`, `'${hidden}' is no dotted path`);
  for (const field of texts(fields, `${path}.fields`)) checkField(field, `${path}.fields`, schema);
  return {
    name,
    ...(nodes !== undefined && { nodes: readFilter(nodes, `${path}.nodes`, schema) }),
    hide: texts(hide, `${path}.hide`),
    fields: texts(fields, `${path}.fields`),
  };
}

/** As a client's filter is read: a key that there is not is a mistake. */
function readFilter(value: Json, path: string, schema: GraphQLSchema): NodeFilter {
  const type = schema.getType('NodeFilter') as GraphQLInputType;
  return coerceInputValue(value, type, (at, _value, error) => {
    throw wrong([path, ...at].join('.'), error.message);
  }) as NodeFilter;
}

function checkField(field: string, path: string, schema: GraphQLSchema): void {
  const [typeName = '', name = ''] = field.split('.');
  const type = schema.getType(typeName);
  const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
  if (field.split('.').length !== 2 || !Object.hasOwn(fields, name)) throw wrong(path, `the schema has no field '${field}'`);
}

function texts(value: Json, path: string): string[] {
  if (Array.isArray(value) && (value as Json[]).every((one) => typeof one === 'string' && one !== '')) return value as string[];
  throw wrong(path, 'a list of texts is needed');
}

const isEmpty = (value: Json): boolean => Array.isArray(value) && value.length === 0;

const wrong = (path: string, reason: string): CanopyError => new CanopyError('CONFIG_INVALID', `${path}: ${reason}`);

function problemsAsOfConfiguration(path: string, read: () => void): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof CanopyError)) throw cause;
    throw new CanopyError('CONFIG_INVALID', `${path}: ${cause.message}`, { cause });
  }
}
