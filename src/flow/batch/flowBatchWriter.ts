import { ENDPOINT } from '../decode/slice.js';
import { SEND_REASONS, type RawPacket, type SendReason } from '../flow.js';
import { COLD, HOT } from '../table/columns.js';
import { FlowRow, WINDOW, type RowHome } from '../table/flowRow.js';
import type { FlowSink } from '../table/sink.js';
import { ID_COLUMNS, MAGIC, NUMBER_COLUMNS, SHAPE, TEXT_COLUMNS, type TextColumn } from './columns.js';
import { NumberColumnWriter } from './numberColumn.js';
import { TextColumnWriter } from './textColumn.js';

/** Largest batch in bytes; a single flow with many raw packets may exceed it. */
export const MAX_BATCH_BYTES = 256 * 1024;

/** Rows after which the size is worked out anew. */
const SIZE_CHECK_ROWS = 32;

/** What such a number of rows adds at most, without their details. */
const SIZE_CHECK_ROOM = SIZE_CHECK_ROWS * 512;

export interface FlowBatchWriterOptions {
  /** Takes one packed batch of so many flows, so many of which have ended. The bytes are the receiver's to keep. */
  readonly emit: (batch: Uint8Array, flows: number, finished: number) => void;
  readonly maxBytes?: number;
}

/** A raw packet or the layers and metrics that few flows have, of one row. */
interface Detail {
  readonly row: number;
  readonly bytes: Uint8Array;
}
interface RawDetail extends Detail {
  readonly packet: RawPacket;
}

/** What the writer takes of a flow: a row of a table, or a flow that was read elsewhere. */
export type BatchRow = Pick<
  FlowRow,
  | 'idHigh'
  | 'idLow'
  | 'hasWindow'
  | 'rtt'
  | 'start'
  | 'last'
  | 'hasLink'
  | 'linkA'
  | 'linkB'
  | 'linkId'
  | 'network'
  | 'networkA'
  | 'networkB'
  | 'networkId'
  | 'transport'
  | 'portA'
  | 'portB'
  | 'transportId'
  | 'hasIcmp'
  | 'icmpType'
  | 'icmpCode'
  | 'icmpId'
  | 'abPackets'
  | 'abBytes'
  | 'baPackets'
  | 'baBytes'
  | 'abSegments'
  | 'baSegments'
  | 'finishType'
  | 'rawPacketsCaptured'
  | 'layersPath'
  | 'application'
  | 'details'
  | 'rawPackets'
> & {
  readonly home: Pick<RowHome, 'captureId' | 'nodeTid'> & { readonly columns?: RowHome['columns'] };
  readonly since: ArrayLike<number>;
};

const DETAIL_HEADER = 8;
const RAW_HEADER = 32;

/** Where a row has the ids, in the order of `ID_COLUMNS`. */
const ID_WORDS = [COLD.uuid, COLD.tracking, COLD.l3, COLD.parent] as const;

/** The kind of texts that are no addresses; those have the numbers of their endpoints. */
const PLAIN = 0;

const TEXT_OF: Readonly<Record<TextColumn, (row: BatchRow) => string>> = {
  LayersPath: (row) => row.layersPath,
  Application: (row) => row.application,
  'Link.A': (row) => (row.hasLink ? row.linkA : ''),
  'Link.B': (row) => (row.hasLink ? row.linkB : ''),
  'Network.A': (row) => row.networkA,
  'Network.B': (row) => row.networkB,
};

type Texts = TextColumnWriter<BatchRow>;

/** Makes a writer without rows. */
export const openFlowBatchWriter = (options: FlowBatchWriterOptions): FlowBatchWriter => new FlowBatchWriter(options);

/** Packs flow updates into columns: a sink for sweeps. `end()` emits what is left. */
export class FlowBatchWriter implements FlowSink {
  private readonly ids = ID_COLUMNS.flatMap(() => [new NumberColumnWriter(), new NumberColumnWriter()]);
  private readonly numbers = NUMBER_COLUMNS.map(() => new NumberColumnWriter());
  private readonly texts = TEXT_COLUMNS.map((column) => new TextColumnWriter(TEXT_OF[column]));
  private details: Detail[] = [];
  private raws: RawDetail[] = [];
  private detailBytes = 0;
  /** Of the rows that are waiting. */
  private home: BatchRow['home'] = { captureId: '', nodeTid: '' };
  private rows = 0;
  private finished = 0;
  /** Bytes of the columns when they were last worked out. */
  private columnBytes = 0;

  constructor(private readonly options: FlowBatchWriterOptions) {}

  flow(row: BatchRow, reason: SendReason): void {
    const { home } = row;
    if (home !== this.home && !isSameHome(home, this.home)) this.end();
    this.home = home;
    this.pushIds(row);
    this.pushNumbers(row, reason);
    this.pushTexts(row);
    this.pushExtras(row);
    this.rows++;
    if (reason !== 'update') this.finished++;
    const maxBytes = this.options.maxBytes ?? MAX_BATCH_BYTES;
    if (this.rows % SIZE_CHECK_ROWS === 0) this.columnBytes = this.measureColumns();
    if (this.columnBytes + SIZE_CHECK_ROOM + this.detailBytes > maxBytes) this.end();
  }

  /** Emits the rows that are waiting. */
  end(): void {
    if (this.rows === 0) return;
    const batch = this.pack();
    const { rows, finished } = this;
    for (const column of this.ids) column.clear();
    for (const column of this.numbers) column.clear();
    for (const column of this.texts) column.clear();
    this.details = [];
    this.raws = [];
    this.detailBytes = 0;
    this.columnBytes = 0;
    this.rows = 0;
    this.finished = 0;
    this.options.emit(batch, rows, finished);
  }

  private pushIds(row: BatchRow): void {
    const { ids } = this;
    for (let index = 0; index < ID_WORDS.length; index++) {
      ids[index * 2]!.push(row.idHigh(ID_WORDS[index]!) >>> 0);
      ids[index * 2 + 1]!.push(row.idLow(ID_WORDS[index]!) >>> 0);
    }
  }

  private pushNumbers(row: BatchRow, reason: SendReason): void {
    const { numbers } = this;
    const { network, hasIcmp, hasWindow, since } = row;
    const shape =
      (row.hasLink ? SHAPE.link : 0) |
      (network << SHAPE.networkShift) |
      (row.transport << SHAPE.transportShift) |
      (hasIcmp ? SHAPE.icmp : 0) |
      (hasWindow ? SHAPE.window : 0);
    // No function of its own for this: it would be made anew for every row.
    let index = 0;
    numbers[index++]!.push(row.start);
    numbers[index++]!.push(row.last);
    numbers[index++]!.push(row.linkId);
    numbers[index++]!.push(network === 0 ? 0 : row.networkId);
    numbers[index++]!.push(row.portA);
    numbers[index++]!.push(row.portB);
    numbers[index++]!.push(row.transportId);
    numbers[index++]!.push(hasIcmp ? row.icmpType : 0);
    numbers[index++]!.push(hasIcmp ? row.icmpCode : 0);
    numbers[index++]!.push(hasIcmp ? row.icmpId : 0);
    numbers[index++]!.push(row.abPackets);
    numbers[index++]!.push(row.abBytes);
    numbers[index++]!.push(row.baPackets);
    numbers[index++]!.push(row.baBytes);
    numbers[index++]!.push(row.rtt);
    for (let number = 0; number < WINDOW.length; number++) numbers[index++]!.push(hasWindow ? since[number]! : 0);
    numbers[index++]!.push(row.rawPacketsCaptured);
    numbers[index++]!.push(row.abSegments);
    numbers[index++]!.push(row.baSegments);
    numbers[index++]!.push(row.finishType);
    numbers[index++]!.push(SEND_REASONS.indexOf(reason));
    numbers[index++]!.push(shape);
  }

  private pushTexts(row: BatchRow): void {
    if (!(row instanceof FlowRow)) {
      for (const column of this.texts) column.pushText(row);
      return;
    }
    const [path, application, linkA, linkB, networkA, networkB] = this.texts;
    path!.push(row, PLAIN, row.path);
    application!.push(row, PLAIN, row.applicationNumber);
    if (row.hasLink) {
      const lows = row.word(HOT.macLows);
      linkA!.push(row, ENDPOINT.mac, row.word(HOT.macAHigh), lows >>> 16);
      linkB!.push(row, ENDPOINT.mac, row.word(HOT.macBHigh), lows & 0xffff);
    } else {
      linkA!.push(row, PLAIN, 0);
      linkB!.push(row, PLAIN, 0);
    }
    pushAddress(networkA!, row, HOT.addressA);
    pushAddress(networkB!, row, HOT.addressB);
  }

  private pushExtras({ details, rawPackets }: BatchRow): void {
    const { rows: row } = this;
    if (details !== undefined) {
      const bytes = Buffer.from(JSON.stringify(details));
      this.details.push({ row, bytes });
      this.detailBytes += DETAIL_HEADER + bytes.length;
    }
    for (const packet of rawPackets) {
      this.raws.push({ row, bytes: packet.Data, packet });
      this.detailBytes += RAW_HEADER + packet.Data.length;
    }
  }

  private measureColumns(): number {
    let bytes = 0;
    for (const column of this.ids) bytes += column.bytes;
    for (const column of this.numbers) bytes += column.bytes;
    for (const column of this.texts) bytes += column.bytes;
    return bytes;
  }

  private pack(): Uint8Array {
    const capture = Buffer.from(this.home.captureId);
    const node = Buffer.from(this.home.nodeTid);
    const bytes = new Uint8Array(20 + capture.length + node.length + this.measureColumns() + this.detailBytes);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, this.rows, true);
    view.setUint16(8, capture.length, true);
    view.setUint16(10, node.length, true);
    view.setUint32(12, this.details.length, true);
    view.setUint32(16, this.raws.length, true);
    bytes.set(capture, 20);
    bytes.set(node, 20 + capture.length);
    let at = 20 + capture.length + node.length;
    for (const column of this.ids) at = column.write(view, at);
    for (const column of this.numbers) at = column.write(view, at);
    for (const column of this.texts) at = column.write(bytes, view, at);
    for (const detail of this.details) {
      view.setUint32(at, detail.row, true);
      view.setUint32(at + 4, detail.bytes.length, true);
      bytes.set(detail.bytes, at + DETAIL_HEADER);
      at += DETAIL_HEADER + detail.bytes.length;
    }
    for (const { row, bytes: data, packet } of this.raws) {
      view.setUint32(at, row, true);
      view.setUint32(at + 4, data.length, true);
      view.setFloat64(at + 8, packet.Timestamp, true);
      view.setUint32(at + 16, packet.Index, true);
      view.setUint32(at + 20, packet.LinkType, true);
      view.setUint32(at + 24, packet.Nanos, true);
      view.setUint32(at + 28, packet.WireLength, true);
      bytes.set(data, at + RAW_HEADER);
      at += RAW_HEADER + data.length;
    }
    return bytes;
  }
}

/** Whether rows of both may stand in one batch; the numbers of a table's texts are its own. */
const isSameHome = (home: BatchRow['home'], other: BatchRow['home']): boolean =>
  home.captureId === other.captureId && home.nodeTid === other.nodeTid && home.columns === other.columns;

/** An address by its words; of IPv4 the row has only the first. */
function pushAddress(column: Texts, row: FlowRow, at: number): void {
  const { network } = row;
  if (network === ENDPOINT.ipv6) column.push(row, network, row.word(at), row.word(at + 1), row.word(at + 2), row.word(at + 3));
  else column.push(row, network, network === 0 ? 0 : row.word(at));
}
