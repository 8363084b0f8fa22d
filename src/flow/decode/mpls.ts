/** MPLS label stacks, RFC 3032. The bottom label does not say what follows: it is guessed from the first bytes. */

import type { Cursor } from './cursor.js';
import { looksLikeIpv4 } from './ipv4.js';
import { looksLikeIpv6 } from './ipv6.js';
import { LAYER, STOP } from './layers.js';

const LABEL_LENGTH = 4;
const BOTTOM_OF_STACK = 0x01;

export function decodeMpls(at: Cursor): number {
  if (at.remaining < LABEL_LENGTH) return at.broken(LAYER.MPLS);
  const bottom = (at.u8(2) & BOTTOM_OF_STACK) !== 0;
  if (!at.layer(LAYER.MPLS, LABEL_LENGTH) || !at.cut()) return STOP;
  return bottom ? LAYER.MPLSPayload : LAYER.MPLS;
}

export function guessMplsPayload(at: Cursor): number {
  if (looksLikeIpv4(at)) return LAYER.IPv4;
  return looksLikeIpv6(at) ? LAYER.IPv6 : LAYER.Ethernet;
}
