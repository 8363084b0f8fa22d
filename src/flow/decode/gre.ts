/** GRE, RFC 2784 and RFC 2890, with the routing of RFC 1701 and the acknowledgement of RFC 2637; ERSPAN type II inside it. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGEMENT = 0x0080;
const FIXED_LENGTH = 4;
const FIELD_LENGTH = 4;
const ERSPAN_HEADER_LENGTH = 8;

export function decodeGre(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH) return at.broken(LAYER.GRE);
  const flags = at.u16(0);
  const protocol = at.u16(2);
  let length = FIXED_LENGTH;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) length += FIELD_LENGTH;
  if ((flags & KEY) !== 0) {
    if (at.remaining < length + FIELD_LENGTH) return at.broken(LAYER.GRE);
    at.slice.networkId = at.i32(length);
    length += FIELD_LENGTH;
  }
  if ((flags & SEQUENCE) !== 0) length += FIELD_LENGTH;
  if ((flags & ROUTING) !== 0) {
    length = endOfRoutes(at, length);
    if (length < 0) return at.broken(LAYER.GRE);
  }
  if ((flags & ACKNOWLEDGEMENT) !== 0) length += FIELD_LENGTH;
  if (length > at.remaining) return at.broken(LAYER.GRE);
  if (!at.layer(LAYER.GRE, length)) return STOP;
  const next = BY_ETHER_TYPE[protocol]!;
  // A keepalive has protocol 0: it carries nothing, not LLC. MPLS is part of the same flow.
  if (protocol === 0) return STOP;
  return next === LAYER.MPLS || at.cut() ? next : STOP;
}

/** The position behind the source route entries, which end with an empty one; negative when they are cut. */
function endOfRoutes(at: Cursor, from: number): number {
  for (let entry = from; entry + FIELD_LENGTH <= at.remaining;) {
    const length = at.u8(entry + 3);
    entry += FIELD_LENGTH + length;
    if (at.u16(entry - length - FIELD_LENGTH) === 0 && length === 0) return entry;
  }
  return -1;
}

/** ERSPAN type II: eight bytes before the mirrored frame, without a name in the path. */
export function decodeErspan(at: Cursor): number {
  if (at.remaining < ERSPAN_HEADER_LENGTH) return at.broken(LAYER['ERSPAN Type II']);
  at.position += ERSPAN_HEADER_LENGTH;
  if (at.slice.path === 0) at.slice.begin(at.position);
  return LAYER.Ethernet;
}
