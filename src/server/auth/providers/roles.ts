import { CanopyError } from '../../../common/errors.js';
import type { Json, JsonObject } from '../../../common/json.js';

/** Which of our roles come with groups elsewhere. */
export interface RoleMap {
  /** Of somebody in these groups. Throws `FORBIDDEN` for who has none. */
  of(name: string, groups: readonly string[]): readonly string[];
}

export interface RoleMapOptions {
  /** Key of the configuration: `auth.oidc`. */
  readonly key: string;
  readonly roles: JsonObject;
  readonly defaultRole: string | undefined;
  /** Of everybody, where no group has a role. */
  readonly commonRole: string;
  readonly hasRole: (role: string) => boolean;
}

/** Roles, or scopes, in any order; who has no scope sees everything. */
export const areSame = (some: readonly string[] = [], others: readonly string[] = []): boolean =>
  some === others || (some.length === others.length && some.every((one) => others.includes(one)));

/** Throws `CONFIG_INVALID` for a role that no policy knows. */
export function openRoleMap({ key, roles, defaultRole, commonRole, hasRole }: RoleMapOptions): RoleMap {
  const byGroup = new Map(Object.entries(roles).map(([group, value]) => [group, rolesIn(`${key}.roles`, group, value, hasRole)]));
  const otherwise = defaultRole ?? (byGroup.size === 0 ? commonRole : undefined);
  if (otherwise !== undefined && !hasRole(otherwise)) throw unknownRole(`${key}.defaultRole`, otherwise);
  return {
    of(name, groups) {
      const found = [...new Set(groups.flatMap((group) => byGroup.get(group) ?? []))];
      if (found.length > 0) return found;
      if (otherwise !== undefined) return [otherwise];
      throw new CanopyError(
        'FORBIDDEN',
        `'${name}' is known, but is in no group that has a role here; whoever runs this analyzer gives one with ${key}.roles or ${key}.defaultRole`,
        { details: { name, groups: groups.slice(0, 100) } },
      );
    },
  };
}

function rolesIn(key: string, group: string, value: Json, hasRole: (role: string) => boolean): readonly string[] {
  const roles = Array.isArray(value) ? value : [value];
  if (roles.length === 0 || !roles.every((role) => typeof role === 'string'))
    throw new CanopyError('CONFIG_INVALID', `${key}: '${group}' needs a role, or a list of roles`);
  const unknown = roles.find((role) => !hasRole(role));
  if (unknown !== undefined) throw unknownRole(key, unknown);
  return roles;
}

const unknownRole = (key: string, role: string): CanopyError =>
  new CanopyError('CONFIG_INVALID', `${key}: no policy says anything of the role '${role}'`);

/** What stands at a path of claims: `realm_access.roles`. A name with dots of its own is found too: `https://example.org/groups`. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** A claim that is a text or a list of texts, as a list; what is neither is none. */
export function textsAt(claims: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const value = claimAt(claims, path);
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((text): text is string => typeof text === 'string' && text !== '');
}
