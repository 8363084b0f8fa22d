import { CanopyError } from '../../common/errors.js';
import {
  ICMP_TYPES,
  SEND_REASONS,
  type FinishType,
  type Flow,
  type FlowDetails,
  type FlowUpdate,
  type IcmpType,
  type RawPacket,
  type SendReason,
} from '../flow.js';
import { idText } from '../keys/flowKeys.js';
import { metric, NETWORK_NAMES, TRANSPORT_NAMES } from '../table/flowRow.js';
import {
  COLUMN_HEADER,
  ID_COLUMNS,
  MAGIC,
  NUMBER_COLUMNS,
  SHAPE,
  TEXT_COLUMNS,
  type IdColumn,
  type NumberColumn,
  type TextColumn,
} from './columns.js';
import { copyBytes } from '../copyBytes.js';

/** Rows of one batch: as many as the protocol allows in one message. */
const MAX_ROWS = 65_536;

export type FlowIdColumn = IdColumn;
export type FlowTextColumn = TextColumn | 'NodeTID' | 'CaptureID';
/** `Metric.Start` and `Metric.Last` are `Start` and `Last`. */
export type FlowNumberColumn = Exclude<NumberColumn, 'Shape' | 'Reason'>;

/** Texts of a column, and which of them each row has. */
export interface TextValues {
  readonly values: readonly string[];
  readonly index: Float64Array;
}

const violation = (what: string): CanopyError => new CanopyError('PROTOCOL_VIOLATION', `a batch of flows is damaged: ${what}`);

/** Reads a batch; throws `PROTOCOL_VIOLATION` for bytes that are none. */
export const readFlowBatch = (bytes: Uint8Array): FlowBatch => new FlowBatch(bytes);

/** A packed batch, read column by column or as objects. Numbers of a layer that a flow does not have are 0, texts "". */
export class FlowBatch {
  readonly length: number;
  readonly captureId: string;
  readonly nodeTid: string;
  private readonly ids: Float64Array[];
  private readonly numbers: Float64Array[];
  private readonly texts: TextValues[];
  private readonly details = new Map<number, FlowDetails>();
  private readonly raws = new Map<number, RawPacket[]>();

  constructor(bytes: Uint8Array) {
    const reader = new BatchReader(bytes);
    if (reader.u32() !== MAGIC) throw violation('it begins with something else');
    this.length = reader.u32();
    if (this.length > MAX_ROWS) throw violation(`${this.length} flows are more than ${MAX_ROWS}`);
    const captureLength = reader.u16();
    const nodeLength = reader.u16();
    const details = reader.u32();
    const raws = reader.u32();
    this.captureId = reader.text(captureLength);
    this.nodeTid = reader.text(nodeLength);
    this.ids = ID_COLUMNS.flatMap(() => [reader.numbers(this.length), reader.numbers(this.length)]);
    this.numbers = NUMBER_COLUMNS.map(() => reader.numbers(this.length));
    this.texts = TEXT_COLUMNS.map(() => reader.texts(this.length));
    for (let count = 0; count < details; count++) {
      const row = this.checkRow(reader.u32());
      this.details.set(row, reader.json(reader.u32()));
    }
    for (let count = 0; count < raws; count++) {
      const row = this.checkRow(reader.u32());
      const length = reader.u32();
      const Timestamp = reader.f64();
      const Index = reader.u32();
      const LinkType = reader.u32();
      const Nanos = reader.u32();
      const WireLength = reader.u32();
      const packets = this.raws.get(row) ?? [];
      packets.push({ Timestamp, Nanos, Index, Data: reader.bytes(length), WireLength, LinkType });
      this.raws.set(row, packets);
    }
    if (!reader.isAtEnd) throw violation('there is more behind it');
  }

  number(column: FlowNumberColumn): Float64Array {
    return this.column(column);
  }

  text(column: FlowTextColumn): TextValues {
    if (column === 'NodeTID') return { values: [this.nodeTid], index: new Float64Array(this.length) };
    if (column === 'CaptureID') return { values: [this.captureId], index: new Float64Array(this.length) };
    return this.texts[TEXT_COLUMNS.indexOf(column)]!;
  }

  /** Hexadecimal, "" for none. */
  id(column: FlowIdColumn, row: number): string {
    const at = ID_COLUMNS.indexOf(column) * 2;
    return idText(this.ids[at]![row]! | 0, this.ids[at + 1]![row]! | 0);
  }

  /** The high and the low 32 bits of all rows. */
  idHalves(column: FlowIdColumn): readonly [high: Float64Array, low: Float64Array] {
    const at = ID_COLUMNS.indexOf(column) * 2;
    return [this.ids[at]!, this.ids[at + 1]!];
  }

  reason(row: number): SendReason {
    return SEND_REASONS[this.column('Reason')[row]!] ?? 'update';
  }

  rawPackets(row: number): readonly RawPacket[] {
    return this.raws.get(row) ?? [];
  }

  /** Layers and metrics that few flows have. */
  detailsOf(row: number): FlowDetails | undefined {
    return this.details.get(row);
  }

  hasLink(row: number): boolean {
    return (this.column('Shape')[row]! & SHAPE.link) !== 0;
  }
  /** Whether there is a `LastUpdateMetric`. */
  hasWindow(row: number): boolean {
    return (this.column('Shape')[row]! & SHAPE.window) !== 0;
  }
  /** `undefined` where the flow has no such layer. */
  icmpType(row: number): IcmpType | undefined {
    return (this.column('Shape')[row]! & SHAPE.icmp) === 0 ? undefined : (ICMP_TYPES[this.column('ICMP.Type')[row]!] ?? 'UNKNOWN');
  }

  /** `IPV4`, `TCP`…; `undefined` where the flow has no such layer. */
  networkProtocol(row: number): 'IPV4' | 'IPV6' | undefined {
    return NETWORK_NAMES[(this.column('Shape')[row]! & SHAPE.network) >> SHAPE.networkShift];
  }
  transportProtocol(row: number): 'TCP' | 'UDP' | 'SCTP' | undefined {
    return TRANSPORT_NAMES[(this.column('Shape')[row]! & SHAPE.transport) >> SHAPE.transportShift];
  }

  flow(row: number): Flow {
    const at = (column: NumberColumn): number => this.column(column)[row]!;
    const text = (column: TextColumn): string => this.textOf(column, row);
    const shape = at('Shape');
    const network = this.networkProtocol(row);
    const transport = this.transportProtocol(row);
    const finishType = at('FinishType') as FinishType;
    const details = this.details.get(row);
    return {
      UUID: this.id('UUID', row),
      LayersPath: text('LayersPath'),
      Application: text('Application'),
      ...((shape & SHAPE.link) !== 0 && { Link: { Protocol: 'ETHERNET', A: text('Link.A'), B: text('Link.B'), ID: at('Link.ID') } }),
      ...(network && { Network: { Protocol: network, A: text('Network.A'), B: text('Network.B'), ID: at('Network.ID') } }),
      ...(transport && { Transport: { Protocol: transport, A: at('Transport.A'), B: at('Transport.B'), ID: at('Transport.ID') } }),
      ...((shape & SHAPE.icmp) !== 0 && {
        ICMP: {
          Type: this.icmpType(row)!,
          ...(at('ICMP.Code') !== 0 && { Code: at('ICMP.Code') }),
          ...(at('ICMP.ID') !== 0 && { ID: at('ICMP.ID') }),
        },
      }),
      ...(details?.DHCPv4 && { DHCPv4: details.DHCPv4 }),
      ...(details?.DNS && { DNS: details.DNS }),
      ...(details?.VRRPv2 && { VRRPv2: details.VRRPv2 }),
      ...((shape & SHAPE.window) !== 0 && {
        LastUpdateMetric: this.metric('LastUpdateMetric', row, at('LastUpdateMetric.Start'), at('LastUpdateMetric.Last')),
      }),
      Metric: this.metric('Metric', row, at('Start'), at('Last')),
      ...(details?.TCPMetric && { TCPMetric: details.TCPMetric }),
      ...(details?.IPMetric && { IPMetric: details.IPMetric }),
      Start: at('Start'),
      Last: at('Last'),
      TrackingID: this.id('TrackingID', row),
      L3TrackingID: this.id('L3TrackingID', row),
      ParentUUID: this.id('ParentUUID', row),
      ...(this.nodeTid !== '' && { NodeTID: this.nodeTid }),
      ...(this.captureId !== '' && { CaptureID: this.captureId }),
      RawPacketsCaptured: at('RawPacketsCaptured'),
      ...(finishType !== 0 && { FinishType: finishType }),
    };
  }

  update(row: number): FlowUpdate {
    return {
      flow: this.flow(row),
      reason: this.reason(row),
      rawPackets: this.rawPackets(row),
      abSegments: this.column('Segments.AB')[row]!,
      baSegments: this.column('Segments.BA')[row]!,
    };
  }

  private metric(kind: 'Metric' | 'LastUpdateMetric', row: number, start: number, last: number): ReturnType<typeof metric> {
    const at = (name: 'ABPackets' | 'ABBytes' | 'BAPackets' | 'BABytes' | 'RTT'): number => this.column(`${kind}.${name}`)[row]!;
    return metric(at('ABPackets'), at('ABBytes'), at('BAPackets'), at('BABytes'), start, last, at('RTT'));
  }

  private column(column: NumberColumn): Float64Array {
    return this.numbers[COLUMN_AT[column]]!;
  }

  private textOf(column: TextColumn, row: number): string {
    const { values, index } = this.texts[TEXT_COLUMNS.indexOf(column)]!;
    return values[index[row]!]!;
  }

  private checkRow(row: number): number {
    if (row >= this.length) throw violation(`there is no row ${row}`);
    return row;
  }
}

const COLUMN_AT = Object.fromEntries(NUMBER_COLUMNS.map((column, at) => [column, at])) as Record<NumberColumn, number>;

/** Reads a batch from front to back; every step is checked against its end. */
class BatchReader {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly all: Uint8Array) {
    this.view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  }

  get isAtEnd(): boolean {
    return this.at === this.all.length;
  }

  u16(): number {
    return this.view.getUint16(this.step(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.step(4), true);
  }
  f64(): number {
    return this.view.getFloat64(this.step(8), true);
  }
  bytes(length: number): Uint8Array {
    const from = this.step(length);
    return copyBytes(this.all, from, from + length);
  }
  text(length: number): string {
    const from = this.step(length);
    return Buffer.from(this.all.buffer, this.all.byteOffset + from, length).toString('utf8');
  }
  json(length: number): FlowDetails {
    const text = this.text(length);
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // Said below.
    }
    throw violation('details are no JSON object');
  }

  numbers(rows: number): Float64Array {
    const width = this.view.getUint8(this.step(COLUMN_HEADER));
    const base = this.view.getFloat64(this.at - COLUMN_HEADER + 1, true);
    if (width !== 0 && width !== 1 && width !== 2 && width !== 4 && width !== 8) throw violation(`a column is ${width} bytes wide`);
    const from = this.step(width * rows);
    const values = new Float64Array(rows).fill(base);
    if (width === 0) return values;
    for (let row = 0, at = from; row < rows; row++, at += width) {
      if (width === 1) values[row] = base + this.view.getUint8(at);
      else if (width === 2) values[row] = base + this.view.getUint16(at, true);
      else if (width === 4) values[row] = base + this.view.getUint32(at, true);
      else values[row] = this.view.getFloat64(at, true);
    }
    return values;
  }

  texts(rows: number): TextValues {
    const count = this.u32();
    if (count > this.all.length) throw violation('a dictionary is longer than the batch');
    const values = Array.from({ length: count }, () => this.text(this.u16()));
    const index = this.numbers(rows);
    for (const value of index) if (values[value] === undefined) throw violation('a text is not in its dictionary');
    return { values, index };
  }

  private step(bytes: number): number {
    const from = this.at;
    if (from + bytes > this.all.length) throw violation('it is cut off');
    this.at += bytes;
    return from;
  }
}
