import { CanopyError } from '../../../common/errors.js';
import { checkName } from '../users.js';
import { claimAt } from './roles.js';

/** The name of a user, in a claim or else their subject. Throws `FORBIDDEN` for a name that cannot be one here. */
export function nameIn(claims: Readonly<Record<string, unknown>>, path: string): string {
  const claimed = claimAt(claims, path);
  const name = typeof claimed === 'string' && claimed !== '' ? claimed : claims.sub;
  if (typeof name !== 'string')
    throw new CanopyError('FORBIDDEN', `the provider says no name: set auth.oidc.nameClaim to a claim that it has`);
  // Whoever may write any address into their profile would be whom they like.
  if (path === 'email' && claims.email_verified === false)
    throw new CanopyError('FORBIDDEN', `the provider has not verified the address '${name}': verify it there, then sign in again`);
  try {
    checkName('user', name);
  } catch (cause) {
    throw new CanopyError('FORBIDDEN', `${(cause as Error).message}; set auth.oidc.nameClaim to another claim`, { cause });
  }
  return name;
}
