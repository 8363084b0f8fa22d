/** DNS, RFC 1035: whether a message is whole. `../layers/readDns.ts` reads it where the capture asks for it. */

import type { Cursor } from './cursor.js';
import { walkName } from './dnsName.js';
import { LAYER, STOP } from './layers.js';

export const DNS_HEADER_LENGTH = 12;
const QUESTION_LENGTH = 4;
const RECORD_LENGTH = 10;
const SOA_NUMBERS_LENGTH = 20;

/** Numbers of record types (IANA), as far as their data is looked into. */
export const DNS_TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  URI: 256,
} as const;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function textsAreWhole(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at < end) at += 1 + bytes[at]!;
  return at === end;
}

function optionsAreWhole(bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  while (at + 4 <= end) at += 4 + u16(bytes, at + 2);
  return at === end;
}

function dataIsWhole(bytes: Uint8Array, start: number, type: number, at: number, end: number): boolean {
  switch (type) {
    case DNS_TYPE.NS:
    case DNS_TYPE.CNAME:
    case DNS_TYPE.PTR:
      return walkName(bytes, start, end, at) >= 0;
    case DNS_TYPE.MX:
      return walkName(bytes, start, end, at + 2) >= 0;
    case DNS_TYPE.SRV:
      return walkName(bytes, start, end, at + 6) >= 0;
    case DNS_TYPE.SOA: {
      const behind = walkName(bytes, start, end, at);
      const numbers = behind < 0 ? -1 : walkName(bytes, start, end, behind);
      return numbers >= 0 && numbers + SOA_NUMBERS_LENGTH <= end;
    }
    case DNS_TYPE.TXT:
    case DNS_TYPE.HINFO:
      return textsAreWhole(bytes, at, end);
    case DNS_TYPE.OPT:
      return optionsAreWhole(bytes, at, end);
    case DNS_TYPE.URI:
      return end - at >= 4;
    default:
      return true;
  }
}

function messageIsWhole(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < DNS_HEADER_LENGTH) return false;
  let at = start + DNS_HEADER_LENGTH;
  for (let count = u16(bytes, start + 4); count > 0; count--) {
    at = walkName(bytes, start, end, at);
    if (at < 0 || at + QUESTION_LENGTH > end) return false;
    at += QUESTION_LENGTH;
  }
  for (let count = u16(bytes, start + 6) + u16(bytes, start + 8) + u16(bytes, start + 10); count > 0; count--) {
    at = walkName(bytes, start, end, at);
    if (at < 0 || at + RECORD_LENGTH > end) return false;
    const data = at + RECORD_LENGTH;
    const dataEnd = data + u16(bytes, at + 8);
    if (dataEnd > end || !dataIsWhole(bytes, start, u16(bytes, at), data, dataEnd)) return false;
    at = dataEnd;
  }
  return true;
}

export function decodeDns(at: Cursor): number {
  if (!messageIsWhole(at.bytes, at.position, at.end)) return at.broken(LAYER.DNS);
  if (at.slice.dnsAt === 0) {
    at.slice.dnsAt = at.position;
    at.slice.extraEnd = at.end;
  }
  at.layer(LAYER.DNS, at.remaining);
  return STOP;
}
