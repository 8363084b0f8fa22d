import type { DuckDBConnection } from '@duckdb/node-api';

/** Texts that one statement forgets. */
const TEXTS_PER_DELETE = 1_000;

/**
 * The texts of all files and the numbers that stand for them: addresses, names, paths. Whole in memory, so that what is asked of texts is asked here, each once. On disk before what
 * names them, in a file of their own (`names`).
 */
export class Texts {
  private readonly numbers = new Map<string, number>();
  private readonly texts = new Map<number, string>();
  private fresh: [number, string][] = [];
  private last = 0;

  constructor(private readonly connection: DuckDBConnection) {}

  async load(): Promise<void> {
    await this.connection.run('CREATE TABLE IF NOT EXISTS names.texts(number UINTEGER, text VARCHAR)');
    const answer = await this.connection.runAndReadAll('SELECT number, text FROM names.texts');
    for (const [number, text] of answer.getRowsJS() as [number, string][]) this.keep(number, text);
  }

  get size(): number {
    return this.numbers.size;
  }

  /** 0 for the empty text. New ones must be saved before what names them. */
  numberOf(text: string): number {
    if (text === '') return 0;
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.last + 1;
    this.keep(number, text);
    this.fresh.push([number, text]);
    return number;
  }

  /** `undefined` for 0. */
  textOf(number: number): string | undefined {
    return this.texts.get(number);
  }

  async save(): Promise<void> {
    if (this.fresh.length === 0) return;
    const appender = await this.connection.createAppender('texts', 'main', 'names');
    for (const [number, text] of this.fresh) {
      appender.appendUInteger(number);
      appender.appendVarchar(text);
      appender.endRow();
    }
    appender.flushSync();
    appender.closeSync();
    this.fresh = [];
  }

  /** Numbers of the texts that pass. */
  matching(test: (text: string) => boolean): number[] {
    const found: number[] = [];
    for (const [text, number] of this.numbers) if (test(text)) found.push(number);
    return found;
  }

  /** Forgets the texts that nothing names any more. */
  async keepOnly(used: ReadonlySet<number>): Promise<void> {
    const gone = [...this.texts.keys()].filter((number) => !used.has(number));
    for (let from = 0; from < gone.length; from += TEXTS_PER_DELETE) {
      const part = gone.slice(from, from + TEXTS_PER_DELETE);
      await this.connection.run(`DELETE FROM names.texts WHERE number IN (${part.join(', ')})`);
      for (const number of part) {
        this.numbers.delete(this.texts.get(number)!);
        this.texts.delete(number);
      }
    }
  }

  private keep(number: number, text: string): void {
    this.numbers.set(text, number);
    this.texts.set(number, text);
    this.last = Math.max(this.last, number);
  }
}
