/** TCP, RFC 9293. Its data is never decoded. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ENDPOINT } from './slice.js';

const FIXED_LENGTH = 20;
const OPTION_END = 0;
const OPTION_NOP = 1;

function optionsAreWhole(at: Cursor, headerLength: number): boolean {
  for (let option = FIXED_LENGTH; option < headerLength;) {
    const kind = at.u8(option);
    if (kind === OPTION_END) return true;
    if (kind === OPTION_NOP) {
      option++;
      continue;
    }
    if (option + 1 >= headerLength) return false;
    const length = at.u8(option + 1);
    if (length < 2 || option + length > headerLength) return false;
    option += length;
  }
  return true;
}

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
    headerLength >= FIXED_LENGTH && headerLength <= at.remaining && (headerLength === FIXED_LENGTH || optionsAreWhole(at, headerLength));
  at.layer(LAYER.TCP, FIXED_LENGTH);
  return whole ? STOP : at.broken(LAYER.TCP);
}
