import { extname } from 'node:path';
import type { JsonObject } from '../json.js';
import { map, type Kind } from './kinds.js';

/** How files of facts are written. */
export const FACT_FORMATS = ['json', 'yaml', 'toml', 'ini', 'properties'] as const;
export type FactFormat = (typeof FACT_FORMATS)[number];

/** Other names of the formats, of extensions too. */
const ALIASES: Readonly<Record<string, FactFormat>> = { yml: 'yaml', props: 'properties', prop: 'properties', conf: 'ini' };

/** A value in a file that somebody else writes. */
export interface MetadataFile {
  readonly path: string;
  readonly type: FactFormat;
  /** Dotted path of the value in the file; all of it without. */
  readonly selector?: string;
}

/** Values in files by the name under which they are shown. */
export type MetadataFiles = Readonly<Record<string, MetadataFile>>;

const FIELDS = new Set(['path', 'type', 'selector']);

/** `undefined` for what names no file, or one whose format cannot be told. */
function readFile(raw: unknown): MetadataFile | undefined {
  const file = map.read(typeof raw === 'object' ? raw : undefined);
  if (file === undefined || Object.keys(file).some((field) => !FIELDS.has(field))) return undefined;
  const { path, selector } = file;
  if (typeof path !== 'string' || path === '' || !(selector === undefined || (typeof selector === 'string' && selector !== '')))
    return undefined;
  const named = file.type ?? extname(path).slice(1).toLowerCase();
  const type = FACT_FORMATS.find((format) => format === named) ?? (typeof named === 'string' ? ALIASES[named] : undefined);
  return type && { path, type, ...(selector === undefined ? {} : { selector }) };
}

/** A map from names to `{ path, type, selector }`; the type may be left out where the file's extension says it. */
export const metadataFiles: Kind<MetadataFiles> = {
  valid: `a map from names to { path, type, selector }, where type is one of ${[...FACT_FORMATS, ...Object.keys(ALIASES)].join(', ')} or is told by the extension`,
  placeholder: 'FILES',
  read(raw) {
    const files: Record<string, MetadataFile> = {};
    for (const [name, entry] of Object.entries(map.read(raw) ?? { '': null })) {
      const file = readFile(entry);
      if (file === undefined || name === '' || name.split('.').includes('')) return undefined;
      files[name] = file;
    }
    return files;
  },
  write: (value) => map.write(value as unknown as JsonObject),
};
