/** IPsec: authentication header (RFC 4302) and encrypted payload (RFC 4303); EtherIP (RFC 3378); RUDP (RFC 908). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { BY_IP_PROTOCOL } from './numbers.js';

const AH_FIXED_LENGTH = 12;

export function decodeAh(at: Cursor): number {
  if (at.remaining < AH_FIXED_LENGTH) return at.broken(LAYER.IPSecAH);
  const length = (at.u8(1) + 2) * 4;
  if (length < AH_FIXED_LENGTH || at.remaining < length) return at.broken(LAYER.IPSecAH);
  const next = at.u8(0);
  return at.layer(LAYER.IPSecAH, length) ? BY_IP_PROTOCOL[next]! : STOP;
}

const ESP_LENGTH = 8;

export function decodeEsp(at: Cursor): number {
  if (at.remaining < ESP_LENGTH) return at.broken(LAYER.IPSecESP);
  at.layer(LAYER.IPSecESP, at.remaining);
  return STOP;
}

const ETHERIP_LENGTH = 2;

export function decodeEtherIp(at: Cursor): number {
  if (at.remaining < ETHERIP_LENGTH) return at.broken(LAYER.EtherIP);
  return at.layer(LAYER.EtherIP, ETHERIP_LENGTH) ? LAYER.Ethernet : STOP;
}

const RUDP_LENGTH = 18;

export function decodeRudp(at: Cursor): number {
  const length = at.remaining < RUDP_LENGTH ? 0 : at.u8(1) * 2;
  if (length < RUDP_LENGTH || length + at.u16(4) > at.remaining) return at.broken(LAYER.RUDP);
  at.layer(LAYER.RUDP, length);
  return STOP;
}
