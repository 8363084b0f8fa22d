/** UDP (RFC 768) and UDP-Lite (RFC 3828). What UDP carries is told by its ports, the target's before the source's. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ENDPOINT } from './slice.js';

const HEADER_LENGTH = 8;

export function decodeUdp(at: Cursor, layerByPort: Uint8Array): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.UDP);
  const sourcePort = at.u16(0);
  const targetPort = at.u16(2);
  const length = at.u16(4);
  const slice = at.slice;
  if (slice.transport === 0) {
    slice.transport = ENDPOINT.udp;
    slice.sourcePort = sourcePort;
    slice.targetPort = targetPort;
  }
  // 0 is a jumbogram: all that there is.
  if (length >= HEADER_LENGTH) at.limit(length);
  if (!at.layer(LAYER.UDP, HEADER_LENGTH)) return STOP;
  if (length !== 0 && length < HEADER_LENGTH) return at.broken(LAYER.UDP);
  const next = layerByPort[targetPort]!;
  return next !== 0 ? next : layerByPort[sourcePort]!;
}

/** Skydive gives flows of UDP-Lite no transport: they are told apart by address only. */
export function decodeUdpLite(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.UDPLite);
  at.layer(LAYER.UDPLite, HEADER_LENGTH);
  return STOP;
}
