import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readMetaAt } from './environmentFile.js';

/** Page kinds and node flags of LMDB (`mdb.c`), in the variant of the `lmdb` package: a page begins with 24 bytes of number, transaction and bounds. */
const BRANCH = 0x01;
const LEAF = 0x02;
const HEADER_BYTES = 24;
const NODE_HEADER_BYTES = 8;
const BIG_DATA = 0x01;
const SUB_DATABASE = 0x02;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** Where the root of a tree is named in its description. */
const ROOT_IN_DATABASE = 40;
const DEPTH_IN_DATABASE = 6;
const MAIN_ROOT_IN_META = 0x88;

const MOST_DEPTH = 32;

/** One entry of a leaf. */
export interface PageEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Where to find it again. */
  readonly page: number;
  readonly index: number;
}

interface Node {
  readonly flags: number;
  readonly size: number;
  readonly childPage: number;
  readonly key: Buffer;
  readonly data: Buffer;
}

/** Reads an LMDB file by itself, page for page, trusting nothing in it: for a file that LMDB could not read without ending the process. */
export class PageFile {
  readonly pageSize: number;
  readonly pageCount: number;
  /** Number of the last transaction that was completed. */
  readonly transaction: number;
  /** Pages that should have been readable and were not. */
  unreadable = 0;
  readonly #file: number;
  readonly #root: number;

  /** Throws when neither description of the file can be read. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    const first = readMetaAt(this.#file, 0);
    const second = readMetaAt(this.#file, first?.pageSize ?? 4096);
    const newest = first !== undefined && (second === undefined || first.transaction > second.transaction) ? first : second;
    if (newest === undefined) {
      closeSync(this.#file);
      throw new Error('neither of the two descriptions at its beginning is readable');
    }
    if (first === undefined || second === undefined) this.unreadable++;
    this.pageSize = newest.pageSize;
    this.transaction = newest.transaction;
    this.pageCount = Math.floor(fstatSync(this.#file).size / this.pageSize);
    const root = Buffer.alloc(8);
    readSync(this.#file, root, 0, 8, newest.offset + MAIN_ROOT_IN_META);
    this.#root = Number(root.readBigUInt64LE(0));
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Root pages of the named tables, as far as they can be read. */
  tables(): Map<string, number> {
    const tables = new Map<string, number>();
    for (const { name, root } of this.#databases(this.#root)) tables.set(name, root);
    return tables;
  }

  /** Looks at the inner pages of every tree, which lead LMDB through the file, and not at the many leaves. Returns the tables that it cannot be led through. */
  damagedTables(): string[] {
    const damaged: string[] = [];
    for (const { name, root, depth } of this.#databases(this.#root)) if (!this.#isWhole(root, depth)) damaged.push(name);
    return this.unreadable > 0 ? ['the list of tables', ...damaged] : damaged;
  }

  #isWhole(number: number, depth: number): boolean {
    if (depth <= 1) return depth === 0 || this.#read(number) !== undefined;
    const page = this.#read(number);
    if (page === undefined || !isBranch(page)) return false;
    for (const { node } of nodesOf(page)) {
      if (node === undefined || node.childPage < 2 || node.childPage >= this.pageCount) return false;
      if (depth > 2 && !this.#isWhole(node.childPage, depth - 1)) return false;
    }
    return true;
  }

  /** Entries of the tree below the page, in order; unreadable parts are counted and passed over. */
  *entries(root: number, depth = 0): Generator<PageEntry> {
    if (BigInt(root) === NO_PAGE || root >= Number(NO_PAGE)) return;
    const page = this.#read(root);
    if (page === undefined || depth > MOST_DEPTH) {
      this.unreadable++;
      return;
    }
    for (const { node, index } of nodesOf(page)) {
      if (node === undefined) this.unreadable++;
      else if (isBranch(page)) yield* this.entries(node.childPage, depth + 1);
      else {
        const value = this.#valueOf(node);
        if (value === undefined) this.unreadable++;
        else yield { key: node.key, value, page: root, index };
      }
    }
  }

  /** Entries of every leaf in the file that a completed transaction wrote, whether a tree leads to it or not. */
  *allLeafEntries(): Generator<PageEntry> {
    for (let number = 2; number < this.pageCount; number++) {
      const page = this.#read(number);
      if (page === undefined || isBranch(page) || Number(page.readBigUInt64LE(8)) > this.transaction) continue;
      for (const { node, index } of nodesOf(page)) {
        const value = node === undefined ? undefined : this.#valueOf(node);
        if (node !== undefined && value !== undefined) yield { key: node.key, value, page: number, index };
      }
    }
  }

  /** An entry that was found before. */
  entryAt(page: number, index: number): PageEntry | undefined {
    const bytes = this.#read(page);
    const node = bytes && nodeAt(bytes, index);
    const value = node && this.#valueOf(node);
    return node && value && { key: node.key, value, page, index };
  }

  *#databases(number: number, depth = 0): Generator<{ name: string; root: number; depth: number }> {
    const page = this.#read(number);
    if (page === undefined || depth > MOST_DEPTH) {
      this.unreadable++;
      return;
    }
    for (const { node } of nodesOf(page)) {
      if (node === undefined) this.unreadable++;
      else if (isBranch(page)) yield* this.#databases(node.childPage, depth + 1);
      else if ((node.flags & SUB_DATABASE) !== 0 && node.data.length >= ROOT_IN_DATABASE + 8) {
        // Names of tables end in a zero byte in this variant.
        const name = node.key.toString('utf8').replaceAll('\0', '');
        yield { name, root: Number(node.data.readBigUInt64LE(ROOT_IN_DATABASE)), depth: node.data.readUInt16LE(DEPTH_IN_DATABASE) };
      }
    }
  }

  /** A branch or leaf that says of itself that it is this page; `undefined` for anything else. */
  #read(number: number): Buffer | undefined {
    if (!Number.isSafeInteger(number) || number < 2 || number >= this.pageCount) return undefined;
    const page = this.#readBytes(number, this.pageSize);
    if (page === undefined || Number(page.readBigUInt64LE(0)) !== number) return undefined;
    const kind = page.readUInt16LE(18) & (BRANCH | LEAF);
    return kind === BRANCH || kind === LEAF ? page : undefined;
  }

  #readBytes(page: number, length: number): Buffer | undefined {
    const bytes = Buffer.allocUnsafe(length);
    return readSync(this.#file, bytes, 0, length, page * this.pageSize) === length ? bytes : undefined;
  }

  #valueOf(node: Node): Buffer | undefined {
    if ((node.flags & BIG_DATA) === 0) return node.data.length === node.size ? node.data : undefined;
    if (node.data.length < 8 || node.size > this.pageCount * this.pageSize) return undefined;
    const first = Number(node.data.readBigUInt64LE(0));
    if (first < 2 || first >= this.pageCount) return undefined;
    return this.#readBytes(first, HEADER_BYTES + node.size)?.subarray(HEADER_BYTES);
  }
}

const isBranch = (page: Buffer): boolean => (page.readUInt16LE(18) & BRANCH) !== 0;

function* nodesOf(page: Buffer): Generator<{ node: Node | undefined; index: number }> {
  // Bounds are counted from the end of the page's header, and so are the places of nodes.
  const count = Math.min(page.readUInt16LE(20), page.length - HEADER_BYTES) >>> 1;
  for (let index = 0; index < count; index++) yield { node: nodeAt(page, index), index };
}

function nodeAt(page: Buffer, index: number): Node | undefined {
  const start = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * index);
  if (start + NODE_HEADER_BYTES > page.length) return undefined;
  const low = page.readUInt16LE(start);
  const high = page.readUInt16LE(start + 2);
  const flags = page.readUInt16LE(start + 4);
  const keyEnd = start + NODE_HEADER_BYTES + page.readUInt16LE(start + 6);
  if (keyEnd > page.length) return undefined;
  const key = page.subarray(start + NODE_HEADER_BYTES, keyEnd);
  const size = low + high * 0x1_0000;
  if (isBranch(page)) return { flags: 0, size: 0, childPage: size + flags * 0x1_0000_0000, key, data: Buffer.alloc(0) };
  const isBig = (flags & BIG_DATA) !== 0;
  const dataEnd = isBig ? keyEnd + 8 : keyEnd + size;
  if (dataEnd > page.length) return undefined;
  return { flags, size, childPage: 0, key, data: page.subarray(keyEnd, dataEnd) };
}
