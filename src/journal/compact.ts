import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_FILE, openDataFolder } from './dataFolder.js';
import { LmdbStore } from './lmdbStore.js';
import { removeEnvironment, syncFolder } from './repair.js';
import type { OnProgress } from './salvage.js';

const COMPACTED_FILE = 'journal.compacted.mdb';

export interface CompactReport {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Copies the journal into a file without free pages. Needs room for the copy. Throws `DATA_LOCKED`, `DATA_NEWER`, `DATA_DAMAGED`, `STORE_UNAVAILABLE`. */
export async function compact(dataDir: string, onProgress: OnProgress = () => undefined): Promise<CompactReport> {
  const folder = openDataFolder(dataDir);
  try {
    const target = join(dataDir, COMPACTED_FILE);
    removeEnvironment(target);
    const bytesBefore = statSync(folder.journalPath, { throwIfNoEntry: false })?.size ?? 0;
    if (bytesBefore === 0) return { bytesBefore, bytesAfter: 0 };
    onProgress({ step: 'copying', done: 0, total: bytesBefore });
    const store = new LmdbStore(folder.journalPath);
    try {
      await store.copyTo(target);
    } finally {
      await store.close();
    }
    const bytesAfter = statSync(target).size;
    onProgress({ step: 'copying', done: bytesBefore, total: bytesBefore });
    renameSync(target, join(dataDir, JOURNAL_FILE));
    removeEnvironment(target);
    rmSync(`${folder.journalPath}-lock`, { force: true });
    syncFolder(dataDir);
    return { bytesBefore, bytesAfter };
  } finally {
    folder.release();
  }
}
