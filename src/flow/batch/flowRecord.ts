import { ENDPOINT } from '../decode/slice.js';
import { ICMP_TYPES, type FinishType, type Flow, type FlowDetails, type RawPacket } from '../flow.js';
import { COLD } from '../table/columns.js';
import type { BatchRow } from './flowBatchWriter.js';

const NETWORKS = { IPV4: ENDPOINT.ipv4, IPV6: ENDPOINT.ipv6 } as const;
const TRANSPORTS = { TCP: ENDPOINT.tcp, UDP: ENDPOINT.udp, SCTP: ENDPOINT.sctp } as const;

/** Which text of a flow each id of a row is. */
const IDS: Readonly<Record<number, 'UUID' | 'TrackingID' | 'L3TrackingID' | 'ParentUUID'>> = {
  [COLD.uuid]: 'UUID',
  [COLD.tracking]: 'TrackingID',
  [COLD.l3]: 'L3TrackingID',
  [COLD.parent]: 'ParentUUID',
};

/** A flow that another made, for packing: a record without a table. Its ids have to be hexadecimal numbers of 64 bits, or "". */
export class FlowRecord implements BatchRow {
  constructor(
    private readonly flow: Flow,
    readonly rawPackets: readonly RawPacket[],
  ) {}

  get home(): BatchRow['home'] {
    return { captureId: this.flow.CaptureID ?? '', nodeTid: this.flow.NodeTID ?? '' };
  }
  idHigh(column: number): number {
    return parseInt(this.#id(column).slice(0, 8), 16) | 0;
  }
  idLow(column: number): number {
    return parseInt(this.#id(column).slice(8), 16) | 0;
  }
  get layersPath(): string {
    return this.flow.LayersPath ?? '';
  }
  get application(): string {
    return this.flow.Application ?? '';
  }
  get hasLink(): boolean {
    return this.flow.Link !== undefined;
  }
  get linkA(): string {
    return this.flow.Link?.A ?? '';
  }
  get linkB(): string {
    return this.flow.Link?.B ?? '';
  }
  get linkId(): number {
    return this.flow.Link?.ID ?? 0;
  }
  get network(): number {
    return this.flow.Network === undefined ? 0 : NETWORKS[this.flow.Network.Protocol];
  }
  get networkA(): string {
    return this.flow.Network?.A ?? '';
  }
  get networkB(): string {
    return this.flow.Network?.B ?? '';
  }
  get networkId(): number {
    return this.flow.Network?.ID ?? 0;
  }
  get transport(): number {
    return this.flow.Transport === undefined ? 0 : TRANSPORTS[this.flow.Transport.Protocol];
  }
  get portA(): number {
    return this.flow.Transport?.A ?? 0;
  }
  get portB(): number {
    return this.flow.Transport?.B ?? 0;
  }
  get transportId(): number {
    return this.flow.Transport?.ID ?? 0;
  }
  get hasIcmp(): boolean {
    return this.flow.ICMP !== undefined;
  }
  get icmpType(): number {
    return this.flow.ICMP === undefined ? 0 : ICMP_TYPES.indexOf(this.flow.ICMP.Type);
  }
  get icmpCode(): number {
    return this.flow.ICMP?.Code ?? 0;
  }
  get icmpId(): number {
    return this.flow.ICMP?.ID ?? 0;
  }
  get abPackets(): number {
    return this.flow.Metric?.ABPackets ?? 0;
  }
  get abBytes(): number {
    return this.flow.Metric?.ABBytes ?? 0;
  }
  get baPackets(): number {
    return this.flow.Metric?.BAPackets ?? 0;
  }
  get baBytes(): number {
    return this.flow.Metric?.BABytes ?? 0;
  }
  /** Others do not count them. */
  get abSegments(): number {
    return this.abPackets;
  }
  get baSegments(): number {
    return this.baPackets;
  }
  get rtt(): number {
    return this.flow.Metric?.RTT ?? 0;
  }
  get start(): number {
    return this.flow.Start;
  }
  get last(): number {
    return this.flow.Last;
  }
  get hasWindow(): boolean {
    return this.flow.LastUpdateMetric !== undefined;
  }
  get since(): readonly number[] {
    const { ABPackets = 0, ABBytes = 0, BAPackets = 0, BABytes = 0, Start = 0, Last = 0, RTT = 0 } = this.flow.LastUpdateMetric ?? {};
    return [ABPackets, ABBytes, BAPackets, BABytes, Start, Last, RTT];
  }
  get finishType(): FinishType {
    return this.flow.FinishType ?? 0;
  }
  get rawPacketsCaptured(): number {
    return this.flow.RawPacketsCaptured;
  }
  get details(): FlowDetails | undefined {
    const { DHCPv4, DNS, VRRPv2, TCPMetric, IPMetric } = this.flow;
    return (DHCPv4 ?? DNS ?? VRRPv2 ?? TCPMetric ?? IPMetric) && { DHCPv4, DNS, VRRPv2, TCPMetric, IPMetric };
  }

  /** Sixteen digits. */
  #id(column: number): string {
    return (this.flow[IDS[column]!] ?? '').padStart(16, '0');
  }
}
