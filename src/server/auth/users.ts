import { createHash } from 'node:crypto';
import { CanopyError } from '../../common/errors.js';
import { isHash } from './password.js';

/** Somebody who comes in with a password. */
export interface User {
  readonly name: string;
  /** scrypt or bcrypt; never the password. */
  readonly hash: string;
  /** Empty in a file of `htpasswd`: the configured default then. */
  readonly roles: readonly string[];
  /** Names of `auth.scopes`; empty: the user sees everything, unless a role says otherwise. */
  readonly scopes?: readonly string[];
}

/** By name, in the order of the file. */
export type Users = ReadonlyMap<string, User>;

/** A user as read. */
export interface KnownUser extends User {
  /** Tells one hash from another and says nothing of it. Sessions carry it: they end with the password. */
  readonly print: string;
}

const NAME = /^[^\s:,#][^:,\p{Cc}]{0,126}$/u;

/** Throws `BAD_INPUT` for a name or role that the file could not hold. */
export function checkName(what: string, name: string): void {
  if (!NAME.test(name))
    throw new CanopyError(
      'BAD_INPUT',
      `'${name}' cannot be the name of a ${what}: at most 127 characters, none of them ':' ',' or a control character`,
    );
}

/** Reads lines `NAME:HASH`, `NAME:HASH:ROLE,ROLE` or `NAME:HASH:ROLE,ROLE:SCOPE,SCOPE`, empty ones and `#` comments left out. Throws `CONFIG_INVALID` with the line. */
export function readUsers(text: string | undefined, path: string): ReadonlyMap<string, KnownUser> {
  const users = new Map<string, KnownUser>();
  for (const [index, raw] of (text ?? '').split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [name, hash, roles = '', scopes = '', ...rest] = line.split(':') as [string, ...string[]];
    if (hash === undefined || rest.length > 0 || !NAME.test(name) || !isHash(hash)) {
      throw new CanopyError(
        'CONFIG_INVALID',
        `${path}:${index + 1}: this is no user: write NAME:HASH:ROLE with \`canopy user add\`, or NAME:HASH with \`htpasswd -B\``,
      );
    }
    users.set(name, {
      name,
      hash,
      print: printOf(hash),
      roles: listed(roles),
      scopes: listed(scopes),
    });
  }
  return users;
}

const printOf = (hash: string): string => createHash('sha256').update(hash).digest('base64url').slice(0, 16);

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

export const printUsers = (users: Users): string =>
  Array.from(users.values(), ({ name, hash, roles, scopes = [] }) => {
    const more = scopes.length > 0 ? [roles.join(','), scopes.join(',')] : roles.length > 0 ? [roles.join(',')] : [];
    return `${[name, hash, ...more].join(':')}\n`;
  }).join('');
