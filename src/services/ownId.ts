import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomId } from '../common/ids.js';

/** In the data folder: by what this analyzer is told from others that share its registry. */
const FILE = 'analyzer-id';

/** The id of the analyzer whose data folder this is; made when there is none. Throws what the file system says. */
export function ownId(dataDir: string): string {
  const path = join(dataDir, FILE);
  try {
    const id = readFileSync(path, 'utf8').trim();
    if (id !== '') return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = randomId();
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, `${id}\n`);
  return id;
}
