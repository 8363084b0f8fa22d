import ipaddr from 'ipaddr.js';
import { ELEMENT, REVERSE_ENTERPRISE, VARIABLE_LENGTH } from './elements.js';
import { emptyRecord, type FlowRecord } from './record.js';
import type { Template } from './templates.js';

/** What the times in records are counted from, in milliseconds since the epoch. */
export interface RecordTimes {
  /** When the exporter started; `undefined` where only a record can say it. */
  readonly bootedAt: number | undefined;
  readonly exportedAt: number;
}

/** Seconds from 1900, where NTP's times begin, to 1970. */
const NTP_EPOCH = 2_208_988_800;
const LONG_LENGTH = 255;

/** Reads one record and hands it over. Answers where it ends; `undefined` when it does not end within the set. */
export function readRecord(
  set: Buffer,
  from: number,
  { fields }: Template,
  times: RecordTimes,
  take: (record: FlowRecord) => void,
): number | undefined {
  const record = emptyRecord();
  const uptime = { start: -1, last: -1, bootedAt: times.bootedAt };
  let at = from;
  for (const { element, enterprise, length: declared } of fields) {
    let length = declared;
    if (declared === VARIABLE_LENGTH) {
      if (at >= set.length) return undefined;
      length = set[at]!;
      at += 1;
      if (length === LONG_LENGTH) {
        if (at + 2 > set.length) return undefined;
        length = set.readUInt16BE(at);
        at += 2;
      }
    }
    if (at + length > set.length) return undefined;
    if (enterprise === 0) readField(set, at, length, element, record, uptime, times);
    else if (enterprise === REVERSE_ENTERPRISE) readReverse(set, at, length, element, record);
    at += length;
  }
  if (uptime.bootedAt !== undefined) {
    if (uptime.start >= 0) record.start = uptime.bootedAt + uptime.start;
    if (uptime.last >= 0) record.last = uptime.bootedAt + uptime.last;
  }
  if (record.last === 0) record.last = times.exportedAt;
  if (record.start === 0) record.start = record.last;
  take(record);
  return at;
}

function readField(
  set: Buffer,
  at: number,
  length: number,
  element: number,
  record: FlowRecord,
  uptime: { start: number; last: number; bootedAt: number | undefined },
  times: RecordTimes,
): void {
  switch (element) {
    case ELEMENT.octetDeltaCount:
    case ELEMENT.octetTotalCount:
      record.bytes = unsigned(set, at, length);
      return;
    case ELEMENT.packetDeltaCount:
    case ELEMENT.packetTotalCount:
      record.packets = unsigned(set, at, length);
      return;
    case ELEMENT.protocolIdentifier:
      record.protocol = unsigned(set, at, length);
      return;
    case ELEMENT.tcpControlBits:
      record.tcpFlags = unsigned(set, at, length);
      return;
    case ELEMENT.sourceTransportPort:
      record.sourcePort = unsigned(set, at, length);
      return;
    case ELEMENT.destinationTransportPort:
      record.destinationPort = unsigned(set, at, length);
      return;
    case ELEMENT.sourceIPv4Address:
    case ELEMENT.sourceIPv6Address:
      if (hasAddress(set, at, length)) record.source = address(set, at, length);
      return;
    case ELEMENT.destinationIPv4Address:
    case ELEMENT.destinationIPv6Address:
      if (hasAddress(set, at, length)) record.destination = address(set, at, length);
      return;
    case ELEMENT.icmpTypeCodeIPv4:
    case ELEMENT.icmpTypeCodeIPv6:
      record.icmpTypeCode = unsigned(set, at, length);
      return;
    // Open vSwitch tells them apart.
    case ELEMENT.icmpTypeIPv4:
    case ELEMENT.icmpTypeIPv6:
      record.icmpTypeCode = (record.icmpTypeCode & 0xff) | ((unsigned(set, at, length) & 0xff) << 8);
      return;
    case ELEMENT.icmpCodeIPv4:
    case ELEMENT.icmpCodeIPv6:
      record.icmpTypeCode = (record.icmpTypeCode & 0xff00) | (unsigned(set, at, length) & 0xff);
      return;
    case ELEMENT.sourceMacAddress:
      record.sourceMac = mac(set, at, length);
      return;
    case ELEMENT.destinationMacAddress:
    case ELEMENT.postDestinationMacAddress:
      if (record.destinationMac === '') record.destinationMac = mac(set, at, length);
      return;
    case ELEMENT.vlanId:
    case ELEMENT.dot1qVlanId:
      record.vlan = unsigned(set, at, length) & 0xfff;
      return;
    case ELEMENT.flowStartSysUpTime:
      uptime.start = unsigned(set, at, length);
      return;
    case ELEMENT.flowEndSysUpTime:
      uptime.last = unsigned(set, at, length);
      return;
    case ELEMENT.systemInitTimeMilliseconds:
      uptime.bootedAt = unsigned(set, at, length);
      return;
    case ELEMENT.flowStartSeconds:
      record.start = unsigned(set, at, length) * 1_000;
      return;
    case ELEMENT.flowEndSeconds:
      record.last = unsigned(set, at, length) * 1_000;
      return;
    case ELEMENT.flowStartMilliseconds:
      record.start = unsigned(set, at, length);
      return;
    case ELEMENT.flowEndMilliseconds:
      record.last = unsigned(set, at, length);
      return;
    case ELEMENT.flowStartMicroseconds:
    case ELEMENT.flowStartNanoseconds:
      record.start = ntpTime(set, at, length);
      return;
    case ELEMENT.flowEndMicroseconds:
    case ELEMENT.flowEndNanoseconds:
      record.last = ntpTime(set, at, length);
      return;
    case ELEMENT.flowStartDeltaMicroseconds:
      record.start = times.exportedAt - Math.floor(unsigned(set, at, length) / 1_000);
      return;
    case ELEMENT.flowEndDeltaMicroseconds:
      record.last = times.exportedAt - Math.floor(unsigned(set, at, length) / 1_000);
  }
}

function readReverse(set: Buffer, at: number, length: number, element: number, record: FlowRecord): void {
  if (element === ELEMENT.octetDeltaCount || element === ELEMENT.octetTotalCount) record.reverseBytes = unsigned(set, at, length);
  if (element === ELEMENT.packetDeltaCount || element === ELEMENT.packetTotalCount) record.reversePackets = unsigned(set, at, length);
}

/** A number of up to eight bytes (RFC 7011 §6.2 lets exporters shorten them); 0 for what is none. */
function unsigned(set: Buffer, at: number, length: number): number {
  if (length === 0 || length > 8) return 0;
  if (length <= 6) return set.readUIntBE(at, length);
  let value = 0n;
  for (let index = 0; index < length; index++) value = (value << 8n) | BigInt(set[at + index]!);
  return Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : value);
}

/** NTP's form, RFC 7011 §6.1.9: seconds and a fraction of 32 bits each. */
function ntpTime(set: Buffer, at: number, length: number): number {
  if (length !== 8) return 0;
  return Math.max(0, (set.readUInt32BE(at) - NTP_EPOCH) * 1_000 + Math.floor((set.readUInt32BE(at + 4) * 1_000) / 2 ** 32));
}

/** Exporters that have one template for both families leave the other one's addresses zero. */
function hasAddress(set: Buffer, at: number, length: number): boolean {
  if (length !== 4 && length !== 16) return false;
  for (let index = 0; index < length; index++) if (set[at + index] !== 0) return true;
  return false;
}

const address = (set: Buffer, at: number, length: number): string =>
  length === 4
    ? `${set[at]}.${set[at + 1]}.${set[at + 2]}.${set[at + 3]}`
    : ipaddr.fromByteArray([...set.subarray(at, at + length)]).toString();

function mac(set: Buffer, at: number, length: number): string {
  if (length !== 6) return '';
  const text = set.toString('hex', at, at + 6);
  return text === '000000000000' ? '' : text.replace(/..(?!$)/g, '$&:');
}
