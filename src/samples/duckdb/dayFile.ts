import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const DAY_MS = 86_400_000;
const NAME = /^samples-(\d{4}-\d{2}-\d{2})\.duckdb$/;

/** Days since the epoch, UTC: one file each. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);

const startOfDay = (day: number): number => day * DAY_MS;

export const dayPath = (folder: string, day: number): string =>
  join(folder, `samples-${new Date(startOfDay(day)).toISOString().slice(0, 10)}.duckdb`);

/** Days that have a file, in order. */
export function daysIn(folder: string): number[] {
  const days: number[] = [];
  for (const name of readdirSync(folder)) {
    const date = NAME.exec(name)?.[1];
    if (date !== undefined) days.push(dayOf(Date.parse(date)));
  }
  return days.sort((a, b) => a - b);
}

/** Removes a day's file, and what DuckDB keeps beside it. */
export function removeDay(folder: string, day: number): void {
  for (const ending of ['', '.wal']) rmSync(`${dayPath(folder, day)}${ending}`, { force: true });
}

/** Bytes of all files in the folder. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
