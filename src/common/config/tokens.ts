import { readFileSync } from 'node:fs';
import { CanopyError } from '../errors.js';

const FILE_PREFIX = 'file:';

/** Tokens of the entries of `tokens.*`: literals as they are, `file:PATH` read, one token a line, empty lines and `#` comments left out. Throws `CONFIG_INVALID`. */
export const readTokens = (entries: readonly string[]): string[] => entries.flatMap((entry) => readLines(entry, 'token'));

/** The entry itself, or the lines of the file that `file:PATH` names, without empty lines and `#` comments. `what`: of which a line is one. Throws `CONFIG_INVALID`. */
export const readLines = (entry: string, what: string): string[] =>
  entry.startsWith(FILE_PREFIX) ? linesInFile(entry.slice(FILE_PREFIX.length), what) : [entry];

/** The one token in the file of `tokenFile`; `undefined` where none is configured. Throws `CONFIG_INVALID`. */
export const readTokenFile = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : linesInFile(path, 'token')[0];

/** The password that the text is, or that is in the file which `file:PATH` names, without the end of its line. Throws `CONFIG_INVALID`. */
export function readPassword(text: string | undefined): string | undefined {
  if (!text?.startsWith(FILE_PREFIX)) return text;
  const path = text.slice(FILE_PREFIX.length);
  return readSecret(path, 'password').replace(/\r?\n$/, '');
}

function linesInFile(path: string, what: string): string[] {
  const lines = readSecret(path, what)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new CanopyError('CONFIG_INVALID', `the ${what} file ${path} holds no ${what}: write one ${what} a line`);
  return lines;
}

function readSecret(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `cannot read the ${what} file ${path}: ${(cause as Error).message}`, { cause });
  }
}
