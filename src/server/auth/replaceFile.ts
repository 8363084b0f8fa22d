import { chownSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts a file in the place of another, whole, for its owner only. It belongs to whoever has the folder: the analyzer, also where root writes it.
 */
export function replaceFile(path: string, text: string): void {
  const folder = dirname(path);
  const isNew = statSync(folder, { throwIfNoEntry: false }) === undefined;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, gid } = statSync(isNew ? dirname(folder) : folder);
  if (isNew) own(folder, uid, gid);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  own(temporary, uid, gid);
  renameSync(temporary, path);
}

function own(path: string, uid: number, gid: number): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
