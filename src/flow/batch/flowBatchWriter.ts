import { ENDPOINT } from '../decode/slice.js';
import { SEND_REASONS, type RawPacket, type SendReason } from '../flow.js';
import { COLD } from '../table/columns.js';
import { tcpMetric, type FlowExtras } from '../table/extras.js';
import type { FlowRow } from '../table/flowRow.js';
import type { FlowSink } from '../table/sink.js';
import { ID_COLUMNS, MAGIC, NUMBER_COLUMNS, SHAPE, TEXT_COLUMNS } from './columns.js';
import { NumberColumnWriter, TextColumnWriter } from './numberColumn.js';

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

const DETAIL_HEADER = 8;
const RAW_HEADER = 32;

/** Makes a writer without rows. */
export const openFlowBatchWriter = (options: FlowBatchWriterOptions): FlowBatchWriter => new FlowBatchWriter(options);

/** Packs flow updates into columns: a sink for sweeps. `end()` emits what is left. */
export class FlowBatchWriter implements FlowSink {
  private readonly ids = ID_COLUMNS.flatMap(() => [new NumberColumnWriter(), new NumberColumnWriter()]);
  private readonly numbers = NUMBER_COLUMNS.map(() => new NumberColumnWriter());
  private readonly texts = TEXT_COLUMNS.map(() => new TextColumnWriter());
  private details: Detail[] = [];
  private raws: RawDetail[] = [];
  private detailBytes = 0;
  private captureId = '';
  private nodeTid = '';
  private rows = 0;
  private finished = 0;
  /** Bytes of the columns when they were last worked out. */
  private columnBytes = 0;

  constructor(private readonly options: FlowBatchWriterOptions) {}

  flow(row: FlowRow, reason: SendReason): void {
    const { captureId, nodeTid } = row.home;
    if (this.rows > 0 && (captureId !== this.captureId || nodeTid !== this.nodeTid)) this.end();
    this.captureId = captureId;
    this.nodeTid = nodeTid;
    this.pushIds(row);
    this.pushNumbers(row, reason);
    this.pushTexts(row);
    const { extras } = row;
    if (extras !== undefined) this.pushExtras(extras);
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
    for (const column of [...this.ids, ...this.numbers, ...this.texts]) column.clear();
    this.details = [];
    this.raws = [];
    this.detailBytes = 0;
    this.columnBytes = 0;
    this.rows = 0;
    this.finished = 0;
    this.options.emit(batch, rows, finished);
  }

  private pushIds(row: FlowRow): void {
    let index = 0;
    for (const column of [COLD.uuid, COLD.tracking, COLD.l3, COLD.parent]) {
      this.ids[index++]!.push(row.idHigh(column) >>> 0);
      this.ids[index++]!.push(row.idLow(column) >>> 0);
    }
  }

  private pushNumbers(row: FlowRow, reason: SendReason): void {
    const { window, rtt } = row;
    const shape =
      (row.hasLink ? SHAPE.link : 0) |
      (row.network << SHAPE.networkShift) |
      (row.transport << SHAPE.transportShift) |
      (row.hasIcmp ? SHAPE.icmp : 0) |
      (window === undefined ? 0 : SHAPE.window);
    let index = 0;
    const put = (value: number): void => this.numbers[index++]!.push(value);
    put(row.start);
    put(row.last);
    put(row.linkId);
    put(row.network === 0 ? 0 : row.networkId);
    put(row.portA);
    put(row.portB);
    put(row.transportId);
    put(row.hasIcmp ? row.icmpType : 0);
    put(row.hasIcmp ? row.icmpCode : 0);
    put(row.hasIcmp ? row.icmpId : 0);
    put(row.abPackets);
    put(row.abBytes);
    put(row.baPackets);
    put(row.baBytes);
    put(rtt);
    put(window?.ABPackets ?? 0);
    put(window?.ABBytes ?? 0);
    put(window?.BAPackets ?? 0);
    put(window?.BABytes ?? 0);
    put(window?.Start ?? 0);
    put(window?.Last ?? 0);
    put(window?.RTT ?? 0);
    put(row.rawPacketsCaptured);
    put(row.abSegments);
    put(row.baSegments);
    put(row.finishType);
    put(SEND_REASONS.indexOf(reason));
    put(shape);
  }

  private pushTexts(row: FlowRow): void {
    const { hasLink } = row;
    const hasNetwork = row.network !== 0 && row.network <= ENDPOINT.ipv6;
    let index = 0;
    const put = (text: string): void => this.texts[index++]!.push(text);
    put(row.layersPath);
    put(row.application);
    put(hasLink ? row.linkA : '');
    put(hasLink ? row.linkB : '');
    put(hasNetwork ? row.networkA : '');
    put(hasNetwork ? row.networkB : '');
  }

  private pushExtras({ dhcpv4, dns, vrrpv2, tcp, ip, raw }: FlowExtras): void {
    const { rows: row } = this;
    if (dhcpv4 ?? dns ?? vrrpv2 ?? tcp ?? ip) {
      const layers = { DHCPv4: dhcpv4, DNS: dns, VRRPv2: vrrpv2, TCPMetric: tcp && tcpMetric(tcp), IPMetric: ip };
      const bytes = Buffer.from(JSON.stringify(layers));
      this.details.push({ row, bytes });
      this.detailBytes += DETAIL_HEADER + bytes.length;
    }
    for (const packet of raw ?? []) {
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
    const capture = Buffer.from(this.captureId);
    const node = Buffer.from(this.nodeTid);
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
