/** IPv6 and its extension headers, RFC 8200. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_IP_PROTOCOL } from './numbers.js';
import { ENDPOINT } from './slice.js';

const HEADER_LENGTH = 40;
const FRAGMENT_HEADER_LENGTH = 8;
const OPTION_PAD1 = 0;

/** The only routing header that is read further; the others end the path. */
const SOURCE_ROUTE = 0;

export function looksLikeIpv6(at: Cursor): boolean {
  return at.remaining >= HEADER_LENGTH && at.u8(0) >> 4 === 6 && at.u16(4) !== 0;
}

export function decodeIpv6(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.IPv6);
  const slice = at.slice;
  const payloadLength = at.u16(4);
  if (slice.network === 0) {
    slice.network = ENDPOINT.ipv6;
    slice.source0 = at.i32(8);
    slice.source1 = at.i32(12);
    slice.source2 = at.i32(16);
    slice.source3 = at.i32(20);
    slice.target0 = at.i32(24);
    slice.target1 = at.i32(28);
    slice.target2 = at.i32(32);
    slice.target3 = at.i32(36);
    slice.datagramLength = payloadLength === 0 ? 0 : HEADER_LENGTH + payloadLength;
    slice.hopLimit = at.u8(7);
  }
  // 0 is a jumbogram, or a large packet that the network card will cut up: it is all that there is.
  if (payloadLength !== 0) at.limit(HEADER_LENGTH + payloadLength);
  const next = at.u8(6);
  return at.layer(LAYER.IPv6, HEADER_LENGTH) ? BY_IP_PROTOCOL[next]! : STOP;
}

/** Length of an extension header in bytes; 0 when it is cut. */
function extensionLength(at: Cursor): number {
  if (at.remaining < 2) return 0;
  const length = at.u8(1) * 8 + 8;
  return length <= at.remaining ? length : 0;
}

/** Hop-by-hop and destination options: the header counts even where an option in it is damaged. */
export function decodeIpv6Options(at: Cursor, layer: number): number {
  const length = extensionLength(at);
  if (length === 0) return at.broken(layer);
  const next = at.u8(0);
  let whole = true;
  for (let option = 2; option < length;) {
    if (at.u8(option) === OPTION_PAD1) option++;
    else if (option + 1 < at.remaining && option + 2 + at.u8(option + 1) <= at.remaining) option += 2 + at.u8(option + 1);
    else {
      whole = false;
      break;
    }
  }
  if (!at.layer(layer, length)) return STOP;
  return whole ? BY_IP_PROTOCOL[next]! : at.broken(layer);
}

export function decodeIpv6Routing(at: Cursor): number {
  const length = extensionLength(at);
  if (length === 0) return at.broken(LAYER.IPv6Routing);
  if (at.u8(2) !== SOURCE_ROUTE) return STOP;
  if ((length - 8) % 16 !== 0) return at.broken(LAYER.IPv6Routing);
  const next = at.u8(0);
  return at.layer(LAYER.IPv6Routing, length) ? BY_IP_PROTOCOL[next]! : STOP;
}

export function decodeIpv6Fragment(at: Cursor): number {
  if (at.remaining < FRAGMENT_HEADER_LENGTH) return at.broken(LAYER.IPv6Fragment);
  return at.layer(LAYER.IPv6Fragment, FRAGMENT_HEADER_LENGTH) ? LAYER.Fragment : STOP;
}
