import { isStoredCoverage, decodeBody } from './body.js';
import { HeaderBlock } from './block.js';
import { Codec } from './codec.js';
import { damaged, textKey, unseal } from './layout.js';
import type { TableName } from './orderedStore.js';
import { PageFile, type PageEntry } from './pages.js';

/** Told now and then while a repair or a compaction runs. */
export interface MaintenanceProgress {
  readonly step: string;
  readonly done: number;
  /** `undefined` where it is not known. */
  readonly total: number | undefined;
}

export type OnProgress = (progress: MaintenanceProgress) => void;

/** Entries between two reports. */
const REPORT_EVERY = 50_000;

/** Where the readable body of each change lies in a damaged file. */
export class Salvage {
  readonly codec: Codec;
  readonly #file: PageFile;
  readonly #tables: Map<string, number>;
  readonly #places = new Map<number, { readonly page: number; readonly index: number }>();
  /** What the headers say of each change, for those that can be read. */
  readonly #headers = new Map<number, { readonly ordinal: number; readonly at: number }>();
  /** Values whose checksum was wrong. */
  broken = 0;

  /** Reads everything once. Throws `DATA_DAMAGED` when nothing can be kept: the file or its dictionary is unreadable. */
  constructor(path: string, report: OnProgress) {
    try {
      this.#file = new PageFile(path);
    } catch (cause) {
      throw damaged(`the journal cannot be repaired: ${(cause as Error).message}`, cause);
    }
    this.#tables = this.#file.tables();
    const meta = new Map([...this.entries('meta')].map(({ key, value }) => [key.toString('latin1'), value]));
    this.codec = new Codec({ get: (_table, key) => meta.get(key.toString('latin1')) });
    this.#readHeaders();
    this.#findBodies(report);
  }

  /** Pages that could not be read. */
  get unreadablePages(): number {
    return this.#file.unreadable;
  }

  /** Seqs whose bodies are readable, ascending. */
  seqs(): number[] {
    return [...this.#places.keys()].sort((a, b) => a - b);
  }

  /** When the change was made, as its header says. */
  atOf(seq: number): number | undefined {
    return this.#headers.get(seq)?.at;
  }

  bodyOf(seq: number): Buffer | undefined {
    const place = this.#places.get(seq);
    return place && this.#file.entryAt(place.page, place.index)?.value;
  }

  /** Readable entries of a table, unchecked. */
  *entries(table: TableName): Generator<PageEntry> {
    const root = this.#tables.get(table);
    if (root !== undefined) yield* this.#file.entries(root);
  }

  /** Entries of a table whose values begin with the right checksum. */
  *sealedEntries(table: TableName): Generator<PageEntry> {
    for (const entry of this.entries(table)) {
      if (isSealed(entry.value)) yield entry;
      else this.broken++;
    }
  }

  metaOf(name: string): Buffer | undefined {
    const key = textKey(name);
    for (const entry of this.sealedEntries('meta')) if (entry.key.equals(key)) return entry.value;
    return undefined;
  }

  close(): void {
    this.#file.close();
  }

  #readHeaders(): void {
    for (const { value } of this.sealedEntries('blocks')) {
      const block = HeaderBlock.decode(value);
      for (let index = 0; index < block.count; index++)
        this.#headers.set(block.firstSeq + index, { ordinal: block.ordinal[index]!, at: block.at[index]! });
    }
  }

  #findBodies(report: OnProgress): void {
    let done = 0;
    const tell = (step: string): void => {
      if (++done % REPORT_EVERY === 0) report({ step, done, total: undefined });
    };
    for (const entry of this.entries('bodies')) {
      tell('reading changes');
      if (!this.#takeBody(entry)) this.broken++;
    }
    // Whole branches of the tree may be lost while their leaves are not: bodies are found by what they say they are.
    for (const entry of this.#file.allLeafEntries()) {
      tell('looking for changes that nothing leads to');
      if (entry.key.length === 6 && !this.#places.has(entry.key.readUIntBE(0, 6))) this.#takeBody(entry);
    }
  }

  #takeBody({ key, value, page, index }: PageEntry): boolean {
    if (key.length !== 6 || !isSealed(value)) return false;
    const seq = key.readUIntBE(0, 6);
    try {
      const change = decodeBody(this.codec, value, seq);
      const header = this.#headers.get(seq);
      const ordinal = isStoredCoverage(change) ? 0 : change.ordinal;
      if (header !== undefined && (header.ordinal !== ordinal || header.at !== change.at)) return false;
    } catch {
      return false;
    }
    this.#places.set(seq, { page, index });
    return true;
  }
}

function isSealed(value: Buffer): boolean {
  try {
    unseal(value, () => '');
    return true;
  } catch {
    return false;
  }
}
