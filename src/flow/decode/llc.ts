/** LLC (IEEE 802.2), SNAP and spanning tree (IEEE 802.1D). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';

const SNAP_HEADER_LENGTH = 5;
const SNAP_POINT = 0xaa;
const SPANNING_TREE_POINT = 0x42;

export function decodeLlc(at: Cursor): number {
  if (at.remaining < 3) return at.broken(LAYER.LLC);
  const target = at.u8(0) & 0xfe;
  const source = at.u8(1) & 0xfe;
  // Unnumbered frames have one byte of control, the others two.
  const length = (at.u8(2) & 0x03) === 0x03 ? 3 : 4;
  if (at.remaining < length) return at.broken(LAYER.LLC);
  if (!at.layer(LAYER.LLC, length)) return STOP;
  if (target === SNAP_POINT && source === SNAP_POINT) return LAYER.SNAP;
  return target === SPANNING_TREE_POINT && source === SPANNING_TREE_POINT ? LAYER.STP : STOP;
}

export function decodeSnap(at: Cursor): number {
  if (at.remaining < SNAP_HEADER_LENGTH) return at.broken(LAYER.SNAP);
  const type = at.u16(3);
  return at.layer(LAYER.SNAP, SNAP_HEADER_LENGTH) ? BY_ETHER_TYPE[type]! : STOP;
}
