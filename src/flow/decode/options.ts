import type { Cursor } from './cursor.js';

/** Option kinds without a length, the same in IPv4 (RFC 791) and TCP (RFC 9293). */
const END = 0;
const NO_OPERATION = 1;

/** Whether the options between the fixed part and the end of the header can be walked through; each with a length is at least `leastLength` bytes long. */
export function optionsAreWhole(at: Cursor, fixedLength: number, headerLength: number, leastLength: number): boolean {
  for (let option = fixedLength; option < headerLength;) {
    const kind = at.u8(option);
    if (kind === END) return true;
    if (kind === NO_OPERATION) {
      option++;
      continue;
    }
    if (option + 1 >= headerLength) return false;
    const length = at.u8(option + 1);
    if (length < leastLength || option + length > headerLength) return false;
    option += length;
  }
  return true;
}
