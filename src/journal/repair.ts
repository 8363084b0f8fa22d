import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { damagedJournalName, JOURNAL_FILE, readFormat, takeFolder, writeFormat } from './dataFolder.js';
import { CanopyError } from '../common/errors.js';
import { DATA_FORMAT, textKey, unseal } from './layout.js';
import { LmdbStore } from './lmdbStore.js';
import type { WriteOp } from './orderedStore.js';
import { Rebuild, type Rebuilt } from './rebuild.js';
import { Salvage, type OnProgress } from './salvage.js';

const REPAIRED_FILE = 'journal.repaired.mdb';
const WRITES_AT_ONCE = 5_000;

/** Marks that go over as they are. */
const META_NAMES = ['structures/0', 'structures/1', 'alive', 'oldest'];

export interface RepairReport extends Rebuilt {
  /** Pages of the file that could not be read, and values whose checksum was wrong. */
  readonly unreadablePages: number;
  readonly brokenValues: number;
  /** Whether agents can go on where they were. When something was lost they send everything again, and the hub finds the difference. */
  readonly keptProgress: boolean;
  /** The damaged file, kept beside the new one. */
  readonly damagedFile: string;
}

/**
 * Makes a data folder usable again: keeps every change that can be read and says what is lost. The damaged file stays beside the new one. Throws
 * `DATA_LOCKED`, `DATA_NEWER`, and `DATA_DAMAGED` when nothing can be kept.
 */
export async function repair(dataDir: string, onProgress: OnProgress = () => undefined): Promise<RepairReport> {
  const unlock = takeFolder(dataDir);
  try {
    refuseNewer(dataDir);
    const source = join(dataDir, JOURNAL_FILE);
    if (!existsSync(source))
      throw new CanopyError('NOT_FOUND', `There is no journal in ${dataDir}: nothing to repair.`, { details: { dataDir } });
    const target = join(dataDir, REPAIRED_FILE);
    removeEnvironment(target);
    const salvage = new Salvage(source, onProgress);
    const store = new LmdbStore(target);
    let rebuilt: Rebuilt;
    let keptProgress: boolean;
    try {
      await copyMeta(salvage, store);
      rebuilt = await new Rebuild(salvage, store).run(prunedThrough(salvage), onProgress);
      await copyTable(salvage, store, 'epochs');
      await copyTable(salvage, store, 'rows');
      keptProgress = rebuilt.lost === 0 && salvage.broken === 0 && salvage.unreadablePages === 0;
      if (keptProgress) await copyTable(salvage, store, 'progress');
    } finally {
      await store.close();
      salvage.close();
    }
    const damagedFile = damagedJournalName(dataDir);
    renameSync(source, damagedFile);
    renameSync(target, source);
    removeEnvironment(target);
    rmSync(`${source}-lock`, { force: true });
    writeFormat(dataDir);
    syncFolder(dataDir);
    return { ...rebuilt, unreadablePages: salvage.unreadablePages, brokenValues: salvage.broken, keptProgress, damagedFile };
  } finally {
    unlock();
  }
}

/** A later version's folder is not repaired by this one; an unreadable format is. */
function refuseNewer(dataDir: string): void {
  let format: number | undefined;
  try {
    format = readFormat(dataDir);
  } catch (error) {
    if (error instanceof CanopyError && error.code === 'DATA_DAMAGED') return;
    throw error;
  }
  if (format !== undefined && format > DATA_FORMAT) {
    throw new CanopyError('DATA_NEWER', `The data folder was written by a later version (format ${format}). Repair it with that version.`, {
      details: { format, supported: DATA_FORMAT },
    });
  }
}

async function copyMeta(salvage: Salvage, store: LmdbStore): Promise<void> {
  const ops: WriteOp[] = [];
  for (const name of META_NAMES) {
    const value = salvage.metaOf(name);
    if (value !== undefined) ops.push({ table: 'meta', key: textKey(name), value });
  }
  // Both copies of the dictionary, also when only one was readable.
  const dictionary = salvage.metaOf('structures/0') ?? salvage.metaOf('structures/1');
  if (dictionary !== undefined)
    for (const name of META_NAMES.slice(0, 2)) ops.push({ table: 'meta', key: textKey(name), value: dictionary });
  await store.write(ops);
}

async function copyTable(salvage: Salvage, store: LmdbStore, table: 'epochs' | 'rows' | 'progress'): Promise<void> {
  let ops: WriteOp[] = [];
  for (const { key, value } of salvage.sealedEntries(table)) {
    ops.push({ table, key: Buffer.from(key), value: Buffer.from(value) });
    if (ops.length < WRITES_AT_ONCE) continue;
    await store.write(ops);
    ops = [];
  }
  await store.write(ops);
}

function prunedThrough(salvage: Salvage): number {
  const mark = salvage.metaOf('oldest');
  return mark === undefined ? 0 : unseal(mark, () => 'the mark of what was pruned').readDoubleLE(0);
}

/** Removes an LMDB file and its lock. */
export function removeEnvironment(path: string): void {
  for (const ending of ['', '-lock']) rmSync(`${path}${ending}`, { force: true });
}

/** Makes renames in the folder last. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
