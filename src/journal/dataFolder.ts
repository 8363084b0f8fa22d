import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CanopyError } from '../common/errors.js';
import { checkEnvironment } from './environmentFile.js';
import { damaged, DATA_FORMAT } from './layout.js';
import { lock, type Unlock } from './lock.js';
import { PageFile } from './pages.js';

/** Names of what is in a data folder. */
export const JOURNAL_FILE = 'journal.mdb';
export const FORMAT_FILE = 'format.json';
const LOCK_FILE = 'lock';

/** A data folder that this process holds. */
export interface DataFolder {
  readonly path: string;
  readonly journalPath: string;
  release(): void;
}

/**
 * Makes the folder when it is new, and takes it for this process. Throws `DATA_LOCKED` (somebody has it), `DATA_NEWER` (a later version wrote it),
 * `DATA_DAMAGED` (what it holds cannot be a journal), `STORE_UNAVAILABLE` (the disk or the rights).
 */
export function openDataFolder(path: string): DataFolder {
  const unlock = takeFolder(path);
  try {
    const journalPath = join(path, JOURNAL_FILE);
    const format = readFormat(path);
    if (format === undefined && existsSync(journalPath)) throw damaged(`${FORMAT_FILE} is missing beside ${JOURNAL_FILE}`);
    if (format === undefined) writeFormat(path);
    else if (format > DATA_FORMAT) throw newer(path, format);
    checkEnvironment(journalPath);
    checkTrees(journalPath);
    return { path, journalPath, release: unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** LMDB trusts the inner pages of its trees and would end the process over a damaged one, so they are looked at before. */
function checkTrees(journalPath: string): void {
  if ((statSync(journalPath, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  const file = new PageFile(journalPath);
  try {
    const tables = file.damagedTables();
    if (tables.length > 0) throw damaged(`the journal cannot be read in order in ${tables.join(', ')}`);
  } finally {
    file.close();
  }
}

/** The folder's format; `undefined` for a folder without one. Throws `DATA_DAMAGED` when it cannot be read. */
export function readFormat(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(path, FORMAT_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
  try {
    const { format } = JSON.parse(text) as { format?: unknown };
    if (typeof format === 'number' && Number.isInteger(format)) return format;
  } catch (error) {
    throw damaged(`${FORMAT_FILE} is not JSON`, error);
  }
  throw damaged(`${FORMAT_FILE} does not name a format`);
}

/** Writes the format of this version, synced. */
export function writeFormat(path: string): void {
  const target = join(path, FORMAT_FILE);
  const file = openSync(`${target}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify({ format: DATA_FORMAT, program: 'canopy' })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${target}.new`, target);
}

/** Where a repair puts the file that it replaced. */
export const damagedJournalName = (path: string): string =>
  join(path, `journal.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}.mdb`);

/** Makes the folder when it is new, and takes it for this process, whatever is in it. Throws `DATA_LOCKED`, `STORE_UNAVAILABLE`. */
export function takeFolder(path: string): Unlock {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return lock(join(path, LOCK_FILE));
  } catch (error) {
    throw error instanceof CanopyError ? error : unusable(path, error);
  }
}

const newer = (path: string, format: number): CanopyError =>
  new CanopyError(
    'DATA_NEWER',
    `The data folder ${path} was written by a later version (format ${format}, this version reads up to ${DATA_FORMAT}). Start that version, or use another --data-dir.`,
    { details: { format, supported: DATA_FORMAT } },
  );

const unusable = (path: string, cause: unknown): CanopyError =>
  new CanopyError(
    'STORE_UNAVAILABLE',
    `The data folder ${path} cannot be used: ${(cause as Error).message}. Check the disk and the rights on the folder.`,
    {
      cause,
    },
  );
