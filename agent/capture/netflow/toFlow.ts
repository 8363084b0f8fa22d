import type { ExternalFlow } from '../../../src/flow/table/external.js';
import { ICMP_TYPES } from '../../../src/flow/flow.js';
import { ICMP_V4, ICMP_V6 } from '../icmpTypes.js';
import type { FlowRecord } from './record.js';

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMPV6 = 58;
const SCTP = 132;

/** A record as a flow; `undefined` for one without addresses of any kind, of which no flow can be made. */
export function toFlow(record: FlowRecord): ExternalFlow | undefined {
  const hasLink = record.sourceMac !== '' && record.destinationMac !== '';
  const link = hasLink ? { link: { a: record.sourceMac, b: record.destinationMac, id: record.vlan } } : {};
  if (record.source === '' || record.destination === '')
    return hasLink ? { layersPath: 'Ethernet', application: 'Ethernet', ...link, ...countersOf(record) } : undefined;
  const isV6 = record.source.includes(':');
  const network = { protocol: isV6 ? 'IPV6' : 'IPV4', a: record.source, b: record.destination, id: 0 } as const;
  const upper = upperLayer(record, isV6);
  return {
    layersPath: [...(hasLink ? ['Ethernet'] : []), isV6 ? 'IPv6' : 'IPv4', ...(upper === undefined ? [] : [upper])].join('/'),
    application: upper ?? (isV6 ? 'IPv6' : 'IPv4'),
    ...link,
    network,
    ...transportOf(record),
    ...icmpOf(record, isV6),
    ...countersOf(record),
  };
}

function countersOf(record: FlowRecord) {
  return {
    counters: 'add',
    abPackets: record.packets,
    abBytes: record.bytes,
    baPackets: record.reversePackets,
    baBytes: record.reverseBytes,
    start: record.start,
    last: record.last,
  } as const;
}

function upperLayer({ protocol }: FlowRecord, isV6: boolean): string | undefined {
  if (protocol === TCP) return 'TCP';
  if (protocol === UDP) return 'UDP';
  if (protocol === SCTP) return 'SCTP';
  if (protocol === ICMP && !isV6) return 'ICMPv4';
  if (protocol === ICMPV6 && isV6) return 'ICMPv6';
  return undefined;
}

function transportOf({ protocol, sourcePort, destinationPort }: FlowRecord): Pick<ExternalFlow, 'transport'> {
  const name = protocol === TCP ? 'TCP' : protocol === UDP ? 'UDP' : protocol === SCTP ? 'SCTP' : undefined;
  return name === undefined ? {} : { transport: { protocol: name, a: sourcePort, b: destinationPort, id: 0 } };
}

function icmpOf({ protocol, icmpTypeCode }: FlowRecord, isV6: boolean): Pick<ExternalFlow, 'icmp'> {
  if (protocol !== (isV6 ? ICMPV6 : ICMP)) return {};
  const type = (isV6 ? ICMP_V6 : ICMP_V4)[icmpTypeCode >> 8] ?? ICMP_TYPES[0];
  return { icmp: { type, code: icmpTypeCode & 0xff, id: 0 } };
}
