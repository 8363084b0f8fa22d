/** Ethernet II and IEEE 802.3: two addresses and a type, or a length below 0x600 with LLC behind it. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';

const HEADER_LENGTH = 14;
const FIRST_ETHER_TYPE = 0x600;

export function decodeEthernet(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.Ethernet);
  const slice = at.slice;
  if (slice.path === 0) slice.startsWithEthernet = true;
  if (!slice.hasMac) {
    slice.hasMac = true;
    slice.targetMacHigh = at.i32(0);
    slice.targetMacLow = at.u16(4);
    slice.sourceMacHigh = at.i32(6);
    slice.sourceMacLow = at.u16(10);
  }
  const type = at.u16(12);
  if (!at.layer(LAYER.Ethernet, HEADER_LENGTH)) return STOP;
  if (type >= FIRST_ETHER_TYPE) return BY_ETHER_TYPE[type]!;
  at.limit(type);
  return LAYER.LLC;
}
