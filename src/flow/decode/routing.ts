/** What routers say to each other: IGMP (RFC 2236, RFC 3376), OSPF (RFC 2328, RFC 5340), VRRP (RFC 3768), BFD (RFC 5880). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const IGMP_LENGTH = 8;
const IGMP_V3_QUERY_LENGTH = 12;
const IGMP_QUERY = 0x11;
const IGMP_V1_REPORT = 0x12;
const IGMP_V2_REPORT = 0x16;
const IGMP_LEAVE = 0x17;
const IGMP_V3_REPORT = 0x22;

export function decodeIgmp(at: Cursor): number {
  const type = at.u8(0);
  const known = type === IGMP_QUERY || type === IGMP_V1_REPORT || type === IGMP_V2_REPORT || type === IGMP_LEAVE || type === IGMP_V3_REPORT;
  if (!known) return STOP;
  const length = at.remaining;
  // Lengths between those of versions 2 and 3 are neither.
  const whole =
    type === IGMP_QUERY ? length === IGMP_LENGTH || length >= IGMP_V3_QUERY_LENGTH : type === IGMP_V3_REPORT || length >= IGMP_LENGTH;
  if (!whole) return at.broken(LAYER.IGMP);
  at.layer(LAYER.IGMP, length);
  return STOP;
}

const OSPF_V2_LENGTH = 24;
const OSPF_V3_LENGTH = 16;

export function decodeOspf(at: Cursor): number {
  const version = at.u8(0);
  if (version !== 2 && version !== 3) return at.broken(LAYER.OSPF);
  if (at.remaining < (version === 2 ? OSPF_V2_LENGTH : OSPF_V3_LENGTH)) return at.broken(LAYER.OSPF);
  at.layer(LAYER.OSPF, at.remaining);
  return STOP;
}

const VRRP_LENGTH = 8;
const VRRP_ADVERTISEMENT = 1;
const ADDRESS_LENGTH = 4;

/** Version 3 is read as if it were version 2, as Skydive does. */
export function decodeVrrp(at: Cursor): number {
  if (at.remaining < VRRP_LENGTH || (at.u8(0) & 0x0f) !== VRRP_ADVERTISEMENT) return at.broken(LAYER.VRRP);
  const addresses = at.u8(3);
  if (addresses === 0 || at.remaining < VRRP_LENGTH + addresses * ADDRESS_LENGTH) return at.broken(LAYER.VRRP);
  at.slice.vrrpAt = at.position;
  at.layer(LAYER.VRRP, at.remaining);
  return STOP;
}

const BFD_LENGTH = 24;

export function decodeBfd(at: Cursor): number {
  if (at.remaining < BFD_LENGTH || at.u8(3) !== at.remaining) return at.broken(LAYER.BFD);
  at.layer(LAYER.BFD, at.remaining);
  return STOP;
}
