/** ARP, RFC 826. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const FIXED_LENGTH = 8;

export function decodeArp(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH || at.remaining < FIXED_LENGTH + 2 * at.u8(4) + 2 * at.u8(5)) return at.broken(LAYER.ARP);
  at.layer(LAYER.ARP, FIXED_LENGTH);
  return STOP;
}
