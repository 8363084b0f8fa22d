/** ICMP, RFC 792. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ECHO } from './slice.js';

const HEADER_LENGTH = 8;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;

/** Skydive's number for each type; requests and replies share one, so that both directions are one flow. 0 is unknown. */
const KIND = new Uint8Array(256);
KIND[ECHO_REPLY] = KIND[ECHO_REQUEST] = 2;
KIND[3] = 1;
KIND[4] = 9;
KIND[5] = 7;
KIND[9] = KIND[10] = 8;
KIND[11] = 10;
KIND[12] = 6;
KIND[13] = KIND[14] = 11;
KIND[15] = KIND[16] = 5;
KIND[17] = KIND[18] = 4;

export function decodeIcmpv4(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.ICMPv4);
  const slice = at.slice;
  if (!slice.hasIcmp) {
    const type = at.u8(0);
    slice.hasIcmp = true;
    slice.icmp = (KIND[type]! << 24) | (at.u8(1) << 16) | at.u16(4);
    slice.echo = type === ECHO_REQUEST ? ECHO.request : type === ECHO_REPLY ? ECHO.reply : ECHO.none;
  }
  at.layer(LAYER.ICMPv4, HEADER_LENGTH);
  return STOP;
}
