import { readFileSync } from 'node:fs';
import { CanopyError } from '../errors.js';

const FILE_PREFIX = 'file:';

/** Tokens of the entries of `tokens.*`: literals as they are, `file:PATH` read, one token a line, empty lines and `#` comments left out. Throws `CONFIG_INVALID`. */
export const readTokens = (entries: readonly string[]): string[] =>
  entries.flatMap((entry) => (entry.startsWith(FILE_PREFIX) ? tokensInFile(entry.slice(FILE_PREFIX.length)) : [entry]));

/** The one token in the file of `tokenFile`; `undefined` where none is configured. Throws `CONFIG_INVALID`. */
export const readTokenFile = (path: string | undefined): string | undefined => (path === undefined ? undefined : tokensInFile(path)[0]);

function tokensInFile(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `cannot read the token file ${path}: ${(cause as Error).message}`, { cause });
  }
  const tokens = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (tokens.length === 0) throw new CanopyError('CONFIG_INVALID', `the token file ${path} holds no token: write one token a line`);
  return tokens;
}
