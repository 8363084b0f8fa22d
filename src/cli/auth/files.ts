import { readFileSync } from 'node:fs';
import type { Config } from '../../common/config/config.js';
import { CanopyError } from '../../common/errors.js';
import type { User } from '../../server/auth/users.js';

/** Users and tokens in the files of an analyzer, which need not run; one that does takes changes within a second. */
export async function openAuthFiles(config: Config) {
  const [{ authFiles }, users, tokens, { replaceFile }, { openPolicy }] = await Promise.all([
    import('../../server/auth/gate.js'),
    import('../../server/auth/users.js'),
    import('../../server/auth/machineTokens.js'),
    import('../../server/auth/replaceFile.js'),
    import('../../server/auth/policy.js'),
  ]);
  const paths = authFiles(config);
  return {
    users: () => new Map<string, User>(users.readUsers(textOf(paths.users), paths.users)),
    writeUsers: (changed: Parameters<typeof users.printUsers>[0]) => replaceFile(paths.users, users.printUsers(changed)),
    tokens: () => new Map(tokens.readMachineTokens(textOf(paths.tokens), paths.tokens)),
    writeTokens: (changed: Parameters<typeof tokens.printMachineTokens>[0]) =>
      replaceFile(paths.tokens, tokens.printMachineTokens(changed)),
    /** The scopes in a text with commas. Throws `BAD_INPUT` for one that `auth.scopes` has not. */
    async scopesIn(text: string): Promise<string[]> {
      const { scopes } = await openPolicy(config.auth);
      const names = text.split(',').map((name) => name.trim());
      const unknown = names.find((name) => !scopes.has(name));
      if (unknown === undefined) return names;
      const there = scopes.names.length === 0 ? 'there are none' : `there are ${scopes.names.join(', ')}`;
      throw new CanopyError('BAD_INPUT', `auth.scopes has no scope '${unknown}': ${there}`);
    },
    /** The roles in a text with commas. Throws `BAD_INPUT` for one that the policy does not know. */
    async rolesIn(text: string): Promise<string[]> {
      const policy = await openPolicy(config.auth);
      const roles = text.split(',').map((role) => role.trim());
      const unknown = roles.find((role) => !policy.hasRole(role));
      if (unknown === undefined) return roles;
      throw new CanopyError(
        'BAD_INPUT',
        `no policy says anything of the role '${unknown}': there are ${BUILT_IN.join(', ')}, and those of auth.policy`,
      );
    },
  };
}

/** Roles that people are told of; the others are other names for these. */
export const BUILT_IN = ['reader', 'operator', 'publisher', 'writer', 'administrator', 'agent'] as const;

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CanopyError('CONFIG_INVALID', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
