import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import type * as Koffi from 'koffi';
import { CanopyError } from '../common/errors.js';

/** `flock(2)`: exclusive, without waiting. */
const LOCK_EXCLUSIVE = 2;
const LOCK_NO_WAIT = 4;

/** Lets go of a lock. */
export type Unlock = () => void;

/** Takes the lock on an open file; `false` when somebody has it. */
type TakeLock = (file: number, holder: string) => boolean;

let takeLock: TakeLock | undefined;

/**
 * Takes the lock file for this process. The kernel holds it, so it ends with the process however that ends, and it works between containers that share
 * a volume. Throws `DATA_LOCKED`, naming the process that has it.
 */
export function lock(path: string): Unlock {
  takeLock ??= kernelLock() ?? isLeft;
  const file = openSync(path, 'a+', 0o600);
  const holder = readFileSync(path, 'utf8').trim();
  if (!takeLock(file, holder)) {
    closeSync(file);
    throw new CanopyError(
      'DATA_LOCKED',
      `The data folder is in use by ${holder || 'another process'}. Stop it, or give this one another --data-dir.`,
      {
        details: { holder, lock: path },
      },
    );
  }
  ftruncateSync(file, 0);
  writeSync(file, `process ${process.pid} on ${hostname()}\n`);
  return () => {
    ftruncateSync(file, 0);
    closeSync(file);
  };
}

/** The kernel's lock, through FFI; `undefined` where there are no prebuilt bindings. */
function kernelLock(): TakeLock | undefined {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const flock = koffi.load(null).func('int flock(int file, int operation)') as (file: number, operation: number) => number;
    return (file) => flock(file, LOCK_EXCLUSIVE | LOCK_NO_WAIT) === 0;
  } catch {
    return undefined;
  }
}

/** Second best: whether the process that the file names has ended. It cannot tell processes of other hosts or containers, and trusts them to be alive. */
function isLeft(_file: number, holder: string): boolean {
  const [, pid, host] = /^process (\d+) on (.*)$/.exec(holder) ?? [];
  if (pid === undefined) return true;
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
