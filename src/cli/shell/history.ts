import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Statements that are kept. */
const KEPT = 1_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the shell remembers: below `XDG_STATE_HOME` (XDG Base Directory Specification 0.8). */
export const historyFile = ({ XDG_STATE_HOME, HOME }: Environment): string =>
  join(XDG_STATE_HOME || join(HOME || homedir(), '.local', 'state'), 'canopy', 'shell-history');

/** Newest first, as a prompt wants it. Without the file: nothing is remembered. */
export async function readHistory(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter(Boolean).slice(-KEPT).reverse();
  } catch {
    return [];
  }
}

/** Keeps the newest, for nobody but their owner: strings name what is looked for. A folder that cannot be written forgets. */
export async function keepHistory(file: string, newestFirst: readonly string[]): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${newestFirst.slice(0, KEPT).reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // Remembering is a comfort; the answers were given.
  }
}

/** A statement on one line, so that it comes back with one key. Comments would swallow what follows them. */
export const onOneLine = (typed: string): string =>
  typed
    .split('\n')
    .map((line) => line.replace(/^\s*#.*$/, '').trim())
    .filter(Boolean)
    .join(' ');
