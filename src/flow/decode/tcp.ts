/** TCP, RFC 9293. Its data is never decoded. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { optionsAreWhole } from './options.js';
import { ENDPOINT } from './slice.js';

const FIXED_LENGTH = 20;
/** Bytes of the shortest option with a length: its kind and its length. */
const LEAST_OPTION = 2;

export function decodeTcp(at: Cursor): number {
  if (at.remaining < FIXED_LENGTH) return at.broken(LAYER.TCP);
  const headerLength = (at.u8(12) >> 4) * 4;
  const slice = at.slice;
  if (slice.transport === 0) {
    slice.transport = ENDPOINT.tcp;
    slice.sourcePort = at.u16(0);
    slice.targetPort = at.u16(2);
    slice.tcpFlags = at.u8(13);
    slice.tcpSequence = at.i32(4);
    slice.tcpDataAt = at.position + headerLength;
    slice.tcpDataLength = Math.max(0, at.wholeEnd - at.position - headerLength);
  }
  const whole =
    headerLength >= FIXED_LENGTH &&
    headerLength <= at.remaining &&
    (headerLength === FIXED_LENGTH || optionsAreWhole(at, FIXED_LENGTH, headerLength, LEAST_OPTION));
  at.layer(LAYER.TCP, FIXED_LENGTH);
  return whole ? STOP : at.broken(LAYER.TCP);
}
