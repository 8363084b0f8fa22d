import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import koffi from 'koffi';
import { CanopyError } from '../common/errors.js';

/** `flock(2)`: exclusive, without waiting. */
const LOCK_EXCLUSIVE = 2;
const LOCK_NO_WAIT = 4;

/** Lets go of a lock. */
export type Unlock = () => void;

let flock: ((file: number, operation: number) => number) | undefined;

/**
 * Takes the lock file for this process. The kernel holds it, so it ends with the process however that ends, and it works between containers that share
 * a volume. Throws `DATA_LOCKED`, naming the process that has it.
 */
export function lock(path: string): Unlock {
  flock ??= koffi.load(null).func('int flock(int file, int operation)') as (file: number, operation: number) => number;
  const file = openSync(path, 'a+', 0o600);
  if (flock(file, LOCK_EXCLUSIVE | LOCK_NO_WAIT) !== 0) {
    const holder = readFileSync(path, 'utf8').trim();
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
