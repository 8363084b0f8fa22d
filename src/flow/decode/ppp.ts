/** PPP (RFC 1661) and PPP over Ethernet (RFC 2516). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { byPppProtocol } from './numbers.js';

const ADDRESS_AND_CONTROL = 0xff03;
const PPPOE_HEADER_LENGTH = 6;
const PPPOE_SESSION = 0;

export function decodePpp(at: Cursor): number {
  if (at.remaining < 2) return at.broken(LAYER.PPP);
  let length = at.u16(0) === ADDRESS_AND_CONTROL ? 2 : 0;
  if (at.remaining < length + 2) return at.broken(LAYER.PPP);
  // A first byte that is odd is a protocol number of one byte (RFC 1661 §6.5).
  const short = (at.u8(length) & 1) === 1;
  if (!short && (at.u8(length + 1) & 1) === 0) return at.broken(LAYER.PPP);
  const protocol = short ? at.u8(length) : at.u16(length);
  length += short ? 1 : 2;
  return at.layer(LAYER.PPP, length) ? byPppProtocol(protocol) : STOP;
}

export function decodePppoe(at: Cursor): number {
  if (at.remaining < PPPOE_HEADER_LENGTH) return at.broken(LAYER.PPPoE);
  const code = at.u8(1);
  at.limit(PPPOE_HEADER_LENGTH + at.u16(4));
  return at.layer(LAYER.PPPoE, PPPOE_HEADER_LENGTH) && code === PPPOE_SESSION ? LAYER.PPP : STOP;
}
