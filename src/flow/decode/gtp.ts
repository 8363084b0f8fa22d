/** GTP-U version 1, 3GPP TS 29.281 §5: IP packets or PPP frames of mobile subscribers. Its inside belongs to the same flow. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const FIXED_LENGTH = 8;
const OPTIONAL_LENGTH = 4;
const HAS_OPTIONAL = 0x07;
const HAS_EXTENSIONS = 0x04;

export function decodeGtp(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH || at.remaining < FIXED_LENGTH + at.u16(2)) return at.broken(LAYER.GTPv1U);
  const flags = at.u8(0);
  let length = FIXED_LENGTH;
  if ((flags & HAS_OPTIONAL) !== 0) {
    length += OPTIONAL_LENGTH;
    if (at.remaining < length) return at.broken(LAYER.GTPv1U);
    // Each extension ends with the type of the next.
    let more = (flags & HAS_EXTENSIONS) !== 0 && at.u8(length - 1) !== 0;
    while (more) {
      const units = at.remaining > length ? at.u8(length) : 0;
      if (units === 0 || at.remaining < length + units * 4) return at.broken(LAYER.GTPv1U);
      length += units * 4;
      more = at.u8(length - 1) !== 0;
    }
  }
  if (!at.layer(LAYER.GTPv1U, length) || at.remaining === 0) return STOP;
  const version = at.u8(0) >> 4;
  return version === 4 ? LAYER.IPv4 : version === 6 ? LAYER.IPv6 : LAYER.PPP;
}
