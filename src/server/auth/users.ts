import { CanopyError } from '../../common/errors.js';
import { isHash } from './password.js';

/** Somebody who comes in with a password. */
export interface User {
  readonly name: string;
  /** scrypt or bcrypt; never the password. */
  readonly hash: string;
  /** Empty in a file of `htpasswd`: the configured default then. */
  readonly roles: readonly string[];
}

/** By name, in the order of the file. */
export type Users = ReadonlyMap<string, User>;

const NAME = /^[^\s:,#][^:,\p{Cc}]{0,126}$/u;

/** Throws `BAD_INPUT` for a name or role that the file could not hold. */
export function checkName(what: string, name: string): void {
  if (!NAME.test(name))
    throw new CanopyError(
      'BAD_INPUT',
      `'${name}' cannot be the name of a ${what}: at most 127 characters, none of them ':' ',' or a control character`,
    );
}

/** Reads lines `NAME:HASH` or `NAME:HASH:ROLE,ROLE`, empty ones and `#` comments left out. Throws `CONFIG_INVALID` with the line. */
export function readUsers(text: string | undefined, path: string): Users {
  const users = new Map<string, User>();
  for (const [index, raw] of (text ?? '').split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [name, hash, roles = '', ...rest] = line.split(':') as [string, ...string[]];
    if (hash === undefined || rest.length > 0 || !NAME.test(name) || !isHash(hash)) {
      throw new CanopyError(
        'CONFIG_INVALID',
        `${path}:${index + 1}: this is no user: write NAME:HASH:ROLE with \`canopy user add\`, or NAME:HASH with \`htpasswd -B\``,
      );
    }
    users.set(name, {
      name,
      hash,
      roles: roles
        .split(',')
        .map((role) => role.trim())
        .filter((role) => role !== ''),
    });
  }
  return users;
}

export const printUsers = (users: Users): string =>
  Array.from(users.values(), ({ name, hash, roles }) => `${[name, hash, ...(roles.length > 0 ? [roles.join(',')] : [])].join(':')}\n`).join(
    '',
  );
