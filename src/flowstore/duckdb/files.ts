import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { tablesOf } from './layout.js';

export const HOUR_MS = 3_600_000;
const NAME = /^flows-(\d{4}-\d{2}-\d{2}T\d{2})\.duckdb$/;

/** Files that are attached at once, unless one question needs more; those used longest ago are let go. */
const MOST_ATTACHED = 64;

/** Hours since the epoch, UTC: one file each. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/** The hours that have a file in the folder, the oldest first. */
export function hoursIn(folder: string): number[] {
  const hours: number[] = [];
  for (const name of readdirSync(folder)) {
    const written = NAME.exec(name)?.[1];
    if (written !== undefined) hours.push(hourOf(Date.parse(`${written}:00:00Z`)));
  }
  return hours.sort((a, b) => a - b);
}

/** The files of the store: an hour's updates in each, by the time of the update, so that letting go of the past is unlinking a file. */
export class FlowFiles {
  private readonly attached = new Set<number>();
  /** Where the earliest window in a file begins, by hour: an import's flows may be longer than an hour. */
  private readonly firsts = new Map<number, number>();

  constructor(
    private readonly connection: DuckDBConnection,
    private readonly folder: string,
  ) {}

  async load(): Promise<void> {
    await this.connection.run('CREATE TABLE IF NOT EXISTS names.files(hour BIGINT PRIMARY KEY, first DOUBLE)');
    const answer = await this.connection.runAndReadAll('SELECT hour, first FROM names.files');
    for (const [hour, first] of answer.getRowsJS() as [bigint, number][]) this.firsts.set(Number(hour), first);
  }

  /** The name under which an hour's file is attached. */
  async file(hour: number): Promise<string> {
    const name = `hour${hour}`;
    if (this.attached.delete(hour)) {
      this.attached.add(hour);
      return name;
    }
    await this.connection.run(`ATTACH '${this.path(hour).replaceAll("'", "''")}' AS ${name}`);
    await this.connection.run(tablesOf(name));
    this.attached.add(hour);
    return name;
  }

  /** Notes where the earliest window begins that is about to be written into the file. */
  async noteFirst(hour: number, first: number): Promise<void> {
    const known = this.firsts.get(hour);
    if (known !== undefined && known <= first) return;
    await this.connection.run(`INSERT OR REPLACE INTO names.files VALUES (${hour}, ${first})`);
    this.firsts.set(hour, first);
  }

  /** Names of the files with updates that end at `from` or later and have a window that begins at `to` or before, oldest first. */
  async covering(from: number, to: number): Promise<string[]> {
    const hours = this.hours().filter((hour) => (hour + 1) * HOUR_MS > from && (this.firsts.get(hour) ?? hour * HOUR_MS) <= to);
    const names: string[] = [];
    for (const hour of hours) names.push(await this.file(hour));
    for (const hour of this.attached) {
      if (this.attached.size <= MOST_ATTACHED) break;
      if (!hours.includes(hour)) await this.detach(hour);
    }
    return names;
  }

  hours(): number[] {
    return hoursIn(this.folder);
  }

  bytesOf(hour: number): number {
    return ['', '.wal'].reduce((sum, ending) => sum + (statSync(`${this.path(hour)}${ending}`, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  /** When the hour's file was written last, milliseconds since the epoch. */
  writtenAt(hour: number): number {
    return Math.max(0, ...['', '.wal'].map((ending) => statSync(`${this.path(hour)}${ending}`, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  }

  async remove(hour: number): Promise<void> {
    await this.detach(hour);
    for (const ending of ['', '.wal']) rmSync(`${this.path(hour)}${ending}`, { force: true });
    await this.connection.run(`DELETE FROM names.files WHERE hour = ${hour}`);
    this.firsts.delete(hour);
  }

  async close(): Promise<void> {
    for (const hour of [...this.attached]) await this.detach(hour);
  }

  private async detach(hour: number): Promise<void> {
    if (this.attached.delete(hour)) await this.connection.run(`DETACH hour${hour}`);
  }

  private path(hour: number): string {
    return join(this.folder, `flows-${new Date(hour * HOUR_MS).toISOString().slice(0, 13)}.duckdb`);
  }
}
