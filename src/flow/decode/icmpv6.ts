/** ICMPv6 (RFC 4443), neighbour discovery (RFC 4861) and multicast listener discovery (RFC 2710, RFC 3810). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ECHO } from './slice.js';

const HEADER_LENGTH = 4;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const LISTENER_QUERY = 130;

/** Skydive's number for each type, 0 for unknown. */
const KIND = new Uint8Array(256);
KIND[1] = 1;
KIND[2] = 12;
KIND[3] = 10;
KIND[4] = 6;
KIND[ECHO_REQUEST] = KIND[ECHO_REPLY] = 2;
KIND[133] = KIND[134] = 8;
KIND[135] = KIND[136] = 3;
KIND[137] = 7;

/** Number of Skydive's for echo. */
const KIND_ECHO = 2;

/** Layer behind each type. */
const NEXT = new Uint8Array(256);
NEXT[ECHO_REQUEST] = NEXT[ECHO_REPLY] = LAYER.ICMPv6Echo;
NEXT[131] = LAYER.MLDv1MulticastListenerReport;
NEXT[132] = LAYER.MLDv1MulticastListenerDone;
NEXT[133] = LAYER.ICMPv6RouterSolicitation;
NEXT[134] = LAYER.ICMPv6RouterAdvertisement;
NEXT[135] = LAYER.ICMPv6NeighborSolicitation;
NEXT[136] = LAYER.ICMPv6NeighborAdvertisement;
NEXT[137] = LAYER.ICMPv6Redirect;
NEXT[143] = LAYER.MLDv2MulticastListenerReport;

/** A query that is longer than this is one of version 2. */
const LISTENER_QUERY_V1_LENGTH = 20;

export function decodeIcmpv6(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.ICMPv6);
  const slice = at.slice;
  const type = at.u8(0);
  if (!slice.hasIcmp) {
    slice.hasIcmp = true;
    if (type === ECHO_REQUEST || type === ECHO_REPLY) {
      slice.icmp = (KIND_ECHO << 24) | (at.remaining >= HEADER_LENGTH + 2 ? at.u16(4) : 0);
      slice.echo = type === ECHO_REQUEST ? ECHO.request : ECHO.reply;
    } else {
      slice.icmp = (KIND[type]! << 24) | (at.u8(1) << 16);
    }
  }
  if (!at.layer(LAYER.ICMPv6, HEADER_LENGTH)) return STOP;
  if (type !== LISTENER_QUERY) return NEXT[type]!;
  return at.remaining > LISTENER_QUERY_V1_LENGTH ? LAYER.MLDv2MulticastListenerQuery : LAYER.MLDv1MulticastListenerQuery;
}

/** Bytes before the options of each message. */
const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [LAYER.ICMPv6RouterSolicitation, 4],
  [LAYER.ICMPv6RouterAdvertisement, 12],
  [LAYER.ICMPv6NeighborSolicitation, 20],
  [LAYER.ICMPv6NeighborAdvertisement, 20],
  [LAYER.ICMPv6Redirect, 36],
]);

/** Echo and the messages of neighbour discovery: fixed fields, then options in units of eight bytes. */
export function decodeIcmpv6Message(at: Cursor, layer: number): number {
  const fixed = FIXED_LENGTHS.get(layer) ?? 4;
  if (at.remaining < fixed) return at.broken(layer);
  if (layer !== LAYER.ICMPv6Echo) {
    for (let option = fixed; option < at.remaining;) {
      const length = option + 1 < at.remaining ? at.u8(option + 1) * 8 : 0;
      if (length === 0 || option + length > at.remaining) return at.broken(layer);
      option += length;
    }
  }
  at.layer(layer, fixed);
  return STOP;
}

/** Messages of multicast listener discovery. */
export function decodeListenerMessage(at: Cursor, layer: number): number {
  if (!listenerMessageIsWhole(at, layer)) return at.broken(layer);
  at.layer(layer, at.remaining);
  return STOP;
}

const V2_QUERY_LENGTH = 24;
const V2_RECORD_LENGTH = 20;
const ADDRESS_LENGTH = 16;

function listenerMessageIsWhole(at: Cursor, layer: number): boolean {
  if (layer === LAYER.MLDv2MulticastListenerQuery) {
    return at.remaining >= V2_QUERY_LENGTH && at.remaining >= V2_QUERY_LENGTH + at.u16(22) * ADDRESS_LENGTH;
  }
  if (layer !== LAYER.MLDv2MulticastListenerReport) return at.remaining >= LISTENER_QUERY_V1_LENGTH;
  if (at.remaining < 4) return false;
  let record = 4;
  for (let count = at.u16(2); count > 0; count--) {
    if (record + V2_RECORD_LENGTH > at.remaining) return false;
    record += V2_RECORD_LENGTH + at.u16(record + 2) * ADDRESS_LENGTH + at.u8(record + 1) * 4;
    if (record > at.remaining) return false;
  }
  return true;
}
