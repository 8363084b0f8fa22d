/** SIP, RFC 3261 §7: a first line and headers, as text. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const METHODS: ReadonlySet<string> = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK SUBSCRIBE NOTIFY PUBLISH INFO REFER MESSAGE UPDATE PING'.split(' '),
);
const VERSIONS: ReadonlySet<string> = new Set(['SIP/1.0', 'SIP/2.0']);
const INTEGER = /^[+-]?\d+$/;

/** Bytes of a message that are looked at: headers of a longer one are not checked to the end. */
const MAX_HEAD = 8192;

function firstLineIsValid(line: string): boolean {
  const [first = '', second = '', ...rest] = line.split(' ');
  if (rest.length === 0) return false;
  if (first.startsWith('SIP')) return VERSIONS.has(first.toUpperCase()) && INTEGER.test(second);
  return METHODS.has(first.toUpperCase()) && VERSIONS.has(rest.join(' ').toUpperCase());
}

function headerIsValid(line: string, isResponse: boolean): boolean {
  const colon = line.indexOf(':');
  if (colon < 0 || line.startsWith(' ') || line.startsWith('\t')) return true;
  const name = line.slice(0, colon).trim().toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (name === 'content-length') return INTEGER.test(value);
  if (name !== 'cseq') return true;
  const [number = '', method] = value.split(' ');
  return method === undefined || (INTEGER.test(number) && (!isResponse || METHODS.has(method.toUpperCase())));
}

export function decodeSip(at: Cursor): number {
  const head = Buffer.from(at.bytes.buffer, at.bytes.byteOffset + at.position, Math.min(at.remaining, MAX_HEAD)).toString('latin1');
  // What follows the last line feed is not a line yet.
  const lines = head.split('\n').slice(0, -1);
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/^[\r]+|[\r]+$/g, '');
    if (line === '') break;
    if (index === 0 ? !firstLineIsValid(line) : !headerIsValid(line, lines[0]!.startsWith('SIP'))) return at.broken(LAYER.SIP);
  }
  at.layer(LAYER.SIP, at.remaining);
  return STOP;
}
