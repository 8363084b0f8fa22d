import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CanopyError } from '../../common/errors.js';

/** Somebody who signed in at an analyzer. Times in epoch milliseconds. */
export interface Login {
  readonly name: string;
  /** What questions show, and until when it is good. */
  readonly session: string;
  readonly sessionEndsAt: number;
  /** What gets the next session, and until when. */
  readonly refresh: string;
  readonly refreshEndsAt: number;
}

type Logins = Readonly<Record<string, Login>>;

/** By the address of the analyzer. */
export const readLogin = (url: string): Login | undefined => readLogins()[url];

/** For its owner only, as whoever has it is who signed in. */
export function keepLogin(url: string, login: Login | undefined): void {
  const { [url]: _before, ...others } = readLogins();
  const path = loginsPath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(login === undefined ? others : { ...others, [url]: login }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

/** `canopy/logins.json` in the user's folder of configuration. XDG Base Directory Specification. */
function loginsPath(): string {
  const { XDG_CONFIG_HOME: folder } = process.env;
  return join(folder === undefined || folder === '' ? join(homedir(), '.config') : folder, 'canopy', 'logins.json');
}

function readLogins(): Logins {
  const path = loginsPath();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new CanopyError('CONFIG_INVALID', `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text) as Logins;
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `${path} is damaged: remove it, then \`canopy login\` again`, { cause });
  }
}
