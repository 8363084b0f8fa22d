import { CanopyError } from '../common/errors.js';

/** Why somebody is not let in who showed these, in the words that old clients know. */
export const notKnown = (credentials: readonly string[]): CanopyError =>
  new CanopyError('UNAUTHENTICATED', credentials.length === 0 ? 'No credentials provided' : 'Wrong credentials');
