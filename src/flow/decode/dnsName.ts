/** Domain names in DNS messages, RFC 1035 §4.1.4: labels, or a pointer to labels elsewhere in the message. */

const POINTER = 0xc0;
const MAX_NAME_LENGTH = 255;

/** Pointers that are followed: a longer chain is a trap. */
const MAX_POINTERS = 64;

/**
 * Walks a name of the message `start` to `end` and answers the position behind it, or -1 when it is damaged. Labels go to `labels`, as
 * bytes of the Latin alphabet, when it is given.
 */
export function walkName(bytes: Uint8Array, start: number, end: number, from: number, labels?: string[]): number {
  let at = from;
  let behind = -1;
  let pointers = 0;
  let length = 0;
  for (;;) {
    if (at >= end) return -1;
    const head = bytes[at]!;
    if (head === 0) return behind < 0 ? at + 1 : behind;
    if ((head & POINTER) === POINTER) {
      if (at + 2 > end || ++pointers > MAX_POINTERS) return -1;
      if (behind < 0) behind = at + 2;
      at = start + (((head & ~POINTER) << 8) | bytes[at + 1]!);
    } else {
      if ((head & POINTER) !== 0 || at + 1 + head > end || (length += head + 1) > MAX_NAME_LENGTH) return -1;
      labels?.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + head)));
      at += head + 1;
    }
  }
}
