/** Linux cooked captures, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2), and BSD's loopback header (LINKTYPE_NULL). */

import type { Cursor } from './cursor.js';
import { LAYER } from './layers.js';
import { BY_ETHER_TYPE } from './numbers.js';

const V1_LENGTH = 16;
const V2_LENGTH = 20;
const LOOPBACK_LENGTH = 4;

/** The header has no name in the path, and no pair of addresses: it makes no link layer. */
function takeCookedHeader(at: Cursor, length: number, typeAt: number): number {
  if (at.remaining < length) return at.broken(LAYER['Linux SLL']);
  const type = at.u16(typeAt);
  at.position += length;
  at.slice.begin(at.position);
  return type < 0x600 ? LAYER.LLC : BY_ETHER_TYPE[type]!;
}

export const decodeCookedV1 = (at: Cursor): number => takeCookedHeader(at, V1_LENGTH, 14);
export const decodeCookedV2 = (at: Cursor): number => takeCookedHeader(at, V2_LENGTH, 0);

/** Address families: 2 is IPv4 everywhere; IPv6 has another number on each system. */
export function decodeLoopback(at: Cursor): number {
  if (at.remaining < LOOPBACK_LENGTH) return at.broken(LAYER.Loopback);
  // In the byte order of the machine that captured.
  const family = at.u16(0) === 0 ? at.u16(2) : at.u8(0) | (at.u8(1) << 8);
  if (!at.layer(LAYER.Loopback, LOOPBACK_LENGTH)) return 0;
  if (family === 2) return LAYER.IPv4;
  return family === 10 || family === 24 || family === 28 || family === 30 ? LAYER.IPv6 : 0;
}
