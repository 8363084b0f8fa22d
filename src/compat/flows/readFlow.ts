import { CanopyError } from '../../common/errors.js';
import { FINISH_TYPE, type FinishType, type Flow, type RawPacket } from '../../flow/flow.js';
import { IcmpReader, LayerReader, TransportReader } from './layers.js';
import { IpMetricReader, MetricReader, TcpMetricReader } from './metrics.js';
import { readRawPacket } from './rawPacket.js';
import { readWire, wireText, type WireField } from './wire.js';

/** Numbers of a flow's own fields (flows.md §1.1), which, unlike those of the messages within, are written down. */
const FIELD = {
  UUID: 1,
  LayersPath: 2,
  Application: 3,
  ParentUUID: 6,
  Start: 10,
  Last: 11,
  Link: 20,
  Network: 21,
  Transport: 22,
  ICMP: 23,
  LastUpdateMetric: 31,
  Metric: 32,
  NodeTID: 33,
  CaptureID: 34,
  LastRawPackets: 36,
  RawPacketsCaptured: 37,
  TCPMetric: 38,
  IPMetric: 39,
  TrackingID: 50,
  L3TrackingID: 51,
  FinishType: 60,
  DHCPv4: 1_000,
  DNS: 1_001,
  VRRPv2: 1_002,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(FIELD).map(([name, number]) => [number, name]));

/** Parts whose fields are known neither by number nor by order. */
const EXTRA_LAYERS: ReadonlySet<number> = new Set([FIELD.DHCPv4, FIELD.DNS, FIELD.VRRPv2]);

/** Bytes of a text: a path of layers is the longest. */
const MOST_TEXT_BYTES = 1_024;
/** A 64-bit number as agents write it. */
const ID = /^[0-9a-f]{1,16}$/;

/** A flow, and the packets of it that were kept since its last update. */
export interface ReadFlow {
  readonly flow: Flow;
  readonly rawPackets: readonly RawPacket[];
}

/** Reads the flows of one agent: what its messages show of their numbering is kept for those that follow. */
export class FlowReader {
  readonly #layers = new LayerReader();
  readonly #transport = new TransportReader();
  readonly #icmp = new IcmpReader();
  readonly #metrics = new MetricReader();
  readonly #tcp = new TcpMetricReader();
  readonly #ip = new IpMetricReader();

  /** Told of each part that could not be read: the flow is there without it. */
  constructor(private readonly noteUnread: (part: string) => void) {}

  /** Whether the fields are those of a flow and not of another message: it has an id of a flow and times. */
  static isFlow(fields: readonly WireField[]): boolean {
    const id = fields.find(({ number }) => number === FIELD.UUID)?.bytes;
    return id !== undefined && id.length <= 16 && ID.test(Buffer.from(id).toString('latin1'));
  }

  /** Throws `BAD_INPUT` for what is no flow: damaged bytes, or an id that is none. */
  read(fields: readonly WireField[]): ReadFlow {
    const flow: Partial<Record<string, unknown>> = {};
    const rawPackets: RawPacket[] = [];
    for (const field of fields) {
      const { number, value, bytes } = field;
      const name = NAMES.get(number);
      // A later agent may say more than we know.
      if (name === undefined) continue;
      if (value !== undefined) flow[name] = value;
      else if (number === FIELD.LastRawPackets) {
        const packet = this.#part(name, () => readRawPacket(readWire(bytes)));
        if (packet !== undefined) rawPackets.push(packet);
      } else flow[name] = this.#within(number, name, bytes);
    }
    return { flow: checked(flow), rawPackets };
  }

  #within(number: number, name: string, bytes: Uint8Array): unknown {
    if (EXTRA_LAYERS.has(number)) return this.#part(name, () => undefined);
    switch (number) {
      case FIELD.Link:
        return this.#part(name, () => this.#layers.link(readWire(bytes)));
      case FIELD.Network:
        return this.#part(name, () => this.#layers.network(readWire(bytes)));
      case FIELD.Transport:
        return this.#part(name, () => this.#transport.read(readWire(bytes)));
      case FIELD.ICMP:
        return this.#part(name, () => this.#icmp.read(readWire(bytes)));
      case FIELD.LastUpdateMetric:
        return this.#part(name, () => this.#metrics.read(readWire(bytes), 'window'));
      case FIELD.Metric:
        return this.#part(name, () => this.#metrics.read(readWire(bytes), 'flow'));
      case FIELD.TCPMetric:
        return this.#part(name, () => this.#tcp.read(readWire(bytes)));
      case FIELD.IPMetric:
        return this.#part(name, () => this.#ip.read(readWire(bytes)));
      default:
        return wireText(bytes, MOST_TEXT_BYTES);
    }
  }

  /** A part that is damaged or cannot be told takes nothing with it. */
  #part<Part>(name: string, read: () => Part | undefined): Part | undefined {
    let part: Part | undefined;
    try {
      part = read();
    } catch (error) {
      if (!(error instanceof CanopyError)) throw error;
    }
    if (part === undefined) this.noteUnread(name);
    return part;
  }
}

/** The flow with what is never left out, in the order of its JSON. */
function checked(read: Partial<Record<string, unknown>>): Flow {
  const text = (name: string): string => (typeof read[name] === 'string' ? read[name] : '');
  const number = (name: string): number => (typeof read[name] === 'number' ? read[name] : 0);
  const id = (name: string): string => {
    const value = text(name);
    if (value !== '' && !ID.test(value)) throw new CanopyError('BAD_INPUT', `${name} of a flow is no id: '${value}'`);
    return value;
  };
  const part = (name: string): object => (read[name] === undefined ? {} : { [name]: read[name] });
  const UUID = id('UUID');
  if (UUID === '') throw new CanopyError('BAD_INPUT', 'a flow has no UUID');
  const finish = number('FinishType');
  return {
    UUID,
    LayersPath: text('LayersPath'),
    Application: text('Application'),
    ...part('Link'),
    ...part('Network'),
    ...part('Transport'),
    ...part('ICMP'),
    ...part('LastUpdateMetric'),
    ...part('Metric'),
    ...part('TCPMetric'),
    ...part('IPMetric'),
    Start: number('Start'),
    Last: number('Last'),
    TrackingID: id('TrackingID'),
    L3TrackingID: id('L3TrackingID'),
    ParentUUID: id('ParentUUID'),
    ...(text('NodeTID') !== '' && { NodeTID: text('NodeTID') }),
    ...(text('CaptureID') !== '' && { CaptureID: text('CaptureID') }),
    RawPacketsCaptured: number('RawPacketsCaptured'),
    ...(finish !== 0 && finish <= FINISH_TYPE.tcpRst && { FinishType: finish as Exclude<FinishType, 0> }),
  };
}
