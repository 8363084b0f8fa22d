/** RADIUS, RFC 2865 §3, and EAP inside it, RFC 3579. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const FIXED_LENGTH = 20;
const MAX_LENGTH = 4096;
const EAP_MESSAGE = 79;
const ATTRIBUTE_HEADER_LENGTH = 2;

export function decodeRadius(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH || at.remaining > MAX_LENGTH) return at.broken(LAYER.RADIUS);
  const length = at.u16(2);
  if (length < FIXED_LENGTH || length > at.remaining) return at.broken(LAYER.RADIUS);
  let eapAt = 0;
  let eapEnd = 0;
  for (let attribute = FIXED_LENGTH; attribute < length;) {
    const size = attribute + ATTRIBUTE_HEADER_LENGTH <= length ? at.u8(attribute + 1) : 0;
    if (size < ATTRIBUTE_HEADER_LENGTH || attribute + size > length) return at.broken(LAYER.RADIUS);
    if (eapAt === 0 && at.u8(attribute) === EAP_MESSAGE && size > ATTRIBUTE_HEADER_LENGTH) {
      eapAt = attribute + ATTRIBUTE_HEADER_LENGTH;
      eapEnd = attribute + size;
    }
    attribute += size;
  }
  if (eapAt === 0) {
    at.layer(LAYER.RADIUS, length);
    return STOP;
  }
  // A message that is cut into several attributes tells its kind in the first.
  at.limit(eapEnd);
  return at.layer(LAYER.RADIUS, eapAt) ? LAYER.EAP : STOP;
}
