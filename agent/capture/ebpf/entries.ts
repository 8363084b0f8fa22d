import ipaddr from 'ipaddr.js';
import { ENDPOINT } from '../../../src/flow/decode/slice.js';
import type { ExternalFlow, Recount } from '../../../src/flow/table/external.js';
import { ICMP_TYPES } from '../../../src/flow/flow.js';
import { ICMP_V4, ICMP_V6 } from '../icmpTypes.js';

/** Entries of the kernel's map as program/flow.bpf.c lays them out. */

/** Bytes of a key: of IPv6, and of all else, which have a map each. */
export const KEY_BYTES = { flows4: 32, flows6: 56 } as const;
export const VALUE_BYTES = 112;

const KEY = { lowMac: 0, lowPort: 6, highMac: 8, highPort: 14, network: 16, protocol: 20, icmpId: 21, lowIp: 24 } as const;
const HIGH_IP = { v4: 28, v6: 40 } as const;
const VALUE = { last: 0, low: 8, high: 24, start: 40, lowSyn: 48, firstIsLow: 96, etherType: 100, vlan: 102 } as const;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TRANSPORTS: Readonly<Record<number, 'TCP' | 'UDP' | 'SCTP'>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const ICMP = 1;
const ICMPV6 = 58;

/** Nanoseconds of the monotonic clock, as a number: exact to a microsecond for a hundred years. */
export const lastSeen = (values: DataView, at: number): number => wideAt(values, at + VALUE.last);

/** Packets of both directions. */
export const packetsOf = (values: DataView, at: number): number => wideAt(values, at + VALUE.low) + wideAt(values, at + VALUE.high);

const wideAt = (values: DataView, at: number): number => values.getUint32(at + 4, true) * 2 ** 32 + values.getUint32(at, true);

const NANOSECONDS_IN_MS = 1e6;

/** Writes how an entry stands, from the point of view of its first packet. `offsetMs` is added to the kernel's time. */
export function recountEntry(to: Recount, keys: DataView, key: number, values: DataView, value: number, offsetMs: number): void {
  const isLowFirst = values.getUint32(value + VALUE.firstIsLow, true) !== 0;
  const { slice } = to;
  slice.begin(0);
  slice.hasMac = true;
  const firstMac = key + (isLowFirst ? KEY.lowMac : KEY.highMac);
  const secondMac = key + (isLowFirst ? KEY.highMac : KEY.lowMac);
  slice.sourceMacHigh = keys.getInt32(firstMac);
  slice.sourceMacLow = keys.getUint16(firstMac + 4);
  slice.targetMacHigh = keys.getInt32(secondMac);
  slice.targetMacLow = keys.getUint16(secondMac + 4);

  const network = keys.getUint16(key + KEY.network, true);
  const protocol = keys.getUint8(key + KEY.protocol);
  const isV6 = network === IPV6;
  to.hasTcp = false;
  if (network !== 0) {
    const highIp = isV6 ? HIGH_IP.v6 : HIGH_IP.v4;
    const firstIp = key + (isLowFirst ? KEY.lowIp : highIp);
    const secondIp = key + (isLowFirst ? highIp : KEY.lowIp);
    slice.network = isV6 ? ENDPOINT.ipv6 : ENDPOINT.ipv4;
    slice.source0 = keys.getInt32(firstIp);
    slice.target0 = keys.getInt32(secondIp);
    if (isV6) {
      slice.source1 = keys.getInt32(firstIp + 4);
      slice.source2 = keys.getInt32(firstIp + 8);
      slice.source3 = keys.getInt32(firstIp + 12);
      slice.target1 = keys.getInt32(secondIp + 4);
      slice.target2 = keys.getInt32(secondIp + 8);
      slice.target3 = keys.getInt32(secondIp + 12);
    }
    const transport = protocol === 6 ? ENDPOINT.tcp : protocol === 17 ? ENDPOINT.udp : protocol === 132 ? ENDPOINT.sctp : 0;
    if (transport !== 0) {
      slice.transport = transport;
      slice.sourcePort = keys.getUint16(key + (isLowFirst ? KEY.lowPort : KEY.highPort));
      slice.targetPort = keys.getUint16(key + (isLowFirst ? KEY.highPort : KEY.lowPort));
      to.hasTcp = transport === ENDPOINT.tcp;
    } else if (protocol === (isV6 ? ICMPV6 : ICMP)) {
      const type = (isV6 ? ICMP_V6 : ICMP_V4)[keys.getUint8(key + KEY.lowPort)] ?? ICMP_TYPES[0];
      slice.hasIcmp = true;
      slice.icmp = (ICMP_TYPES.indexOf(type) << 24) | (keys.getUint8(key + KEY.lowPort + 1) << 16) | keys.getUint16(key + KEY.icmpId);
    }
  }
  const there = value + (isLowFirst ? VALUE.low : VALUE.high);
  const back = value + (isLowFirst ? VALUE.high : VALUE.low);
  to.abPackets = wideAt(values, there);
  to.abBytes = wideAt(values, there + 8);
  to.baPackets = wideAt(values, back);
  to.baBytes = wideAt(values, back + 8);
  to.last = Math.floor(lastSeen(values, value) / NANOSECONDS_IN_MS + offsetMs);
  if (!to.hasTcp) return;
  const first = value + VALUE.lowSyn + (isLowFirst ? 0 : 8);
  const second = value + VALUE.lowSyn + (isLowFirst ? 8 : 0);
  const { tcp } = to;
  tcp.abSyn = momentAt(values, first, offsetMs);
  tcp.baSyn = momentAt(values, second, offsetMs);
  tcp.abFin = momentAt(values, first + 16, offsetMs);
  tcp.baFin = momentAt(values, second + 16, offsetMs);
  tcp.abRst = momentAt(values, first + 32, offsetMs);
  tcp.baRst = momentAt(values, second + 32, offsetMs);
}

function momentAt(values: DataView, at: number, offsetMs: number): number {
  const nanoseconds = wideAt(values, at);
  return nanoseconds === 0 ? 0 : Math.floor(nanoseconds / NANOSECONDS_IN_MS + offsetMs);
}

const wide = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);

/** An entry as a flow, from the point of view of its first packet. `toMs` makes real time out of the kernel's. */
export function entryToFlow(keys: Buffer, key: number, values: Buffer, value: number, toMs: (nanoseconds: number) => number): ExternalFlow {
  const isLowFirst = values.readUInt32LE(value + VALUE.firstIsLow) !== 0;
  const network = keys.readUInt16LE(key + KEY.network);
  const protocol = keys[key + KEY.protocol]!;
  const vlan = values.readUInt16LE(value + VALUE.vlan);
  const isV6 = network === IPV6;
  const isIp = network !== 0;
  const transport = isIp ? TRANSPORTS[protocol] : undefined;
  const isIcmp = isIp && protocol === (isV6 ? ICMPV6 : ICMP);
  const upper = transport ?? (isIcmp ? (isV6 ? 'ICMPv6' : 'ICMPv4') : undefined);
  const layers = [
    'Ethernet',
    ...(vlan === 0 ? [] : ['Dot1Q']),
    ...(isIp ? [isV6 ? 'IPv6' : 'IPv4'] : values.readUInt16LE(value + VALUE.etherType) === ARP ? ['ARP'] : []),
    ...(upper === undefined ? [] : [upper]),
  ];
  const [firstMac, secondMac] = isLowFirst ? [KEY.lowMac, KEY.highMac] : [KEY.highMac, KEY.lowMac];
  const highIp = isV6 ? HIGH_IP.v6 : HIGH_IP.v4;
  const [firstIp, secondIp] = isLowFirst ? [KEY.lowIp, highIp] : [highIp, KEY.lowIp];
  const [firstPort, secondPort] = isLowFirst ? [KEY.lowPort, KEY.highPort] : [KEY.highPort, KEY.lowPort];
  const [there, back] = isLowFirst ? [VALUE.low, VALUE.high] : [VALUE.high, VALUE.low];
  const side = isLowFirst ? 0 : 8;
  const time = (index: number, ofFirst: boolean): number => {
    const nanoseconds = wide(values, value + VALUE.lowSyn + index * 16 + (ofFirst ? side : 8 - side));
    return nanoseconds === 0 ? 0 : toMs(nanoseconds);
  };
  return {
    layersPath: layers.join('/'),
    application: layers.at(-1)!,
    link: { a: mac(keys, key + firstMac), b: mac(keys, key + secondMac), id: vlan },
    ...(isIp
      ? {
          network: {
            protocol: isV6 ? 'IPV6' : 'IPV4',
            a: address(keys, key + firstIp, isV6),
            b: address(keys, key + secondIp, isV6),
            id: 0,
          } as const,
        }
      : {}),
    ...(transport === undefined
      ? {}
      : { transport: { protocol: transport, a: keys.readUInt16BE(key + firstPort), b: keys.readUInt16BE(key + secondPort), id: 0 } }),
    ...(isIcmp ? { icmp: icmpOf(keys, key, isV6) } : {}),
    counters: 'replace',
    abPackets: wide(values, value + there),
    abBytes: wide(values, value + there + 8),
    baPackets: wide(values, value + back),
    baBytes: wide(values, value + back + 8),
    start: toMs(wide(values, value + VALUE.start)),
    last: toMs(wide(values, value + VALUE.last)),
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

function icmpOf(keys: Buffer, key: number, isV6: boolean): NonNullable<ExternalFlow['icmp']> {
  const type = (isV6 ? ICMP_V6 : ICMP_V4)[keys[key + KEY.lowPort]!] ?? ICMP_TYPES[0];
  return { type, code: keys[key + KEY.lowPort + 1]!, id: (keys[key + KEY.icmpId]! << 8) | keys[key + KEY.icmpId + 1]! };
}

/** Each byte in hexadecimal: a hundred thousand addresses a second are written. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const mac = (bytes: Buffer, at: number): string =>
  `${HEX[bytes[at]!]}:${HEX[bytes[at + 1]!]}:${HEX[bytes[at + 2]!]}:${HEX[bytes[at + 3]!]}:${HEX[bytes[at + 4]!]}:${HEX[bytes[at + 5]!]}`;

const address = (bytes: Buffer, at: number, isV6: boolean): string =>
  isV6
    ? ipaddr.fromByteArray([...bytes.subarray(at, at + 16)]).toString()
    : `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
