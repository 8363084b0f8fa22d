/** IPv4, RFC 791. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_IP_PROTOCOL } from './numbers.js';
import { optionsAreWhole } from './options.js';
import { ENDPOINT } from './slice.js';

const FIXED_LENGTH = 20;
const MORE_FRAGMENTS_OR_OFFSET = 0x3fff;
/** Bytes of the shortest option with a length: one that says 2 holds nothing, and is taken for damage. */
const LEAST_OPTION = 3;

/** Whether a header at the cursor could be IPv4's: MPLS does not say what it carries. */
export function looksLikeIpv4(at: Cursor): boolean {
  if (at.remaining < FIXED_LENGTH || at.u8(0) >> 4 !== 4) return false;
  const headerLength = (at.u8(0) & 0x0f) * 4;
  return (
    headerLength >= FIXED_LENGTH &&
    headerLength <= at.u16(2) &&
    headerLength <= at.remaining &&
    optionsAreWhole(at, FIXED_LENGTH, headerLength, LEAST_OPTION)
  );
}

export function decodeIpv4(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH) return at.broken(LAYER.IPv4);
  const slice = at.slice;
  const headerLength = (at.u8(0) & 0x0f) * 4;
  // A length of 0 is left by network cards that cut a large packet up themselves: it is all that there is.
  const declared = at.u16(2);
  const length = declared === 0 ? at.wholeEnd - at.position : declared;
  const fragment = (at.u16(6) & MORE_FRAGMENTS_OR_OFFSET) !== 0;
  if (slice.network === 0) {
    slice.network = ENDPOINT.ipv4;
    slice.source0 = at.i32(12);
    slice.target0 = at.i32(16);
    slice.datagramLength = declared;
    slice.hopLimit = at.u8(8);
    if (fragment) slice.fragmentAt = at.position;
  }
  const protocol = at.u8(9);
  if (
    headerLength < FIXED_LENGTH ||
    length < headerLength ||
    headerLength > at.remaining ||
    !optionsAreWhole(at, FIXED_LENGTH, headerLength, LEAST_OPTION)
  ) {
    at.layer(LAYER.IPv4, FIXED_LENGTH);
    return at.broken(LAYER.IPv4);
  }
  at.limit(length);
  if (!at.layer(LAYER.IPv4, headerLength)) return STOP;
  if (fragment && at.reassembled) {
    at.reassembled = false;
    return at.layer(LAYER.Fragment, 0) ? BY_IP_PROTOCOL[protocol]! : STOP;
  }
  return fragment ? LAYER.Fragment : BY_IP_PROTOCOL[protocol]!;
}

/** A part of a datagram: what is in it cannot be told. */
export function decodeFragment(at: Cursor): number {
  at.layer(LAYER.Fragment, 0);
  return STOP;
}
