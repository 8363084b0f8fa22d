import { BLOB, DOUBLE, DuckDBDataChunk, UBIGINT, UINTEGER, VARCHAR, blobValue, type DuckDBAppender } from '@duckdb/node-api';
import type { FlowBatch, FlowIdColumn, FlowNumberColumn, FlowTextColumn } from '../../flow/batch/flowBatch.js';
import { ID_COLUMNS, NUMBER_COLUMNS, TEXT_COLUMNS, type IdColumn, type NumberColumn, type TextColumn } from './layout.js';
import { detailsText, idOf } from './rows.js';
import type { Texts } from './texts.js';

/** Rows of one chunk: DuckDB's own vector size. */
const CHUNK_ROWS = 2_048;

const TYPES = [...ID_COLUMNS.map(() => UBIGINT), ...TEXT_COLUMNS.map(() => UINTEGER), ...NUMBER_COLUMNS.map(() => DOUBLE), VARCHAR];
const FIRST_TEXT = ID_COLUMNS.length;
const FIRST_NUMBER = FIRST_TEXT + TEXT_COLUMNS.length;

/** What a batch calls our columns. */
const IDS: Readonly<Record<IdColumn, FlowIdColumn>> = {
  uuid: 'UUID',
  tracking: 'TrackingID',
  l3_tracking: 'L3TrackingID',
  parent: 'ParentUUID',
};
const TEXTS: Readonly<Partial<Record<TextColumn, FlowTextColumn>>> = {
  layers: 'LayersPath',
  application: 'Application',
  link_a: 'Link.A',
  link_b: 'Link.B',
  network_a: 'Network.A',
  network_b: 'Network.B',
  node_tid: 'NodeTID',
  capture: 'CaptureID',
};
const NUMBERS: Readonly<Record<Exclude<NumberColumn, 'clock_offset'>, FlowNumberColumn>> = {
  start: 'Start',
  last: 'Last',
  link_id: 'Link.ID',
  network_id: 'Network.ID',
  transport_a: 'Transport.A',
  transport_b: 'Transport.B',
  transport_id: 'Transport.ID',
  icmp_code: 'ICMP.Code',
  icmp_id: 'ICMP.ID',
  finish: 'FinishType',
  raw_captured: 'RawPacketsCaptured',
  ab_segments: 'Segments.AB',
  ba_segments: 'Segments.BA',
  ab_packets: 'Metric.ABPackets',
  ab_bytes: 'Metric.ABBytes',
  ba_packets: 'Metric.BAPackets',
  ba_bytes: 'Metric.BABytes',
  rtt: 'Metric.RTT',
  m_start: 'Start',
  m_last: 'Last',
  w_ab_packets: 'LastUpdateMetric.ABPackets',
  w_ab_bytes: 'LastUpdateMetric.ABBytes',
  w_ba_packets: 'LastUpdateMetric.BAPackets',
  w_ba_bytes: 'LastUpdateMetric.BABytes',
  w_rtt: 'LastUpdateMetric.RTT',
  w_start: 'LastUpdateMetric.Start',
  w_last: 'LastUpdateMetric.Last',
};
/** On our clock. */
const TIMES: ReadonlySet<NumberColumn> = new Set(['start', 'last', 'm_start', 'm_last', 'w_start', 'w_last']);
/** A flow without a window counts from its first packet to its last. */
const WITHOUT_WINDOW: Readonly<Partial<Record<NumberColumn, FlowNumberColumn>>> = { w_start: 'Start', w_last: 'Last' };

/** A batch whose flows are on their way to the store. */
export interface Part {
  readonly batch: FlowBatch;
  readonly origin: string;
  /** Milliseconds that the agent's clock is ahead of ours. */
  readonly clockOffset: number;
  /** Which of its rows, in order. */
  readonly rows: readonly number[];
}

/** Milliseconds on our clock of a column of times, for each row of a batch. */
export function timesOf(batch: FlowBatch, column: 'w_start' | 'w_last', clockOffset: number): Float64Array {
  const times = batch.number(NUMBERS[column]);
  const otherwise = batch.number(WITHOUT_WINDOW[column]!);
  return times.map((time, row) => onOurClock(batch.hasWindow(row) ? time : otherwise[row]!, clockOffset));
}

const onOurClock = (time: number, clockOffset: number): number => (time === 0 ? 0 : time - clockOffset);

/**
 * Rows of one hour as they are written: from the columns of batches into columns, without an object for each flow. Texts get their numbers
 * once for each dictionary.
 */
export class HourRows {
  readonly length: number;
  private readonly ids: readonly BigUint64Array[];
  private readonly texts: readonly Uint32Array[];
  private readonly numbers: readonly Float64Array[];
  private readonly details: (string | null)[] = [];

  constructor(
    private readonly parts: readonly Part[],
    private readonly numbersOfTexts: Texts,
  ) {
    this.length = parts.reduce((sum, { rows }) => sum + rows.length, 0);
    this.ids = ID_COLUMNS.map(() => new BigUint64Array(this.length));
    this.texts = TEXT_COLUMNS.map(() => new Uint32Array(this.length));
    this.numbers = NUMBER_COLUMNS.map(() => new Float64Array(this.length));
    let at = 0;
    for (const part of parts) {
      ID_COLUMNS.forEach((column, place) => putIds(this.ids[place]!, at, part, IDS[column]));
      TEXT_COLUMNS.forEach((column, place) => this.putTexts(this.texts[place]!, at, part, column));
      NUMBER_COLUMNS.forEach((column, place) => putNumbers(this.numbers[place]!, at, part, column));
      for (const row of part.rows) this.details.push(detailsText(part.batch.detailsOf(row)));
      at += part.rows.length;
    }
  }

  private putTexts(to: Uint32Array, at: number, { batch, origin, rows }: Part, column: TextColumn): void {
    const source = TEXTS[column];
    if (source !== undefined) {
      const { values, index } = batch.text(source);
      const numbers = values.map((text) => this.numbersOfTexts.numberOf(text));
      rows.forEach((row, place) => (to[at + place] = numbers[index[row]!]!));
      return;
    }
    const textOf = rowText(column, batch, origin);
    rows.forEach((row, place) => (to[at + place] = this.numbersOfTexts.numberOf(textOf(row) ?? '')));
  }

  /** When the first of them began. */
  get first(): number {
    return this.numbers[NUMBER_COLUMNS.indexOf('w_start')]!.reduce((first, start) => Math.min(first, start), Infinity);
  }

  /** Hands all rows over, column by column into the vectors' own memory. */
  appendTo(appender: DuckDBAppender): void {
    for (let from = 0; from < this.length; from += CHUNK_ROWS) {
      const to = Math.min(this.length, from + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(TYPES, to - from);
      const fill = <Column extends BigUint64Array | Uint32Array | Float64Array>(place: number, column: Column): void => {
        const vector = chunk.getColumnVector(place) as unknown as { items: { set(values: Column): void }; flush(): void };
        vector.items.set(column.subarray(from, to) as Column);
        vector.flush();
      };
      this.ids.forEach((column, place) => fill(place, column));
      this.texts.forEach((column, place) => fill(FIRST_TEXT + place, column));
      this.numbers.forEach((column, place) => fill(FIRST_NUMBER + place, column));
      const details = chunk.getColumnVector(TYPES.length - 1) as unknown as {
        setItem(row: number, value: string | null): void;
        flush(): void;
      };
      for (let row = from; row < to; row += 1) details.setItem(row - from, this.details[row]!);
      details.flush();
      appender.appendDataChunk(chunk);
    }
  }

  /** Hands the packets over that were kept of them; `open` is called when there are some. */
  async appendPackets(open: () => Promise<DuckDBAppender>): Promise<void> {
    let appender: DuckDBAppender | undefined;
    for (const { batch, rows, clockOffset } of this.parts) {
      for (const row of rows) {
        for (const { Timestamp, Index, LinkType, Data, Nanos, WireLength } of batch.rawPackets(row)) {
          appender ??= await open();
          appender.appendUBigInt(idOf(batch.id('UUID', row)));
          appender.appendDouble(Timestamp - clockOffset);
          appender.appendDouble(Index);
          appender.appendDouble(LinkType);
          appender.appendValue(blobValue(Data), BLOB);
          appender.appendDouble(Nanos);
          appender.appendDouble(WireLength);
          appender.endRow();
        }
      }
    }
    appender?.flushSync();
    appender?.closeSync();
  }
}

function putIds(to: BigUint64Array, at: number, { batch, rows }: Part, column: FlowIdColumn): void {
  const [high, low] = batch.idHalves(column);
  // The low half first, as in the memory of every machine that this runs on.
  const halves = new Uint32Array(to.buffer);
  rows.forEach((row, place) => {
    halves[(at + place) * 2] = low[row]!;
    halves[(at + place) * 2 + 1] = high[row]!;
  });
}

function putNumbers(to: Float64Array, at: number, { batch, rows, clockOffset }: Part, column: NumberColumn): void {
  if (column === 'clock_offset') {
    to.fill(clockOffset, at, at + rows.length);
    return;
  }
  const from = column === 'w_start' || column === 'w_last' ? timesOf(batch, column, clockOffset) : batch.number(NUMBERS[column]);
  if (TIMES.has(column) && !column.startsWith('w_')) rows.forEach((row, place) => (to[at + place] = onOurClock(from[row]!, clockOffset)));
  else rows.forEach((row, place) => (to[at + place] = from[row]!));
}

/** The texts of few kinds that a batch does not have as texts. */
function rowText(column: TextColumn, batch: FlowBatch, origin: string): (row: number) => string | undefined {
  switch (column) {
    case 'network':
      return (row) => batch.networkProtocol(row);
    case 'transport':
      return (row) => batch.transportProtocol(row);
    case 'icmp_type':
      return (row) => batch.icmpType(row);
    case 'protocol':
      return (row) => protocolIn(batch, row);
    default:
      return () => origin;
  }
}

/** As `protocolOf` says of a flow. */
function protocolIn(batch: FlowBatch, row: number): string | undefined {
  const network = batch.networkProtocol(row);
  if (batch.icmpType(row) !== undefined) return batch.transportProtocol(row) ?? (network === 'IPV6' ? 'ICMPV6' : 'ICMPV4');
  return batch.transportProtocol(row) ?? network ?? (batch.hasLink(row) ? 'ETHERNET' : undefined);
}
