import { readFileSync } from 'node:fs';
import { CanopyError } from '../../common/errors.js';

/** A capture file whole; `-` is standard input. Throws `BAD_INPUT` for one that cannot be read. */
export function readCapture(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path === '-' ? 0 : path));
  } catch (error) {
    throw new CanopyError('BAD_INPUT', `${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
