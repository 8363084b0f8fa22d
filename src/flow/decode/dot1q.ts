/** IEEE 802.1Q and 802.1ad (QinQ): a tag between the addresses and the type. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';
import type { Slice } from './slice.js';

const TAG_LENGTH = 4;
const VLAN_ID = 0xfff;

/** Tags that fit exactly into a number, 12 bits each. */
const MAX_FOLDED_TAGS = 4;

/** Puts a VLAN id behind those of the outer tags. */
export function foldTag(slice: Slice, vlanId: number): void {
  if (slice.tags < MAX_FOLDED_TAGS) slice.linkId += vlanId * 4096 ** slice.tags;
  slice.tags++;
}

export function decodeDot1q(at: Cursor): number {
  if (at.remaining < TAG_LENGTH) return at.broken(LAYER.Dot1Q);
  foldTag(at.slice, at.u16(0) & VLAN_ID);
  const type = at.u16(2);
  return at.layer(LAYER.Dot1Q, TAG_LENGTH) ? BY_ETHER_TYPE[type]! : STOP;
}

/** The tag that the kernel took out of a frame before the capture saw it: the outermost one. */
export function takeOutOfBandTag(at: Cursor, tag: number): void {
  foldTag(at.slice, tag & VLAN_ID);
  at.layer(LAYER.Dot1Q, 0);
}
