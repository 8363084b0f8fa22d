import type { Flow, FlowMetric, TcpMetric } from '../../flow/flow.js';
import type { Asker } from '../asker.js';
import type { Awaitable } from '../awaitable.js';
import { whenReady } from '../awaitable.js';
import type { Moment, NodeView } from '../elementView.js';
import type { SocketView } from '../sockets.js';
import { socketAt } from './endSocket.js';
import { captureNodeOf, endOf, hostOf } from './flowEnds.js';
import type { FlowService } from './flowService.js';

const FINISHES = ['NOT_FINISHED', 'TIMEOUT', 'TCP_FIN', 'TCP_RST'] as const;

/** A flow as people read it. */
export class FlowView {
  constructor(
    readonly flow: Flow,
    readonly isLive: boolean,
    private readonly service: FlowService,
  ) {}

  get id(): string {
    return this.flow.UUID;
  }
  get trackingId(): string {
    return this.flow.TrackingID ?? '';
  }
  get l3TrackingId(): string | undefined {
    return this.flow.L3TrackingID;
  }
  get parentId(): string | undefined {
    return this.flow.ParentUUID === '' ? undefined : this.flow.ParentUUID;
  }
  get application(): string {
    return this.flow.Application ?? '';
  }
  get layers(): readonly string[] {
    return this.flow.LayersPath?.split('/') ?? [];
  }
  get link(): object | undefined {
    const { Link } = this.flow;
    return Link && { protocol: Link.Protocol, a: Link.A, b: Link.B, id: Link.ID };
  }
  get network(): object | undefined {
    const { Network } = this.flow;
    return Network && { protocol: Network.Protocol, a: Network.A, b: Network.B, id: Network.ID };
  }
  get transport(): object | undefined {
    const { Transport } = this.flow;
    return Transport && { protocol: Transport.Protocol, a: Transport.A, b: Transport.B };
  }
  get icmp(): object | undefined {
    const { ICMP } = this.flow;
    return ICMP && { type: ICMP.Type, code: ICMP.Code ?? 0, id: ICMP.ID ?? 0 };
  }
  get dns(): unknown {
    return this.flow.DNS;
  }
  get dhcpv4(): unknown {
    return this.flow.DHCPv4;
  }
  get vrrp(): unknown {
    return this.flow.VRRPv2;
  }
  get start(): number {
    return this.flow.Start;
  }
  get last(): number {
    return this.flow.Last;
  }
  get finish(): (typeof FINISHES)[number] {
    return FINISHES[this.flow.FinishType ?? 0];
  }
  get total(): object {
    return metricView(this.flow.Metric) ?? withoutMetric(this.flow);
  }
  get recent(): object | undefined {
    return metricView(this.flow.LastUpdateMetric);
  }
  get tcp(): object | undefined {
    return tcpView(this.flow.TCPMetric);
  }
  get ip(): object | undefined {
    const { IPMetric } = this.flow;
    return IPMetric && { fragments: IPMetric.Fragments, fragmentErrors: IPMetric.FragmentErrors };
  }
  get captureId(): string | undefined {
    return this.flow.CaptureID;
  }
  get rawPacketsCaptured(): number {
    return this.flow.RawPacketsCaptured;
  }
  get a(): FlowEndView {
    return new FlowEndView(this, 'A');
  }
  get b(): FlowEndView {
    return new FlowEndView(this, 'B');
  }

  /** The graph that this flow's ends are looked up in: the present for flows of the present, else as it was at the flow's last packet. */
  moment({ scope }: Pick<Asker, 'scope'>): Awaitable<Moment> {
    return this.isLive ? scope.present() : scope.at(this.flow.Last);
  }

  captureNode(asker: Pick<Asker, 'scope'>): Awaitable<NodeView | undefined> {
    return whenReady(this.moment(asker), (moment) => captureNodeOf(this.flow, moment));
  }

  /** The flow of the tunnel that carries this one. */
  async parent(asker: Pick<Asker, 'scope'>): Promise<FlowView | undefined> {
    const { parentId } = this;
    if (parentId === undefined) return undefined;
    const [flow] = await this.service.byId(asker, this.isLive, [parentId], 'uuid', this.span);
    return flow && new FlowView(flow, this.isLive, this.service);
  }

  /** Flows that this one carries. */
  async children(asker: Pick<Asker, 'scope'>): Promise<readonly FlowView[]> {
    const flows = await this.service.byId(asker, this.isLive, [this.id], 'parent', this.span);
    return flows.map((flow) => new FlowView(flow, this.isLive, this.service));
  }

  private get span(): { readonly from: number; readonly to: number } {
    return { from: this.flow.Start, to: this.flow.Last };
  }
}

/** One side of a flow. */
export class FlowEndView {
  constructor(
    readonly of: FlowView,
    readonly side: 'A' | 'B',
  ) {}

  get address(): string | undefined {
    return this.of.flow.Network?.[this.side];
  }
  get mac(): string | undefined {
    return this.of.flow.Link?.[this.side];
  }
  get port(): number | undefined {
    return this.of.flow.Transport?.[this.side];
  }

  node(asker: Pick<Asker, 'scope'>): Awaitable<NodeView | undefined> {
    return whenReady(this.of.moment(asker), (moment) => endOf(this.of.flow, this.side, moment));
  }

  host(asker: Pick<Asker, 'scope'>): Awaitable<NodeView | undefined> {
    return whenReady(this.node(asker), (node) => node && hostOf(node));
  }

  /** The process that talks here, where the sockets of the machine are known. */
  process(asker: Pick<Asker, 'scope'>): Awaitable<SocketView | undefined> {
    return whenReady(this.node(asker), (node) => {
      const host = node && hostOf(node);
      return host && socketAt(this.of.flow, this.side, node, host);
    });
  }
}

function metricView(metric: FlowMetric | undefined): object | undefined {
  return (
    metric && {
      abPackets: metric.ABPackets,
      abBytes: metric.ABBytes,
      baPackets: metric.BAPackets,
      baBytes: metric.BABytes,
      rttNanos: metric.RTT,
      start: metric.Start,
      last: metric.Last,
    }
  );
}

/** Times that are 0 were never seen. */
function tcpView(metric: TcpMetric | undefined): object | undefined {
  return (
    metric && {
      abSynStart: metric.ABSynStart || undefined,
      baSynStart: metric.BASynStart || undefined,
      abSynTtl: metric.ABSynTTL,
      baSynTtl: metric.BASynTTL,
      abFinStart: metric.ABFinStart || undefined,
      baFinStart: metric.BAFinStart || undefined,
      abRstStart: metric.ABRstStart || undefined,
      baRstStart: metric.BARstStart || undefined,
      abPackets: metric.ABPackets,
      abBytes: metric.ABBytes,
      abSegmentsOutOfOrder: metric.ABSegmentOutOfOrder,
      abSegmentsSkipped: metric.ABSegmentSkipped,
      abSegmentsSkippedBytes: metric.ABSegmentSkippedBytes,
      abSawStart: metric.ABSawStart !== 0,
      abSawEnd: metric.ABSawEnd !== 0,
      baPackets: metric.BAPackets,
      baBytes: metric.BABytes,
      baSegmentsOutOfOrder: metric.BASegmentOutOfOrder,
      baSegmentsSkipped: metric.BASegmentSkipped,
      baSegmentsSkippedBytes: metric.BASegmentSkippedBytes,
      baSawStart: metric.BASawStart !== 0,
      baSawEnd: metric.BASawEnd !== 0,
    }
  );
}

const withoutMetric = ({ Start, Last }: Flow): object => ({ abPackets: 0, abBytes: 0, baPackets: 0, baBytes: 0, start: Start, last: Last });
