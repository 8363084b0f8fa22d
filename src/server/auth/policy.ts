import { newEnforcer, newModelFromString, StringAdapter, type Enforcer } from 'casbin';
import { LRUCache } from 'lru-cache';
import { readLines } from '../../common/config/tokens.js';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import type { Viewer } from '../../services/viewer.js';
import { sightedRights } from '../../services/sight/sightedRights.js';
import { openScopes, type Scopes } from './scopes.js';
import { BUILT_IN_POLICY, BUILT_IN_ROLES, DEFAULT_MODEL, type PolicyLine } from './builtInPolicy.js';

/** Sets of rights that are kept worked out. There are as many as different sets of roles, and users who are named in the policy. */
const KEPT_RIGHTS = 10_000;

export interface PolicyConfig {
  /** Lines as Skydive's `rbac.policy` has them, or `file:PATH` with such lines; added to what the built-in roles may. */
  readonly policy: readonly string[];
  /** Parts of casbin's model that differ from Skydive's. */
  readonly model: JsonObject;
  /** Scopes by name. */
  readonly scopes?: JsonObject;
}

/** Says who may do what. */
export interface Policy {
  /** Somebody with these roles and scopes, and with what the policy says of their name. Who has a scope that there is not sees nothing. */
  viewer(name: string, roles: readonly string[], isStillGood?: () => boolean, scopes?: readonly string[]): Viewer;
  /** Whether the policy says anything of the role. */
  hasRole(role: string): boolean;
  readonly scopes: Scopes;
}

/** Reads the policy; decisions are worked out once. Throws `CONFIG_INVALID` with the line that is wrong. */
export async function openPolicy(config: PolicyConfig = { policy: [], model: {} }): Promise<Policy> {
  const written = config.policy.flatMap((entry) => readLines(entry, 'policy')).map(readLine);
  const scopes = await openScopes(config.scopes ?? {});
  const lines = [...BUILT_IN_POLICY, ...written.filter((line) => line[0] !== 's')];
  const scopesOf = scopesBySubject(written, lines, scopes);
  const enforcer = await enforcerOf(lines, config.model);
  const roles = new Set([...BUILT_IN_ROLES, ...lines.filter(([kind]) => kind === 'g').map(([, , role]) => role)]);
  const named = new Set([...lines, ...written].map(([, subject]) => subject));
  const decisions = new LRUCache<string, (object: string, action: string) => boolean>({ max: KEPT_RIGHTS });

  const decisionsOf = (rights: string, subjects: readonly string[]): ((object: string, action: string) => boolean) => {
    let allows = decisions.get(rights);
    if (allows === undefined) decisions.set(rights, (allows = decider(enforcer, rights, subjects)));
    return allows;
  };

  /** What those with these roles and scopes may do and see, and who has a name of which the policy says something. */
  const mayDo = (name: string, given: readonly string[], own: readonly string[]): Pick<Viewer, 'rights' | 'allows' | 'sight'> => {
    // A user who is called as a role is called does not have it for that.
    const subjects = [...given, ...(named.has(name) && !roles.has(name) ? [name] : [])].sort();
    const rights = subjects.join('\n');
    const allows = decisionsOf(rights, subjects);
    const sight = scopes.sightOf([...own, ...scopesOf([...given, name])]);
    return sight === undefined
      ? { rights, allows }
      : { rights: `${rights}\n\n${sight.key}`, sight, allows: remembered(sightedRights(allows, sight)) };
  };
  const kept = new LRUCache<string, ReturnType<typeof mayDo>>({ max: KEPT_RIGHTS });

  return {
    viewer(name, given, isStillGood, own = []) {
      const key = `${named.has(name) ? name : ''}\n${given.join('\n')}\n\n${own.join('\n')}`;
      let may = kept.get(key);
      if (may === undefined) kept.set(key, (may = mayDo(name, given, own)));
      return { name, roles: given, ...may, isStillGood };
    },
    hasRole: (role) => roles.has(role) || named.has(role),
    scopes,
  };
}

/** Scopes that lines give to any of the subjects, or to a role that one of them has through others. Throws `CONFIG_INVALID` for one that there is not. */
function scopesBySubject(
  written: readonly WrittenLine[],
  lines: readonly PolicyLine[],
  scopes: Scopes,
): (subjects: readonly string[]) => readonly string[] {
  const given = new Map<string, string[]>();
  for (const [kind, subject, scope] of written) {
    if (kind !== 's') continue;
    if (!scopes.has(scope))
      throw new CanopyError('CONFIG_INVALID', `auth.policy: 's, ${subject}, ${scope}': there is no scope '${scope}' in auth.scopes`);
    given.set(subject, [...(given.get(subject) ?? []), scope]);
  }
  if (given.size === 0) return () => [];
  const roles = new Map<string, string[]>();
  for (const [kind, subject, role] of lines) if (kind === 'g') roles.set(subject, [...(roles.get(subject) ?? []), role]);
  return (subjects) => {
    const all = new Set(subjects);
    for (const subject of all) for (const role of roles.get(subject) ?? []) all.add(role);
    return [...all].flatMap((subject) => given.get(subject) ?? []);
  };
}

/** Decides for one set of subjects. They are made the roles of a subject of its own, so that the model decides over all together. */
function decider(enforcer: Enforcer, rights: string, subjects: readonly string[]): (object: string, action: string) => boolean {
  const subject = `\u0000${rights}`;
  // Nothing is waited for in there: the link is made when the call returns.
  for (const other of subjects) void enforcer.getRoleManager().addLink(subject, other);
  return remembered((object, action) => subjects.length > 0 && enforcer.enforceSync(subject, object, action));
}

/** Decides each right once: there are only as many as the product has. */
function remembered(decide: Viewer['allows']): Viewer['allows'] {
  const known = new Map<string, Map<string, boolean>>();
  return (object, action) => {
    let actions = known.get(object);
    if (actions === undefined) known.set(object, (actions = new Map()));
    let isAllowed = actions.get(action);
    if (isAllowed === undefined) actions.set(action, (isAllowed = decide(object, action)));
    return isAllowed;
  };
}

async function enforcerOf(lines: readonly PolicyLine[], model: JsonObject): Promise<Enforcer> {
  const parts = { ...DEFAULT_MODEL, ...Object.fromEntries(Object.entries(model).map(([part, value]) => [part, partOf(part, value)])) };
  const text = Object.entries(parts).map(([part, value]) => `[${part}]\n${PART_KEYS[part as keyof typeof PART_KEYS]} = ${value}\n`);
  try {
    const enforcer = await newEnforcer(
      newModelFromString(text.join('\n')),
      new StringAdapter(lines.map((line) => line.join(', ')).join('\n')),
    );
    enforcer.enforceSync('nobody', 'nothing', 'read');
    return enforcer;
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `auth.model: casbin cannot use it: ${(cause as Error).message}`, { cause });
  }
}

/** How casbin calls what stands in each part. */
const PART_KEYS = { request_definition: 'r', policy_definition: 'p', role_definition: 'g', policy_effect: 'e', matchers: 'm' } as const;

/** Skydive's file has a list in each part. */
function partOf(part: string, value: unknown): string {
  const text: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!Object.hasOwn(PART_KEYS, part) || typeof text !== 'string' || /[\n\r]/.test(text)) {
    throw new CanopyError(
      'CONFIG_INVALID',
      `auth.model.${part}: a model has one line of text each in ${Object.keys(PART_KEYS).join(', ')}`,
    );
  }
  return text;
}

const wrongLine = (line: string): CanopyError =>
  new CanopyError(
    'CONFIG_INVALID',
    `auth.policy: '${line}' is no line of a policy: write 'p, ROLE, OBJECT, ACTION, allow' (or deny), 'g, USER, ROLE', or 's, ROLE, SCOPE'`,
  );

/** `s`: a role or user sees what a scope says. */
type WrittenLine = PolicyLine | readonly ['s', subject: string, scope: string];

function readLine(line: string): WrittenLine {
  const fields = line.split(',').map((field) => field.trim());
  const [kind, subject, object, action, effect = 'allow'] = fields;
  if (fields.some((field) => field === '') || subject === undefined || object === undefined) throw wrongLine(line);
  if ((kind === 'g' || kind === 's') && fields.length === 3) return [kind, subject, object];
  if (kind !== 'p' || action === undefined || fields.length > 5 || (effect !== 'allow' && effect !== 'deny')) throw wrongLine(line);
  return ['p', subject, object, action, effect];
}
