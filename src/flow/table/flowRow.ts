import { ipv4Text, ipv6Text, macText } from '../addresses.js';
import { ENDPOINT } from '../decode/slice.js';
import {
  ICMP_TYPES,
  type FinishType,
  type Flow,
  type FlowDetails,
  type FlowMetric,
  type FlowUpdate,
  type RawPacket,
  type SendReason,
  type TcpMetric,
} from '../flow.js';
import { idText } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, HOT, hotAt, hotFloatAt, KIND, type FlowColumns } from './columns.js';
import type { FlowExtras } from './extras.js';
import { tcpMetricOf } from './tcpColumns.js';

/** What a row needs to know about its table. */
export interface RowHome {
  readonly columns: FlowColumns;
  readonly captureId: string;
  readonly nodeTid: string;
  pathText(path: number): string;
  applicationText(application: number): string;
  extras(row: number): FlowExtras | undefined;
}

const NO_PACKETS: readonly RawPacket[] = [];
const NO_EXTRAS: FlowExtras = {};

/** The window since the update before, as `FlowRow.since` has it: in the order in which a batch does. */
export const WINDOW = { abPackets: 0, abBytes: 1, baPackets: 2, baBytes: 3, start: 4, last: 5, rtt: 6, length: 7 } as const;

/** One row of a table, read in place: a cursor that is moved from row to row. What it answers has the meaning of `Flow`'s fields. */
export class FlowRow {
  private row = 0;
  private hot!: Int32Array;
  private hotFloat!: Float64Array;
  private cold!: Int32Array;
  private coldFloat!: Float64Array;
  private hotAt = 0;
  private hotFloatAt = 0;
  private coldAt = 0;
  private coldFloatAt = 0;
  /** Whether there is a window since the update before, and its numbers: `WINDOW`. */
  hasWindow = false;
  readonly since = new Float64Array(WINDOW.length);

  constructor(readonly home: RowHome) {}

  moveTo(row: number, hasWindow: boolean): this {
    const { columns } = this.home;
    this.row = row;
    this.hot = columns.hot(row);
    this.hotFloat = columns.hotFloat(row);
    this.cold = columns.cold(row);
    this.coldFloat = columns.coldFloat(row);
    this.hotAt = hotAt(row);
    this.hotFloatAt = hotFloatAt(row);
    this.coldAt = coldAt(row);
    this.coldFloatAt = coldFloatAt(row);
    this.hasWindow = hasWindow;
    return this;
  }

  /** Halves of 64 bits, signed: `COLD.uuid`, `COLD.tracking`, `COLD.l3`, `COLD.parent`. */
  idHigh(column: number): number {
    return this.cold[this.coldAt + column]!;
  }
  idLow(column: number): number {
    return this.cold[this.coldAt + column + 1]!;
  }

  /** Numbers of texts that `layersPath` and `application` are. */
  get path(): number {
    return this.flags & FLAG.path;
  }
  get applicationNumber(): number {
    return this.cold[this.coldAt + COLD.application]!;
  }
  get layersPath(): string {
    return this.home.pathText(this.path);
  }
  get application(): string {
    return this.home.applicationText(this.applicationNumber);
  }

  get hasLink(): boolean {
    return (this.flags & FLAG.link) !== 0;
  }
  get linkA(): string {
    return macText(this.word(HOT.macAHigh), this.word(HOT.macLows) >>> 16);
  }
  get linkB(): string {
    return macText(this.word(HOT.macBHigh), this.word(HOT.macLows) & 0xffff);
  }
  get linkId(): number {
    return this.coldFloat[this.coldFloatAt + COLD.linkId_F]!;
  }

  /** `ENDPOINT.ipv4`, `ENDPOINT.ipv6` or 0. */
  get network(): number {
    return this.kind & KIND.network;
  }
  get networkA(): string {
    return this.address(HOT.addressA);
  }
  get networkB(): string {
    return this.address(HOT.addressB);
  }
  get networkId(): number {
    return this.cold[this.coldAt + COLD.networkId]! >>> 0;
  }

  /** `ENDPOINT.tcp`, `udp`, `sctp` or 0. */
  get transport(): number {
    return (this.kind & KIND.transport) >> KIND.transportShift;
  }
  get portA(): number {
    return this.transport === 0 ? 0 : this.word(HOT.ports) >>> 16;
  }
  get portB(): number {
    return this.transport === 0 ? 0 : this.word(HOT.ports) & 0xffff;
  }
  get transportId(): number {
    return this.cold[this.coldAt + COLD.transportId]! >>> 0;
  }

  get hasIcmp(): boolean {
    return (this.kind & KIND.icmp) !== 0;
  }
  get icmpType(): number {
    return this.icmp >>> 24;
  }
  get icmpCode(): number {
    return (this.icmp >>> 16) & 0xff;
  }
  get icmpId(): number {
    return this.icmp & 0xffff;
  }

  get abPackets(): number {
    return this.hotFloat[this.hotFloatAt + HOT.abPackets_F]!;
  }
  get abBytes(): number {
    return this.hotFloat[this.hotFloatAt + HOT.abBytes_F]!;
  }
  get baPackets(): number {
    return this.hotFloat[this.hotFloatAt + HOT.baPackets_F]!;
  }
  get baBytes(): number {
    return this.hotFloat[this.hotFloatAt + HOT.baBytes_F]!;
  }
  get abSegments(): number {
    return this.abPackets + this.cold[this.coldAt + COLD.abSurplus]!;
  }
  get baSegments(): number {
    return this.baPackets + this.cold[this.coldAt + COLD.baSurplus]!;
  }
  get start(): number {
    return this.hotFloat[this.hotFloatAt + HOT.start_F]!;
  }
  get last(): number {
    return this.hotFloat[this.hotFloatAt + HOT.last_F]!;
  }
  /** Nanoseconds. */
  get rtt(): number {
    return this.coldFloat[this.coldFloatAt + COLD.rtt_F]!;
  }
  get finishType(): FinishType {
    return ((this.flags & FLAG.finish) >> FLAG.finishShift) as FinishType;
  }
  get rawPacketsCaptured(): number {
    return this.cold[this.coldAt + COLD.rawCaptured]!;
  }
  get extras(): FlowExtras | undefined {
    return (this.flags & FLAG.extras) === 0 ? undefined : this.home.extras(this.row);
  }
  private get tcpMetric(): TcpMetric | undefined {
    return (this.flags & FLAG.tcpMetric) === 0 ? undefined : tcpMetricOf(this.home.columns.tcp, this.row);
  }
  /** Layers and metrics that few flows have; `undefined` where the flow has none of them. */
  get details(): FlowDetails | undefined {
    const { extras, tcpMetric } = this;
    const { dhcpv4, dns, vrrpv2, ip } = extras ?? NO_EXTRAS;
    if (!(dhcpv4 ?? dns ?? vrrpv2 ?? tcpMetric ?? ip)) return undefined;
    return { DHCPv4: dhcpv4, DNS: dns, VRRPv2: vrrpv2, TCPMetric: tcpMetric, IPMetric: ip };
  }
  get rawPackets(): readonly RawPacket[] {
    return this.extras?.raw ?? NO_PACKETS;
  }

  get window(): FlowMetric | undefined {
    if (!this.hasWindow) return undefined;
    const [abPackets, abBytes, baPackets, baBytes, start, last, rtt] = this.since;
    return metric(abPackets!, abBytes!, baPackets!, baBytes!, start!, last!, rtt!);
  }

  /** Counters of the whole flow. */
  get metric(): FlowMetric {
    return metric(this.abPackets, this.abBytes, this.baPackets, this.baBytes, this.start, this.last, this.rtt);
  }

  /** The row as an object of its own. */
  toFlow(): Flow {
    const { extras, network, transport, finishType, window, tcpMetric } = this;
    const { nodeTid, captureId } = this.home;
    return {
      UUID: this.id(COLD.uuid),
      LayersPath: this.layersPath,
      Application: this.application,
      ...(this.hasLink && { Link: { Protocol: 'ETHERNET', A: this.linkA, B: this.linkB, ID: this.linkId } }),
      ...(network !== 0 && { Network: { Protocol: NETWORK_NAMES[network]!, A: this.networkA, B: this.networkB, ID: this.networkId } }),
      ...(transport !== 0 && { Transport: { Protocol: TRANSPORT_NAMES[transport]!, A: this.portA, B: this.portB, ID: this.transportId } }),
      ...(this.hasIcmp && {
        ICMP: {
          Type: ICMP_TYPES[this.icmpType] ?? 'UNKNOWN',
          ...(this.icmpCode !== 0 && { Code: this.icmpCode }),
          ...(this.icmpId !== 0 && { ID: this.icmpId }),
        },
      }),
      ...(extras?.dhcpv4 && { DHCPv4: extras.dhcpv4 }),
      ...(extras?.dns && { DNS: extras.dns }),
      ...(extras?.vrrpv2 && { VRRPv2: extras.vrrpv2 }),
      ...(window && { LastUpdateMetric: window }),
      Metric: this.metric,
      ...(tcpMetric && { TCPMetric: tcpMetric }),
      ...(extras?.ip && { IPMetric: { ...extras.ip } }),
      Start: this.start,
      Last: this.last,
      TrackingID: this.id(COLD.tracking),
      L3TrackingID: this.id(COLD.l3),
      ParentUUID: this.id(COLD.parent),
      ...(nodeTid !== '' && { NodeTID: nodeTid }),
      ...(captureId !== '' && { CaptureID: captureId }),
      RawPacketsCaptured: this.rawPacketsCaptured,
      ...(finishType !== 0 && { FinishType: finishType }),
    };
  }

  toUpdate(reason: SendReason): FlowUpdate {
    return { flow: this.toFlow(), reason, rawPackets: this.rawPackets, abSegments: this.abSegments, baSegments: this.baSegments };
  }

  /** A word of the row's hot half: addresses and MACs as they are compared. */
  word(column: number): number {
    return this.hot[this.hotAt + column]!;
  }

  private get kind(): number {
    return this.word(HOT.kind);
  }
  private get flags(): number {
    return this.word(HOT.flags);
  }
  private get icmp(): number {
    return this.cold[this.coldAt + COLD.icmp]!;
  }
  private id(column: number): string {
    return idText(this.idHigh(column), this.idLow(column));
  }
  private address(column: number): string {
    if (this.network === ENDPOINT.ipv4) return ipv4Text(this.word(column));
    return this.network === 0 ? '' : ipv6Text(this.word(column), this.word(column + 1), this.word(column + 2), this.word(column + 3));
  }
}

export const NETWORK_NAMES: Readonly<Record<number, 'IPV4' | 'IPV6'>> = { [ENDPOINT.ipv4]: 'IPV4', [ENDPOINT.ipv6]: 'IPV6' };
export const TRANSPORT_NAMES: Readonly<Record<number, 'TCP' | 'UDP' | 'SCTP'>> = {
  [ENDPOINT.tcp]: 'TCP',
  [ENDPOINT.udp]: 'UDP',
  [ENDPOINT.sctp]: 'SCTP',
};

/** Counters as they are sent: a round trip that is not known is left out. */
export const metric = (
  ABPackets: number,
  ABBytes: number,
  BAPackets: number,
  BABytes: number,
  Start: number,
  Last: number,
  RTT: number,
): FlowMetric => ({
  ABPackets,
  ABBytes,
  BAPackets,
  BABytes,
  Start,
  Last,
  ...(RTT !== 0 && { RTT }),
});
