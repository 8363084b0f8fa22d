import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Where the built page lies, seen from this file: compiled beside it in `dist/`, or below `dist/` of the checkout. */
const PLACES = ['../../../web/', '../../../dist/web/'];

/** What only a built page has: the sources lie in a folder of the same name. */
const BUILT = 'assets';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** A file of the page, ready to send. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same compressed, where that is worth it. */
  readonly gzip: Buffer | undefined;
  /** Changes with the content. */
  readonly tag: string;
}

/** The built page. Only names that were there when it was opened are served, so that no path leads out of its folder. */
export interface PageFiles {
  /** Paths below the folder: `index.html`, `assets/page-….js`. */
  readonly names: readonly string[];
  /** Read when it is asked for the first time. */
  read(name: string): PageFile;
}

/** `undefined` when the page has not been built. */
export function findPage(
  places: readonly string[] = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))),
): PageFiles | undefined {
  const folder = places.find((place) => existsSync(join(place, BUILT)));
  if (folder === undefined) return undefined;
  const read = new Map<string, PageFile>();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  return {
    names,
    read(name) {
      let file = read.get(name);
      if (file === undefined) read.set(name, (file = load(folder, name)));
      return file;
    },
  };
}

function load(folder: string, name: string): PageFile {
  const bytes = readFileSync(join(folder, name));
  const gzip = gzipSync(bytes);
  return {
    type: TYPES[extname(name)]!,
    bytes,
    gzip: gzip.length < bytes.length ? gzip : undefined,
    tag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
  };
}
