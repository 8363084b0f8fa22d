import { DOUBLE, listValue, LIST, type DuckDBConnection } from '@duckdb/node-api';
import type { SampleColumns } from './messages.js';

const VALUES = LIST(DOUBLE);

/**
 * One day's file, attached: samples with their values as a list, and beside them the names that numbers stand for. A sample names its layout (the list of paths
 * that were measured together) instead of its paths, so that it is one row whatever it holds.
 */
export class Day {
  readonly #connection: DuckDBConnection;
  readonly #name: string;
  readonly #elements = new Map<string, number>();
  readonly #layouts = new Map<string, number>();

  private constructor(connection: DuckDBConnection, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** Attaches the file, made when it is new. */
  static async open(connection: DuckDBConnection, path: string, name: string): Promise<Day> {
    await connection.run(`ATTACH '${path.replaceAll("'", "''")}' AS ${name}`);
    await connection.run(`
      CREATE TABLE IF NOT EXISTS ${name}.elements(number UINTEGER, id VARCHAR);
      CREATE TABLE IF NOT EXISTS ${name}.layouts(number UINTEGER, place UINTEGER, path VARCHAR);
      CREATE TABLE IF NOT EXISTS ${name}.samples(element UINTEGER, layout UINTEGER, instant DOUBLE, vals DOUBLE[]);`);
    const day = new Day(connection, name);
    await day.#load();
    return day;
  }

  /** Writes the samples (indexes into the columns), in one transaction. `offsets[i]` is where the values of sample `i` begin. */
  async append(columns: SampleColumns, samples: readonly number[], offsets: Uint32Array): Promise<void> {
    await this.#connection.run('BEGIN');
    try {
      const elements = await this.#numberElements(columns.ids);
      const layouts = await this.#numberLayouts(columns.layouts);
      const appender = await this.#connection.createAppender('samples', 'main', this.#name);
      for (const sample of samples) {
        const layout = columns.layout[sample]!;
        const start = offsets[sample]!;
        appender.appendUInteger(elements[columns.element[sample]!]!);
        appender.appendUInteger(layouts[layout]!);
        appender.appendDouble(columns.at[sample]!);
        appender.appendList(listValue(Array.from(columns.values.subarray(start, start + columns.layouts[layout]!.length))), VALUES);
        appender.endRow();
      }
      appender.flushSync();
      appender.closeSync();
      await this.#connection.run('COMMIT');
    } catch (error) {
      await this.#connection.run('ROLLBACK');
      this.#elements.clear();
      this.#layouts.clear();
      await this.#load();
      throw error;
    }
  }

  /** Last value of each element and path in each step, as rows of (index of id, index of path, step, value). */
  async series(
    ids: readonly string[],
    paths: readonly string[],
    from: number,
    to: number,
    stepMs: number,
  ): Promise<readonly (readonly number[])[]> {
    const elements = numbered(ids, this.#elements);
    if (elements === '') return [];
    const wanted = paths.map((path, index) => `(${index}, ${quoted(path)})`).join(', ');
    const answer = await this.#connection.runAndReadAll(`
      SELECT element.index, path.index, floor((sample.instant - ${from}) / ${stepMs}) AS step, arg_max(list_extract(sample.vals, layout.place + 1), sample.instant)
      FROM (VALUES ${elements}) AS element(index, number)
      JOIN ${this.#name}.samples AS sample ON sample.element = element.number
      JOIN ${this.#name}.layouts AS layout ON layout.number = sample.layout
      JOIN (VALUES ${wanted}) AS path(index, name) ON path.name = layout.path
      WHERE sample.instant BETWEEN ${from} AND ${to}
      GROUP BY ALL ORDER BY step`);
    return answer.getRowsJS() as number[][];
  }

  /** The last sample of each element in [from, to], as rows of (index of id, instant, paths, values). */
  async latest(
    ids: readonly string[],
    from: number,
    to: number,
  ): Promise<readonly (readonly [index: number, at: number, paths: string[], values: number[]])[]> {
    const elements = numbered(ids, this.#elements);
    if (elements === '') return [];
    const answer = await this.#connection.runAndReadAll(`
      SELECT element.index, max(sample.instant), arg_max(sample.layout, sample.instant), arg_max(sample.vals, sample.instant)
      FROM (VALUES ${elements}) AS element(index, number)
      JOIN ${this.#name}.samples AS sample ON sample.element = element.number
      WHERE sample.instant BETWEEN ${from} AND ${to}
      GROUP BY ALL`);
    const paths = new Map([...this.#layouts].map(([key, number]) => [number, JSON.parse(key) as string[]]));
    return (answer.getRowsJS() as [number, number, number, number[]][]).map(([index, at, layout, values]) => [
      index,
      at,
      paths.get(layout) ?? [],
      values,
    ]);
  }

  /** Lets go of the file. */
  async close(): Promise<void> {
    await this.#connection.run(`DETACH ${this.#name}`);
  }

  async #load(): Promise<void> {
    const elements = await this.#connection.runAndReadAll(`SELECT id, number FROM ${this.#name}.elements`);
    for (const [id, number] of elements.getRowsJS() as [string, number][]) this.#elements.set(id, number);
    const layouts = await this.#connection.runAndReadAll(
      `SELECT number, list(path ORDER BY place) FROM ${this.#name}.layouts GROUP BY number`,
    );
    for (const [number, paths] of layouts.getRowsJS() as [number, string[]][]) this.#layouts.set(JSON.stringify(paths), number);
  }

  async #numberElements(ids: readonly string[]): Promise<number[]> {
    const fresh: string[] = [];
    const numbers = ids.map((id) => {
      let number = this.#elements.get(id);
      if (number === undefined) {
        number = this.#elements.size;
        this.#elements.set(id, number);
        fresh.push(`(${number}, ${quoted(id)})`);
      }
      return number;
    });
    if (fresh.length > 0) await this.#connection.run(`INSERT INTO ${this.#name}.elements VALUES ${fresh.join(', ')}`);
    return numbers;
  }

  async #numberLayouts(layouts: readonly (readonly string[])[]): Promise<number[]> {
    const fresh: string[] = [];
    const numbers = layouts.map((paths) => {
      const key = JSON.stringify(paths);
      let number = this.#layouts.get(key);
      if (number === undefined) {
        number = this.#layouts.size;
        this.#layouts.set(key, number);
        for (const [place, path] of paths.entries()) fresh.push(`(${number}, ${place}, ${quoted(path)})`);
      }
      return number;
    });
    if (fresh.length > 0) await this.#connection.run(`INSERT INTO ${this.#name}.layouts VALUES ${fresh.join(', ')}`);
    return numbers;
  }
}

/** `(index, number)` of the ids that the day knows, as SQL; empty when it knows none. */
function numbered(ids: readonly string[], known: ReadonlyMap<string, number>): string {
  const rows: string[] = [];
  for (const [index, id] of ids.entries()) {
    const number = known.get(id);
    if (number !== undefined) rows.push(`(${index}, ${number})`);
  }
  return rows.join(', ');
}

/** A text as an SQL literal. DuckDB has no escapes in them but the doubled quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`;
