import { CanopyError } from '../../common/errors.js';
import { FINISH_TYPE, type FinishType, type Flow, type RawPacket } from '../../flow/flow.js';
import { DnsReader } from './dns.js';
import { DHCPV4, dhcpv4Of, VRRPV2, vrrpv2Of } from './extraLayers.js';
import { LayoutReader } from './layouts.js';
import { ICMP, icmpOf, LAYER, linkOf, networkOf, TRANSPORT, transportOf } from './layers.js';
import { IP_METRIC, ipMetricOf, METRIC, metricOf, RAW_PACKET, rawPacketOf, type FlowTimes, type MetricContext } from './metrics.js';
import { Numbering, type KnownNumberings, type PartReader, type Reading, type Values } from './numbering.js';
import { TCP_METRIC, tcpMetricOf } from './tcpMetric.js';
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

const RAW = 'LastRawPackets';

/** Texts among a flow's own fields. */
const TEXTS: ReadonlySet<number> = new Set([
  ...[FIELD.UUID, FIELD.LayersPath, FIELD.Application, FIELD.ParentUUID],
  ...[FIELD.NodeTID, FIELD.CaptureID, FIELD.TrackingID, FIELD.L3TrackingID],
]);

/** Bytes of a text: a path of layers is the longest. */
const MOST_TEXT_BYTES = 1_024;
/** A 64-bit number as agents write it. */
const ID = /^[0-9a-f]{1,16}$/;

/** A flow, and the packets of it that were kept since its last update. */
export interface ReadFlow {
  readonly flow: Flow;
  readonly rawPackets: readonly RawPacket[];
}

/** A message within a flow that was learned from. */
interface Part {
  readonly name: string;
  readonly read: () => Read;
}

/** What a part says; not settled yet, or never to be told (`undefined`). */
type Read = object | 'unsure' | undefined;

/** A flow on its way: its own fields, and the messages within it. */
export interface LearnedFlow {
  readonly uuid: string;
  readonly own: Readonly<Record<string, unknown>>;
  readonly parts: readonly Part[];
}

/** Reads the flows of one agent: what its messages show of their numbering is kept for those that follow. */
export class FlowReader {
  readonly #layer: PartReader<'link' | 'network'>;
  readonly #transport: PartReader<string>;
  readonly #icmp: PartReader<string>;
  readonly #metric: PartReader<MetricContext>;
  readonly #tcp: PartReader<FlowTimes>;
  readonly #ip: PartReader<void>;
  readonly #raw: PartReader<FlowTimes>;
  readonly #dhcpv4: PartReader<void>;
  readonly #vrrpv2: PartReader<void>;
  readonly #dns = new DnsReader();

  /** `known`: what other agents have shown. `noteUnread`: told of each part that could not be read; the flow is there without it. */
  constructor(
    known: KnownNumberings,
    private readonly noteUnread: (part: string) => void,
  ) {
    this.#layer = new Numbering(LAYER, known);
    this.#transport = new Numbering(TRANSPORT, known);
    this.#icmp = new Numbering(ICMP, known);
    this.#metric = new Numbering(METRIC, known);
    this.#tcp = new LayoutReader(TCP_METRIC, known);
    this.#ip = new Numbering(IP_METRIC, known);
    this.#raw = new Numbering(RAW_PACKET, known);
    this.#dhcpv4 = new Numbering(DHCPV4, known);
    this.#vrrpv2 = new Numbering(VRRPV2, known);
  }

  /** Whether the fields are those of a flow and not of another message: it has an id of a flow. */
  static isFlow(fields: readonly WireField[]): boolean {
    const id = fields.find(({ number }) => number === FIELD.UUID)?.bytes;
    return id !== undefined && id.length <= 16 && ID.test(Buffer.from(id).toString('latin1'));
  }

  /** Throws `BAD_INPUT` for what is no text. */
  static nodeTidOf(fields: readonly WireField[]): string | undefined {
    const tid = FlowReader.isFlow(fields) ? fields.find(({ number }) => number === FIELD.NodeTID)?.bytes : undefined;
    return tid && wireText(tid, MOST_TEXT_BYTES);
  }

  /** Takes what a flow shows. Throws `BAD_INPUT` for what is no flow: damaged bytes, or an id that is none. */
  learn(fields: readonly WireField[]): LearnedFlow {
    const own: Record<string, unknown> = {};
    const within: { number: number; name: string; bytes: Uint8Array }[] = [];
    for (const { number, value, bytes } of fields) {
      const name = NAMES.get(number);
      // A later agent may say more than we know.
      if (name === undefined) continue;
      if (value !== undefined) own[name] = value;
      else if (TEXTS.has(number)) own[name] = wireText(bytes, MOST_TEXT_BYTES);
      else within.push({ number, name, bytes });
    }
    const { UUID: uuid } = checked(own);
    const about = aboutOf(own, within);
    return { uuid, own, parts: within.map(({ number, name, bytes }) => this.#learnPart(number, name, bytes, about)) };
  }

  /** The flow; `undefined` as long as some part of it is not settled. */
  read(learned: LearnedFlow): ReadFlow | undefined {
    const said = learned.parts.map(({ name, read }) => ({ name, said: read() }));
    return said.some((part) => part.said === 'unsure') ? undefined : this.#whole(learned, said);
  }

  /** The flow without what is not settled. */
  readSettled(learned: LearnedFlow): ReadFlow {
    return this.#whole(
      learned,
      learned.parts.map(({ name, read }) => ({ name, said: read() })),
    );
  }

  /** Nothing more will be known soon of how parts are numbered. */
  assume(): void {
    for (const reader of this.#readers) reader.assume();
  }

  /** Rises whenever something was settled: flows that could not be read may be by now. */
  get version(): number {
    return this.#readers.reduce((sum, { version }) => sum + version, 0);
  }

  get #readers(): readonly Pick<PartReader<never>, 'assume' | 'version'>[] {
    return [
      ...[this.#layer, this.#transport, this.#icmp, this.#metric, this.#tcp],
      ...[this.#ip, this.#raw, this.#dhcpv4, this.#vrrpv2, this.#dns],
    ];
  }

  #whole({ own }: LearnedFlow, parts: readonly { readonly name: string; readonly said: Read }[]): ReadFlow {
    const flow = { ...own };
    const rawPackets: RawPacket[] = [];
    for (const { name, said } of parts) {
      if (said === undefined || said === 'unsure') this.noteUnread(name);
      else if (name === RAW) rawPackets.push(said as RawPacket);
      else flow[name] = said;
    }
    return { flow: checked(flow), rawPackets };
  }

  /** A part that is damaged takes nothing with it. */
  #learnPart(number: number, name: string, bytes: Uint8Array, about: About): Part {
    const part = <Context>(reader: PartReader<Context>, context: Context, make: (values: Values) => object): Part => {
      const fields = readWire(bytes);
      const made = (reading: Reading): Read => (reading === undefined || reading === 'unsure' ? reading : orUndefined(() => make(reading)));
      let said = made(reader.learn(fields, context));
      let { version } = reader;
      const read = (): Read => {
        if (said !== 'unsure' || version === reader.version) return said;
        ({ version } = reader);
        return (said = made(reader.read(fields, context)));
      };
      return { name, read };
    };
    const { times, layersPath, hasOneEnd } = about;
    const learned = orUndefined(() => {
      switch (number) {
        case FIELD.Link:
          return part(this.#layer, 'link', linkOf);
        case FIELD.Network:
          return part(this.#layer, 'network', networkOf);
        case FIELD.Transport:
          return part(this.#transport, layersPath, transportOf);
        case FIELD.ICMP:
          return part(this.#icmp, layersPath, icmpOf);
        case FIELD.LastUpdateMetric:
          return part(this.#metric, { ...times, hasOneEnd, of: 'window' }, metricOf);
        case FIELD.Metric:
          return part(this.#metric, { ...times, hasOneEnd, of: 'flow' }, metricOf);
        case FIELD.TCPMetric:
          return part(this.#tcp, times, tcpMetricOf);
        case FIELD.IPMetric:
          return part(this.#ip, undefined, ipMetricOf);
        case FIELD.LastRawPackets:
          return part(this.#raw, times, rawPacketOf);
        case FIELD.DHCPv4:
          return part(this.#dhcpv4, undefined, dhcpv4Of);
        case FIELD.VRRPv2:
          return part(this.#vrrpv2, undefined, vrrpv2Of);
        case FIELD.DNS:
          this.#dns.learn(bytes);
          return { name, read: () => this.#dns.read(bytes) };
        default:
          return undefined;
      }
    });
    return learned ?? { name, read: () => undefined };
  }
}

/** `undefined` for bytes that are damaged, or a text that is none. */
function orUndefined<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    return undefined;
  }
}

/** What the flow says itself that helps to tell what is within it. */
interface About {
  readonly times: FlowTimes;
  readonly layersPath: string;
  readonly hasOneEnd: boolean;
}

function aboutOf(
  own: Readonly<Record<string, unknown>>,
  within: readonly { readonly number: number; readonly bytes: Uint8Array }[],
): About {
  const { Start, Last, LayersPath } = own;
  return {
    times: { start: typeof Start === 'number' ? Start : 0, last: typeof Last === 'number' ? Last : 0 },
    layersPath: typeof LayersPath === 'string' ? LayersPath : '',
    hasOneEnd: [FIELD.Link, FIELD.Network].every((layer) => {
      const [a, b] = endsOf(within.find(({ number }) => number === layer)?.bytes);
      return a === undefined || b === undefined || Buffer.compare(a, b) === 0;
    }),
  };
}

/** The two texts of a layer. */
function endsOf(layer: Uint8Array | undefined): Uint8Array[] {
  try {
    return layer === undefined ? [] : readWire(layer).flatMap(({ bytes }) => bytes ?? []);
  } catch {
    return [];
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
    ...part('DHCPv4'),
    ...part('DNS'),
    ...part('VRRPv2'),
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
