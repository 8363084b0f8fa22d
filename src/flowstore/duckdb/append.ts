import { BLOB, DOUBLE, DuckDBDataChunk, UBIGINT, UINTEGER, VARCHAR, blobValue, type DuckDBConnection } from '@duckdb/node-api';
import { readFlowBatch } from '../../flow/batch/flowBatch.js';
import type { FlowUpdate } from '../../flow/flow.js';
import type { FlowArrival } from '../store.js';
import { hourOf, type FlowFiles } from './files.js';
import { ID_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS } from './layout.js';
import { detailsOf, idOf, numbersOf, textsOf } from './rows.js';
import type { Texts } from './texts.js';

/** Rows of one chunk: DuckDB's own vector size. */
const CHUNK_ROWS = 2_048;

const TYPES = [...ID_COLUMNS.map(() => UBIGINT), ...TEXT_COLUMNS.map(() => UINTEGER), ...NUMBER_COLUMNS.map(() => DOUBLE), VARCHAR];
const FIRST_TEXT = ID_COLUMNS.length;
const FIRST_NUMBER = FIRST_TEXT + TEXT_COLUMNS.length;
const W_START = NUMBER_COLUMNS.indexOf('w_start');
const W_LAST = NUMBER_COLUMNS.indexOf('w_last');

/** An update, its texts as numbers. */
interface Prepared {
  readonly update: FlowUpdate;
  readonly texts: readonly number[];
  readonly numbers: readonly number[];
  readonly clockOffset: number;
}

/** Writes batches: texts first, then one transaction for each hour's file. Returns how many updates were written. */
export async function append(
  connection: DuckDBConnection,
  files: FlowFiles,
  texts: Texts,
  arrivals: readonly FlowArrival[],
): Promise<number> {
  const byHour = new Map<number, Prepared[]>();
  let count = 0;
  for (const { batch, origin, clockOffset } of arrivals) {
    const read = readFlowBatch(batch);
    for (let row = 0; row < read.length; row += 1) {
      const update = read.update(row);
      const numbers = numbersOf(update, clockOffset);
      const prepared = { update, clockOffset, numbers, texts: textsOf(update, origin).map((text) => texts.numberOf(text)) };
      const hour = hourOf(numbers[W_LAST]!);
      const same = byHour.get(hour);
      if (same === undefined) byHour.set(hour, [prepared]);
      else same.push(prepared);
      count += 1;
    }
  }
  await texts.save();
  for (const [hour, rows] of byHour) {
    await files.noteFirst(
      hour,
      rows.reduce((first, { numbers }) => Math.min(first, numbers[W_START]!), Infinity),
    );
    await writeHour(connection, await files.file(hour), rows);
  }
  return count;
}

async function writeHour(connection: DuckDBConnection, file: string, rows: readonly Prepared[]): Promise<void> {
  await connection.run('BEGIN');
  try {
    const appender = await connection.createAppender('updates', 'main', file);
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) appender.appendDataChunk(chunkOf(rows.slice(from, from + CHUNK_ROWS)));
    appender.flushSync();
    appender.closeSync();
    await writePackets(connection, file, rows);
    await connection.run('COMMIT');
  } catch (error) {
    await connection.run('ROLLBACK');
    throw error;
  }
}

/** Column by column into the vectors' own memory. */
function chunkOf(rows: readonly Prepared[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(TYPES, rows.length);
  const memory = (column: number): { items: Record<number, bigint | number>; flush(): void } =>
    chunk.getColumnVector(column) as unknown as { items: Record<number, bigint | number>; flush(): void };
  const ids = ID_COLUMNS.map((_, place) => memory(place));
  const texts = TEXT_COLUMNS.map((_, place) => memory(FIRST_TEXT + place));
  const numbers = NUMBER_COLUMNS.map((_, place) => memory(FIRST_NUMBER + place));
  const details = chunk.getColumnVector(TYPES.length - 1);
  rows.forEach(({ update, texts: ofTexts, numbers: ofNumbers }, row) => {
    const { UUID, TrackingID, L3TrackingID, ParentUUID } = update.flow;
    ids[0]!.items[row] = idOf(UUID);
    ids[1]!.items[row] = idOf(TrackingID);
    ids[2]!.items[row] = idOf(L3TrackingID);
    ids[3]!.items[row] = idOf(ParentUUID);
    for (let place = 0; place < texts.length; place += 1) texts[place]!.items[row] = ofTexts[place]!;
    for (let place = 0; place < numbers.length; place += 1) numbers[place]!.items[row] = ofNumbers[place]!;
    (details as unknown as { setItem(row: number, value: string | null): void }).setItem(row, detailsOf(update));
  });
  for (const vector of [...ids, ...texts, ...numbers, details as unknown as { flush(): void }]) vector.flush();
  return chunk;
}

async function writePackets(connection: DuckDBConnection, file: string, rows: readonly Prepared[]): Promise<void> {
  const packets = rows.flatMap(({ update: { flow, rawPackets }, clockOffset }) =>
    rawPackets.map((packet) => ({ ...packet, uuid: idOf(flow.UUID), at: packet.Timestamp - clockOffset })),
  );
  if (packets.length === 0) return;
  const appender = await connection.createAppender('packets', 'main', file);
  for (const { uuid, at, Index, LinkType, Data, Nanos, WireLength } of packets) {
    appender.appendUBigInt(uuid);
    appender.appendDouble(at);
    appender.appendDouble(Index);
    appender.appendDouble(LinkType);
    appender.appendValue(blobValue(Data), BLOB);
    appender.appendDouble(Nanos);
    appender.appendDouble(WireLength);
    appender.endRow();
  }
  appender.flushSync();
  appender.closeSync();
}
