import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CanopyError } from '../../common/errors.js';
import { fail, ok, reasonOf, type Check, type Finding } from './check.js';

/** Whether the analyzer could open its data folder. Makes nothing: a folder that is not there yet is fine. */
export const checkDataFolder: Check = async ({ dataDir }) => [await dataFolder(dataDir)];

async function dataFolder(path: string): Promise<Finding> {
  const name = 'data folder';
  const { FORMAT_FILE, openDataFolder } = await import('../../journal/dataFolder.js');
  if (!existsSync(path)) return ok(name, `${path} is not there yet; the analyzer makes it`);
  if (!existsSync(join(path, FORMAT_FILE))) return ok(name, `${path} holds no data yet`);
  try {
    openDataFolder(path).release();
    return ok(name, `${path} can be opened`);
  } catch (error) {
    if (!(error instanceof CanopyError)) return fail(name, reasonOf(error), 'Check the rights on the folder.');
    if (error.code === 'DATA_LOCKED') return ok(name, `${path} is in use by ${String(error.details.holder || 'another process')}`);
    const advice: Partial<Record<typeof error.code, string>> = {
      DATA_DAMAGED: `Stop the analyzer and run \`canopy doctor --repair --data-dir ${path}\`: it keeps all that is readable.`,
      DATA_NEWER: 'Start the version that wrote it, or choose another --data-dir.',
    };
    return fail(name, reasonOf(error), advice[error.code] ?? 'Check the disk and the rights on the folder.');
  }
}
