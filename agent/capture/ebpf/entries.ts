import ipaddr from 'ipaddr.js';
import type { ExternalFlow } from '../../../src/flow/table/external.js';
import { ICMP_TYPES } from '../../../src/flow/flow.js';
import { ICMP_V4, ICMP_V6 } from '../icmpTypes.js';

/** Entries of the kernel's map as program/flow.bpf.c lays them out. */

export const KEY_BYTES = 56;
export const VALUE_BYTES = 104;

const KEY = {
  lowMac: 0,
  highMac: 6,
  lowIp: 12,
  highIp: 28,
  lowPort: 44,
  highPort: 46,
  etherType: 48,
  vlan: 50,
  protocol: 52,
  icmpId: 53,
} as const;
const VALUE = { start: 0, last: 8, low: 16, high: 32, lowSyn: 48, firstIsLow: 96 } as const;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TRANSPORTS: Readonly<Record<number, 'TCP' | 'UDP' | 'SCTP'>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const ICMP = 1;
const ICMPV6 = 58;

/** Nanoseconds of the monotonic clock, as a number: exact to a microsecond for a hundred years. */
export const lastSeen = (values: Buffer, at: number): number => wide(values, at + VALUE.last);

/** Packets of both directions. */
export const packetsOf = (values: Buffer, at: number): number => wide(values, at + VALUE.low) + wide(values, at + VALUE.high);

const wide = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);

/** An entry as a flow, from the point of view of its first packet. `toMs` makes real time out of the kernel's. */
export function entryToFlow(keys: Buffer, key: number, values: Buffer, value: number, toMs: (nanoseconds: number) => number): ExternalFlow {
  const isLowFirst = values.readUInt32LE(value + VALUE.firstIsLow) !== 0;
  const etherType = keys.readUInt16LE(key + KEY.etherType);
  const protocol = keys[key + KEY.protocol]!;
  const vlan = keys.readUInt16LE(key + KEY.vlan);
  const isV6 = etherType === IPV6;
  const isIp = isV6 || etherType === IPV4;
  const transport = isIp ? TRANSPORTS[protocol] : undefined;
  const isIcmp = isIp && protocol === (isV6 ? ICMPV6 : ICMP);
  const upper = transport ?? (isIcmp ? (isV6 ? 'ICMPv6' : 'ICMPv4') : undefined);
  const layers = [
    'Ethernet',
    ...(vlan === 0 ? [] : ['Dot1Q']),
    ...(isIp ? [isV6 ? 'IPv6' : 'IPv4'] : etherType === ARP ? ['ARP'] : []),
    ...(upper === undefined ? [] : [upper]),
  ];
  const [firstMac, secondMac] = isLowFirst ? [KEY.lowMac, KEY.highMac] : [KEY.highMac, KEY.lowMac];
  const [firstIp, secondIp] = isLowFirst ? [KEY.lowIp, KEY.highIp] : [KEY.highIp, KEY.lowIp];
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
    last: toMs(lastSeen(values, value)),
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
