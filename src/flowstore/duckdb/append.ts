import type { DuckDBConnection } from '@duckdb/node-api';
import { readFlowBatch } from '../../flow/batch/flowBatch.js';
import type { FlowArrival } from '../store.js';
import { hourOf, type FlowFiles } from './files.js';
import { HourRows, timesOf, type Part } from './hourRows.js';
import type { Texts } from './texts.js';

/** Writes batches: texts first, then one transaction for each hour's file. Returns how many updates were written. */
export async function append(
  connection: DuckDBConnection,
  files: FlowFiles,
  texts: Texts,
  arrivals: readonly FlowArrival[],
): Promise<number> {
  const hours = [...byHour(arrivals)].map(([hour, parts]) => ({ hour, rows: new HourRows(parts, texts) }));
  await texts.save();
  let count = 0;
  for (const { hour, rows } of hours) {
    await files.noteFirst(hour, rows.first);
    await writeHour(connection, await files.file(hour), rows);
    count += rows.length;
  }
  return count;
}

/** Which rows of which batch belong to each hour: that in which their window ends. */
function byHour(arrivals: readonly FlowArrival[]): Map<number, Part[]> {
  const hours = new Map<number, Part[]>();
  for (const { batch: bytes, origin, clockOffset } of arrivals) {
    const batch = readFlowBatch(bytes);
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
