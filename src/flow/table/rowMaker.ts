import { LAYER_NAMES } from '../decode/layers.js';
import { ENDPOINT, type Slice } from '../decode/slice.js';
import type { FlowKeys } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, HOT, hotAt, hotFloatAt, NOT_ASKED, type FlowColumns } from './columns.js';
import type { FlowTableOptions } from './options.js';

/** Names of applications as numbers: those of the layers, then those by port and of others in the order in which they came. */
export class Applications {
  private readonly names: string[] = [...LAYER_NAMES];
  private readonly numbers = new Map<string, number>(LAYER_NAMES.map((name, number) => [name, number]));
  private readonly tcp: ReadonlyMap<number, number>;
  private readonly udp: ReadonlyMap<number, number>;

  constructor({ tcp, udp }: FlowTableOptions['applicationPorts']) {
    const numbered = (ports: ReadonlyMap<number, string>): ReadonlyMap<number, number> =>
      new Map([...ports].map(([port, name]) => [port, this.number(name.toUpperCase())]));
    this.tcp = numbered(tcp);
    this.udp = numbered(udp);
  }

  number(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  text(number: number): string {
    return this.names[number]!;
  }

  /** The name of the last layer, or of the source's port or else the target's where they have one. */
  of(slice: Slice): number {
    if (slice.transport === ENDPOINT.tcp) return this.ofPorts(true, slice.sourcePort, slice.targetPort, slice.lastLayer);
    if (slice.transport === ENDPOINT.udp) return this.ofPorts(false, slice.sourcePort, slice.targetPort, slice.lastLayer);
    return slice.lastLayer;
  }

  /** The same of TCP or UDP. */
  ofPorts(isTcp: boolean, sourcePort: number, targetPort: number, lastLayer: number): number {
    const ports = isTcp ? this.tcp : this.udp;
    if (ports.size === 0) return lastLayer;
    return ports.get(sourcePort) ?? ports.get(targetPort) ?? lastLayer;
  }
}

/** What a new row is made of, beside the part of the packet that begins it. One for all rows of a table: each is written before it is read. */
export class NewRow {
  hash = 0;
  kind = 0;
  serial = 0;
  /** Serial number of the enclosing flow, 0 for none. */
  parent = 0;
  parentHigh = 0;
  parentLow = 0;
  application = 0;
  startMs = 0;
  external = false;
}

// Names of this module's own: what another one exports is loaded and checked anew at each use.
const HOT_HALF = HOT;
const COLD_HALF = COLD;
const FLAGS = FLAG;
const KINDS = ENDPOINT;

/** Writes the first state of a row, all but its ids. */
export function writeRow(columns: FlowColumns, row: number, slice: Slice, made: NewRow): void {
  const hot = columns.hot(row);
  const at = hotAt(row);
  hot[at + HOT_HALF.hash] = made.hash;
  hot[at + HOT_HALF.kind] = made.kind;
  hot[at + HOT_HALF.ports] = slice.transport !== 0 ? (slice.sourcePort << 16) | slice.targetPort : slice.icmp;
  hot[at + HOT_HALF.tunnel] = slice.keyedByTunnel || made.external ? slice.networkId | 0 : 0;
  hot[at + HOT_HALF.macAHigh] = slice.sourceMacHigh;
  hot[at + HOT_HALF.macBHigh] = slice.targetMacHigh;
  hot[at + HOT_HALF.macLows] = (slice.sourceMacLow << 16) | slice.targetMacLow;
  hot[at + HOT_HALF.parent] = made.parent;
  hot[at + HOT_HALF.serial] = made.serial;
  hot[at + HOT_HALF.flags] =
    slice.path |
    FLAGS.used |
    (slice.hasMac ? FLAGS.link : 0) |
    (slice.startsWithEthernet ? FLAGS.ethernetFirst : 0) |
    (slice.transport === KINDS.tcp ? FLAGS.tcp : 0);
  hot[at + HOT_HALF.addressA] = slice.source0;
  hot[at + HOT_HALF.addressB] = slice.target0;
  if (slice.network === KINDS.ipv6) {
    hot[at + HOT_HALF.addressA + 1] = slice.source1;
    hot[at + HOT_HALF.addressA + 2] = slice.source2;
    hot[at + HOT_HALF.addressA + 3] = slice.source3;
    hot[at + HOT_HALF.addressB + 1] = slice.target1;
    hot[at + HOT_HALF.addressB + 2] = slice.target2;
    hot[at + HOT_HALF.addressB + 3] = slice.target3;
  }
  const cold = columns.cold(row);
  const words = coldAt(row);
  cold[words + COLD_HALF.parent] = made.parentHigh;
  cold[words + COLD_HALF.parent + 1] = made.parentLow;
  cold[words + COLD_HALF.networkId] = slice.networkId | 0;
  cold[words + COLD_HALF.application] = made.application;
  cold[words + COLD_HALF.icmp] = slice.icmp;
  columns.coldFloat(row)[coldFloatAt(row) + COLD_HALF.linkId_F] = slice.linkId;
  writeStart(columns, row, made.startMs);
}

/** Writes that nothing was counted yet of a row. */
export function writeStart(columns: FlowColumns, row: number, startMs: number): void {
  const floats = columns.hotFloat(row);
  const floatAt = hotFloatAt(row);
  floats[floatAt + HOT_HALF.start_F] = startMs;
  floats[floatAt + HOT_HALF.last_F] = startMs;
  floats[floatAt + HOT_HALF.asked_F] = NOT_ASKED;
  columns.coldFloat(row)[coldFloatAt(row) + COLD_HALF.window_F] = startMs;
  if (!columns.isNew) writeNothing(columns, row);
}

/** Sets back the counters of a row that another flow had. One word by one: a loop costs more than these few, and `fill` more still. */
function writeNothing(columns: FlowColumns, row: number): void {
  const floats = columns.hotFloat(row);
  const floatAt = hotFloatAt(row);
  floats[floatAt + HOT_HALF.abPackets_F] = 0;
  floats[floatAt + HOT_HALF.abBytes_F] = 0;
  floats[floatAt + HOT_HALF.baPackets_F] = 0;
  floats[floatAt + HOT_HALF.baBytes_F] = 0;
  const coldFloats = columns.coldFloat(row);
  const coldFloat = coldFloatAt(row);
  coldFloats[coldFloat + COLD_HALF.sentAbPackets_F] = 0;
  coldFloats[coldFloat + COLD_HALF.sentAbBytes_F] = 0;
  coldFloats[coldFloat + COLD_HALF.sentBaPackets_F] = 0;
  coldFloats[coldFloat + COLD_HALF.sentBaBytes_F] = 0;
  coldFloats[coldFloat + COLD_HALF.rtt_F] = 0;
  const cold = columns.cold(row);
  const words = coldAt(row);
  cold[words + COLD_HALF.rawCaptured] = 0;
  cold[words + COLD_HALF.abSurplus] = 0;
  cold[words + COLD_HALF.baSurplus] = 0;
  cold[words + COLD_HALF.transportId] = 0;
}

/** Writes the ids of a row, which `keys` hold. */
export function writeIds(columns: FlowColumns, row: number, keys: FlowKeys): void {
  const cold = columns.cold(row);
  const words = coldAt(row);
  cold[words + COLD_HALF.tracking] = keys.trackingHigh;
  cold[words + COLD_HALF.tracking + 1] = keys.trackingLow;
  cold[words + COLD_HALF.l3] = keys.l3High;
  cold[words + COLD_HALF.l3 + 1] = keys.l3Low;
  cold[words + COLD_HALF.uuid] = keys.uuidHigh;
  cold[words + COLD_HALF.uuid + 1] = keys.uuidLow;
}
