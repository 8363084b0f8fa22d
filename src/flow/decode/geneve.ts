/** Geneve, RFC 8926 §3.4: eight bytes and options in units of four. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';

const FIXED_LENGTH = 8;

export function decodeGeneve(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH) return at.broken(LAYER.Geneve);
  const length = FIXED_LENGTH + (at.u8(0) & 0x3f) * 4;
  if (length > at.remaining) return at.broken(LAYER.Geneve);
  const protocol = at.u16(2);
  at.slice.networkId = at.u24(4);
  at.slice.keyedByTunnel = true;
  return at.layer(LAYER.Geneve, length) && at.cut() ? BY_ETHER_TYPE[protocol]! : STOP;
}
