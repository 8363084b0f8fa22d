/** EAP over LAN (IEEE 802.1X), its keys, and EAP (RFC 3748). */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const HEADER_LENGTH = 4;
const TYPE_EAP = 0;
const TYPE_KEY = 3;
const KEY_LENGTH = 95;

export function decodeEapol(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.EAPOL);
  const type = at.u8(1);
  if (!at.layer(LAYER.EAPOL, HEADER_LENGTH)) return STOP;
  return type === TYPE_EAP ? LAYER.EAP : type === TYPE_KEY ? LAYER.EAPOLKey : STOP;
}

export function decodeEapolKey(at: Cursor): number {
  if (at.remaining < KEY_LENGTH || at.remaining < KEY_LENGTH + at.u16(KEY_LENGTH - 2)) return at.broken(LAYER.EAPOLKey);
  at.layer(LAYER.EAPOLKey, KEY_LENGTH);
  return STOP;
}

export function decodeEap(at: Cursor, insideRadius: boolean): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.EAP);
  const length = at.u16(2);
  if (length < HEADER_LENGTH || (length > at.remaining && !insideRadius)) return at.broken(LAYER.EAP);
  at.layer(LAYER.EAP, HEADER_LENGTH);
  return STOP;
}
