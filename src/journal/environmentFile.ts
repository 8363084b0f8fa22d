import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from './layout.js';

/** LMDB's file begins with two pages that describe it, written in turn; offsets as of the variant that the `lmdb` package brings. */
const META_BYTES = 0xa0;
const MAGIC_AT = 0x18;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 0x30;
const LAST_PAGE_AT = 0x90;
const TRANSACTION_AT = 0x98;

/** What the newer of the two pages says. */
export interface EnvironmentMeta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
  /** Offset of the description in the file. */
  readonly offset: number;
}

/**
 * Looks at the journal's file before LMDB maps it into memory, where a file that is too short would end the process. A missing or empty file is new.
 * Throws `DATA_DAMAGED`.
 */
export function checkEnvironment(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const newest = readMeta(file);
    if (newest === undefined) throw damaged('the journal does not begin as one');
    const expected = (newest.lastPage + 1) * newest.pageSize;
    if (size < expected) throw damaged(`the journal was cut off: it has ${size} of ${expected} bytes`);
  } finally {
    closeSync(file);
  }
}

/** The newer description; `undefined` when either cannot be one. */
function readMeta(file: number): EnvironmentMeta | undefined {
  const first = readMetaAt(file, 0);
  const second = readMetaAt(file, first?.pageSize ?? 4096);
  if (first === undefined || second === undefined) return undefined;
  return first.transaction > second.transaction ? first : second;
}

/** One description; `undefined` when it cannot be one. */
export function readMetaAt(file: number, offset: number): EnvironmentMeta | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(file, page, 0, META_BYTES, offset) < META_BYTES || page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  const pageSize = page.readUInt32LE(PAGE_SIZE_AT);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  return {
    pageSize,
    lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: Number(page.readBigUInt64LE(TRANSACTION_AT)),
    offset,
  };
}
