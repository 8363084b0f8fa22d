import { LAYER_NAMES } from '../decode/layers.js';
import { ENDPOINT, type Slice } from '../decode/slice.js';
import type { FlowKeys } from '../keys/flowKeys.js';
import { COLD, coldAt, coldFloatAt, FLAG, HOT, hotAt, hotFloatAt, type FlowColumns } from './columns.js';
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
    const ports = slice.transport === ENDPOINT.tcp ? this.tcp : slice.transport === ENDPOINT.udp ? this.udp : undefined;
    if (ports === undefined || ports.size === 0) return slice.lastLayer;
    return ports.get(slice.sourcePort) ?? ports.get(slice.targetPort) ?? slice.lastLayer;
  }
}

/** What a new row is made of, beside the part of the packet that begins it. */
export interface NewRow {
  readonly hash: number;
  readonly kind: number;
  readonly serial: number;
  /** Serial number of the enclosing flow, 0 for none. */
  readonly parent: number;
  readonly parentHigh: number;
  readonly parentLow: number;
  readonly application: number;
  readonly startMs: number;
  readonly external: boolean;
}

/** Numbers of 64 bits in the cold half of a row. */
const COLD_FLOATS = COLD.words / 2;

/** Writes the first state of a row; `keys` hold its ids. */
export function writeRow(columns: FlowColumns, row: number, slice: Slice, made: NewRow, keys: FlowKeys): void {
  const hot = columns.hot(row);
  const at = hotAt(row);
  hot[at + HOT.hash] = made.hash;
  hot[at + HOT.kind] = made.kind;
  hot[at + HOT.ports] = slice.transport !== 0 ? (slice.sourcePort << 16) | slice.targetPort : slice.icmp;
  hot[at + HOT.tunnel] = slice.keyedByTunnel || made.external ? slice.networkId | 0 : 0;
  hot[at + HOT.macAHigh] = slice.sourceMacHigh;
  hot[at + HOT.macBHigh] = slice.targetMacHigh;
  hot[at + HOT.macLows] = (slice.sourceMacLow << 16) | slice.targetMacLow;
  hot[at + HOT.parent] = made.parent;
  hot[at + HOT.serial] = made.serial;
  hot[at + HOT.flags] =
    slice.path |
    FLAG.used |
    (slice.hasMac ? FLAG.link : 0) |
    (slice.startsWithEthernet ? FLAG.ethernetFirst : 0) |
    (slice.transport === ENDPOINT.tcp ? FLAG.tcp : 0);
  hot[at + HOT.addressA] = slice.source0;
  hot[at + HOT.addressB] = slice.target0;
  if (slice.network === ENDPOINT.ipv6) {
    hot[at + HOT.addressA + 1] = slice.source1;
    hot[at + HOT.addressA + 2] = slice.source2;
    hot[at + HOT.addressA + 3] = slice.source3;
    hot[at + HOT.addressB + 1] = slice.target1;
    hot[at + HOT.addressB + 2] = slice.target2;
    hot[at + HOT.addressB + 3] = slice.target3;
  }
  const floats = columns.hotFloat(row);
  const floatAt = hotFloatAt(row);
  for (let column = HOT.abPackets_F; column < HOT.start_F; column++) floats[floatAt + column] = 0;
  floats[floatAt + HOT.start_F] = made.startMs;
  floats[floatAt + HOT.last_F] = made.startMs;
  floats[floatAt + HOT.asked_F] = -1;

  const cold = columns.cold(row);
  const words = coldAt(row);
  const coldFloats = columns.coldFloat(row);
  const coldFloat = coldFloatAt(row);
  // `fill` is a call, which costs more than these few words; two of them at a time.
  for (let column = 0; column < COLD_FLOATS; column++) coldFloats[coldFloat + column] = 0;
  cold[words + COLD.tracking] = keys.trackingHigh;
  cold[words + COLD.tracking + 1] = keys.trackingLow;
  cold[words + COLD.l3] = keys.l3High;
  cold[words + COLD.l3 + 1] = keys.l3Low;
  cold[words + COLD.uuid] = keys.uuidHigh;
  cold[words + COLD.uuid + 1] = keys.uuidLow;
  cold[words + COLD.parent] = made.parentHigh;
  cold[words + COLD.parent + 1] = made.parentLow;
  cold[words + COLD.networkId] = slice.networkId | 0;
  cold[words + COLD.application] = made.application;
  cold[words + COLD.icmp] = slice.icmp;
  coldFloats[coldFloat + COLD.window_F] = made.startMs;
  coldFloats[coldFloat + COLD.linkId_F] = slice.linkId;
}
