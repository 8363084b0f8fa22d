import type { DuckDBConnection } from '@duckdb/node-api';
import { CanopyError } from '../../common/errors.js';
import { NUMBER_COLUMNS } from '../../flow/batch/columns.js';
import { readFlowBatch, type FlowBatch, type FlowNumberColumn } from '../../flow/batch/flowBatch.js';
import { LATEST, type FlowArrival } from '../store.js';
import { hourOf, type FlowFiles } from './files.js';
import { HourRows, timesOf, type Part } from './hourRows.js';
import type { AppendAnswer } from './messages.js';
import type { Texts } from './texts.js';

/** Writes batches: texts first, then one transaction for each hour's file. What is damaged is left out: it must not take others with it. */
export async function append(
  connection: DuckDBConnection,
  files: FlowFiles,
  texts: Texts,
  arrivals: readonly FlowArrival[],
): Promise<AppendAnswer> {
  const refused = new Map<number, string>();
  const hours = [...byHour(arrivals, refused)].map(([hour, parts]) => ({ hour, rows: new HourRows(parts, texts) }));
  await texts.save();
  let stored = 0;
  for (const { hour, rows } of hours) {
    await files.noteFirst(hour, rows.first);
    await writeHour(connection, await files.file(hour), rows);
    stored += rows.length;
  }
  return { stored, refused };
}

/** Which rows of which batch belong to each hour: that in which their window ends. */
function byHour(arrivals: readonly FlowArrival[], refused: Map<number, string>): Map<number, Part[]> {
  const hours = new Map<number, Part[]>();
  for (const [place, { batch: bytes, origin, clockOffset }] of arrivals.entries()) {
    const batch = soundBatch(bytes, clockOffset, (reason) => refused.set(place, reason));
    if (batch === undefined) continue;
    const rowsOf = new Map<number, number[]>();
    timesOf(batch, 'w_last', clockOffset).forEach((last, row) => {
      const hour = hourOf(last);
      const rows = rowsOf.get(hour);
      if (rows === undefined) rowsOf.set(hour, [row]);
      else rows.push(row);
    });
    for (const [hour, rows] of rowsOf) {
      const part = { batch, origin, clockOffset, rows };
      const parts = hours.get(hour);
      if (parts === undefined) hours.set(hour, [part]);
      else parts.push(part);
    }
  }
  return hours;
}

/** The batch, where its columns can be read and written. */
function soundBatch(bytes: Uint8Array, clockOffset: number, refuse: (reason: string) => void): FlowBatch | undefined {
  try {
    const batch = readFlowBatch(bytes);
    for (const column of CHECKED) {
      if (batch.number(column).some((value) => !(Math.abs(value) < BEYOND))) return void refuse(`${column} is no number that can be kept`);
    }
    if (timesOf(batch, 'w_last', clockOffset).some((time) => !(time >= 0 && time < LATEST))) return void refuse('a time is none');
    return batch;
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    refuse(error.message);
    return undefined;
  }
}

/** Columns that are written as they are. */
const CHECKED = NUMBER_COLUMNS.filter((column): column is FlowNumberColumn => column !== 'Shape' && column !== 'Reason');

/** Above this a column of whole numbers cannot hold it. */
const BEYOND = 2 ** 63;

async function writeHour(connection: DuckDBConnection, file: string, rows: HourRows): Promise<void> {
  await connection.run('BEGIN');
  try {
    const appender = await connection.createAppender('updates', 'main', file);
    rows.appendTo(appender);
    appender.flushSync();
    appender.closeSync();
    await rows.appendPackets(() => connection.createAppender('packets', 'main', file));
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
}
