/** VXLAN, RFC 7348 §5: eight bytes between UDP and the inner Ethernet frame. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const HEADER_LENGTH = 8;

export function decodeVxlan(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.VXLAN);
  at.slice.networkId = at.u24(4);
  at.slice.keyedByTunnel = true;
  return at.layer(LAYER.VXLAN, HEADER_LENGTH) && at.cut() ? LAYER.Ethernet : STOP;
}
