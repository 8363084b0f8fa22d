import ipaddr from 'ipaddr.js';
import { ENDPOINT } from '../../../src/flow/decode/slice.js';
import type { ExternalFlow, Recount } from '../../../src/flow/table/external.js';
import { ICMP_TYPES } from '../../../src/flow/flow.js';
import { ICMP_V4, ICMP_V6 } from '../icmpTypes.js';

/** Rows of flows as program/flow.bpf.c lays them out. The kernel goes on counting in them while they are read. */

/** Bytes of a row for IPv6, and for all else. */
export const ROW_BYTES = { 4: 128, 6: 192 } as const;
/** For IPv6, and for all else: each has maps of its own. */
export type RowKind = keyof typeof ROW_BYTES;
/** Where the words of a row begin by which a flow is told apart, besides its state. */
export const KEY_WORDS = { 4: [8, 12, 16, 20, 24, 28], 6: [8, 12, 16, 20, 128, 132, 136, 140, 144, 148, 152, 156] } as const;

const FIELD = {
  last: 4,
  lowMac: 8,
  lowPort: 14,
  highMac: 16,
  highPort: 22,
  lowIp: 24,
  highIp: 28,
  low: 32,
  high: 48,
  start: 64,
  lowSyn: 72,
  first: 120,
  etherType: 122,
  entry: 124,
  lowIp6: 128,
  highIp6: 144,
} as const;
const FAMILY = { none: 1, ipv4: 4, ipv6: 6 } as const;
/** In `first`: whether the lower end sent the first packet, and its VLAN. */
const FIRST_IS_LOW = 0x8000;
const VLAN = 0x0fff;
const ARP = 0x0806;
const TRANSPORTS: Readonly<Record<number, 'TCP' | 'UDP' | 'SCTP'>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const ICMP = 1;
const ICMPV6 = 58;
const NANOSECONDS_IN_MS = 1e6;
/** Nanoseconds of the unit in which the time of the last packet is kept, rounded up. */
const TICK = 2 ** 16;

/** The kernel's clock when a reading began. */
export interface Moment {
  /** Nanoseconds of the monotonic clock. */
  readonly monotonic: number;
  /** Milliseconds that are added to it for real time. */
  readonly offset: number;
}

const familyOf = (state: number): number => state >>> 24;
const protocolOf = (state: number): number => (state >>> 16) & 0xff;

/** The entry that names a row, among those of all buckets. */
export const entryOf = (rows: DataView, row: number): number => rows.getUint32(row + FIELD.entry, true);

/** Whether an entry names the row: the kernel writes it before. */
export const isFound = (rows: DataView, row: number): boolean => rows.getUint32(row + FIELD.last, true) !== 0;

/** Nanoseconds since the last packet, by steps of 65 microseconds; below 0 when it came after the reading began. */
export const idleTime = (rows: DataView, row: number, { monotonic }: Moment): number =>
  ((Math.floor(monotonic / TICK) - rows.getUint32(row + FIELD.last, true)) | 0) * TICK;

/** Nanoseconds between two readings, by the same steps. */
export const elapsed = (since: Moment, { monotonic }: Moment): number =>
  (Math.floor(monotonic / TICK) - Math.floor(since.monotonic / TICK)) * TICK;

/** Packets of both directions. */
export const packetsOf = (rows: DataView, row: number): number => wideAt(rows, row + FIELD.low) + wideAt(rows, row + FIELD.high);

// A number of 64 bits is fetched at once, as the one thing that is that wide, since the kernel may be changing it.
const fetched = new Float64Array(1);
const halves = new Uint32Array(fetched.buffer);

function wideAt(rows: DataView, at: number): number {
  fetched[0] = rows.getFloat64(at, true);
  return halves[1]! * 2 ** 32 + halves[0]!;
}

const lastOf = (rows: DataView, row: number, moment: Moment): number =>
  Math.floor((moment.monotonic - idleTime(rows, row, moment)) / NANOSECONDS_IN_MS + moment.offset);

function timeAt(rows: DataView, at: number, { offset }: Moment): number {
  const nanoseconds = wideAt(rows, at);
  return nanoseconds === 0 ? 0 : Math.floor(nanoseconds / NANOSECONDS_IN_MS + offset);
}

/** Writes how the flow of a row in this state stands, from the point of view of its first packet. `hasMac` is false on interfaces without Ethernet. */
export function recountRow(to: Recount, rows: DataView, row: number, state: number, hasMac: boolean, moment: Moment): void {
  const isLowFirst = (rows.getUint16(row + FIELD.first, true) & FIRST_IS_LOW) !== 0;
  const { slice } = to;
  slice.begin(0);
  slice.hasMac = hasMac;
  if (hasMac) {
    const firstMac = row + (isLowFirst ? FIELD.lowMac : FIELD.highMac);
    const secondMac = row + (isLowFirst ? FIELD.highMac : FIELD.lowMac);
    slice.sourceMacHigh = rows.getInt32(firstMac);
    slice.sourceMacLow = rows.getUint16(firstMac + 4);
    slice.targetMacHigh = rows.getInt32(secondMac);
    slice.targetMacLow = rows.getUint16(secondMac + 4);
  }
  const family = familyOf(state);
  to.hasTcp = false;
  if (family !== FAMILY.none) {
    const protocol = protocolOf(state);
    const isV6 = family === FAMILY.ipv6;
    const lowIp = row + (isV6 ? FIELD.lowIp6 : FIELD.lowIp);
    const highIp = row + (isV6 ? FIELD.highIp6 : FIELD.highIp);
    const firstIp = isLowFirst ? lowIp : highIp;
    const secondIp = isLowFirst ? highIp : lowIp;
    slice.network = isV6 ? ENDPOINT.ipv6 : ENDPOINT.ipv4;
    slice.source0 = rows.getInt32(firstIp);
    slice.target0 = rows.getInt32(secondIp);
    if (isV6) {
      slice.source1 = rows.getInt32(firstIp + 4);
      slice.source2 = rows.getInt32(firstIp + 8);
      slice.source3 = rows.getInt32(firstIp + 12);
      slice.target1 = rows.getInt32(secondIp + 4);
      slice.target2 = rows.getInt32(secondIp + 8);
      slice.target3 = rows.getInt32(secondIp + 12);
    }
    const transport = protocol === 6 ? ENDPOINT.tcp : protocol === 17 ? ENDPOINT.udp : protocol === 132 ? ENDPOINT.sctp : 0;
    if (transport !== 0) {
      slice.transport = transport;
      slice.sourcePort = rows.getUint16(row + (isLowFirst ? FIELD.lowPort : FIELD.highPort));
      slice.targetPort = rows.getUint16(row + (isLowFirst ? FIELD.highPort : FIELD.lowPort));
      to.hasTcp = transport === ENDPOINT.tcp;
    } else if (protocol === (isV6 ? ICMPV6 : ICMP)) {
      const type = (isV6 ? ICMP_V6 : ICMP_V4)[rows.getUint8(row + FIELD.lowPort)] ?? ICMP_TYPES[0];
      slice.hasIcmp = true;
      slice.icmp = (ICMP_TYPES.indexOf(type) << 24) | (rows.getUint8(row + FIELD.lowPort + 1) << 16) | rows.getUint16(row + FIELD.highPort);
    }
  }
  const there = row + (isLowFirst ? FIELD.low : FIELD.high);
  const back = row + (isLowFirst ? FIELD.high : FIELD.low);
  to.abPackets = wideAt(rows, there);
  to.abBytes = wideAt(rows, there + 8);
  to.baPackets = wideAt(rows, back);
  to.baBytes = wideAt(rows, back + 8);
  to.last = lastOf(rows, row, moment);
  if (!to.hasTcp) return;
  const first = row + FIELD.lowSyn + (isLowFirst ? 0 : 8);
  const second = row + FIELD.lowSyn + (isLowFirst ? 8 : 0);
  const { tcp } = to;
  tcp.abSyn = timeAt(rows, first, moment);
  tcp.baSyn = timeAt(rows, second, moment);
  tcp.abFin = timeAt(rows, first + 16, moment);
  tcp.baFin = timeAt(rows, second + 16, moment);
  tcp.abRst = timeAt(rows, first + 32, moment);
  tcp.baRst = timeAt(rows, second + 32, moment);
}

/** The flow of a row in this state, from the point of view of its first packet. `hasMac` is false on interfaces without Ethernet. */
export function rowToFlow(rows: DataView, row: number, state: number, hasMac: boolean, moment: Moment): ExternalFlow {
  const isLowFirst = (rows.getUint16(row + FIELD.first, true) & FIRST_IS_LOW) !== 0;
  const family = familyOf(state);
  const vlan = rows.getUint16(row + FIELD.first, true) & VLAN;
  const isV6 = family === FAMILY.ipv6;
  const isIp = family !== FAMILY.none;
  const transport = isIp ? TRANSPORTS[protocolOf(state)] : undefined;
  const isIcmp = isIp && protocolOf(state) === (isV6 ? ICMPV6 : ICMP);
  const upper = transport ?? (isIcmp ? (isV6 ? 'ICMPv6' : 'ICMPv4') : undefined);
  const layers = [
    ...(hasMac ? ['Ethernet'] : []),
    ...(vlan === 0 ? [] : ['Dot1Q']),
    ...(isIp ? [isV6 ? 'IPv6' : 'IPv4'] : rows.getUint16(row + FIELD.etherType, true) === ARP ? ['ARP'] : []),
    ...(upper === undefined ? [] : [upper]),
  ];
  const [firstMac, secondMac] = isLowFirst ? [FIELD.lowMac, FIELD.highMac] : [FIELD.highMac, FIELD.lowMac];
  const [lowIp, highIp] = isV6 ? [FIELD.lowIp6, FIELD.highIp6] : [FIELD.lowIp, FIELD.highIp];
  const [firstIp, secondIp] = isLowFirst ? [lowIp, highIp] : [highIp, lowIp];
  const [firstPort, secondPort] = isLowFirst ? [FIELD.lowPort, FIELD.highPort] : [FIELD.highPort, FIELD.lowPort];
  const [there, back] = isLowFirst ? [FIELD.low, FIELD.high] : [FIELD.high, FIELD.low];
  const side = isLowFirst ? 0 : 8;
  const time = (index: number, ofFirst: boolean): number =>
    timeAt(rows, row + FIELD.lowSyn + index * 16 + (ofFirst ? side : 8 - side), moment);
  return {
    layersPath: layers.join('/'),
    application: layers.at(-1)!,
    ...(hasMac ? { link: { a: mac(rows, row + firstMac), b: mac(rows, row + secondMac), id: vlan } } : {}),
    ...(isIp
      ? {
          network: {
            protocol: isV6 ? 'IPV6' : 'IPV4',
            a: address(rows, row + firstIp, isV6),
            b: address(rows, row + secondIp, isV6),
            id: 0,
          } as const,
        }
      : {}),
    ...(transport === undefined
      ? {}
      : { transport: { protocol: transport, a: rows.getUint16(row + firstPort), b: rows.getUint16(row + secondPort), id: 0 } }),
    ...(isIcmp ? { icmp: icmpOf(rows, row, isV6) } : {}),
    counters: 'replace',
    abPackets: wideAt(rows, row + there),
    abBytes: wideAt(rows, row + there + 8),
    baPackets: wideAt(rows, row + back),
    baBytes: wideAt(rows, row + back + 8),
    start: timeAt(rows, row + FIELD.start, moment),
    last: lastOf(rows, row, moment),
    ...(transport === 'TCP'
      ? {
          tcp: {
            abSyn: time(0, true),
            baSyn: time(0, false),
            abFin: time(1, true),
            baFin: time(1, false),
            abRst: time(2, true),
            baRst: time(2, false),
          },
        }
      : {}),
  };
}

function icmpOf(rows: DataView, row: number, isV6: boolean): NonNullable<ExternalFlow['icmp']> {
  const type = (isV6 ? ICMP_V6 : ICMP_V4)[rows.getUint8(row + FIELD.lowPort)] ?? ICMP_TYPES[0];
  return { type, code: rows.getUint8(row + FIELD.lowPort + 1), id: rows.getUint16(row + FIELD.highPort) };
}

/** Each byte in hexadecimal: a hundred thousand addresses a second are written. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const mac = (rows: DataView, at: number): string => Array.from({ length: 6 }, (_, index) => HEX[rows.getUint8(at + index)]!).join(':');

const address = (rows: DataView, at: number, isV6: boolean): string => {
  const bytes = Array.from({ length: isV6 ? 16 : 4 }, (_, index) => rows.getUint8(at + index));
  return isV6 ? ipaddr.fromByteArray(bytes).toString() : bytes.join('.');
};
