/** Addresses between 32-bit words and text, in the forms that Skydive's answers have. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** `02:42:ac:11:00:02` from the high four bytes and the low two. */
export const macText = (high: number, low: number): string =>
  `${HEX[high >>> 24]!}:${HEX[(high >>> 16) & 0xff]!}:${HEX[(high >>> 8) & 0xff]!}:${HEX[high & 0xff]!}:${HEX[(low >>> 8) & 0xff]!}:${HEX[low & 0xff]!}`;

export const ipv4Text = (word: number): string => `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;

const MAPPED_IPV4 = 0xffff;

/** RFC 5952, but an IPv4 address that is mapped into IPv6 is written as IPv4. */
export function ipv6Text(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === MAPPED_IPV4) return ipv4Text(word3);
  const groups = [word0, word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
    start += length;
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return bestStart < 0 ? text(0, 8) : `${text(0, bestStart)}::${text(bestStart + bestLength, 8)}`;
}

/** The high four and the low two bytes of a MAC; zeros for what is none. */
export function macWords(text: string): readonly [high: number, low: number] {
  const bytes = text.split(':').map((byte) => parseInt(byte, 16) & 0xff);
  if (bytes.length !== 6) return [0, 0];
  const [a, b, c, d, e, f] = bytes as [number, number, number, number, number, number];
  return [(a << 24) | (b << 16) | (c << 8) | d, (e << 8) | f];
}

export function ipv4Word(text: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** Four words of an IPv6 address; an IPv4 address is the mapped one. */
export function ipv6Words(text: string): readonly [number, number, number, number] {
  const dotted = text.lastIndexOf('.') < 0 ? -1 : text.lastIndexOf(':') + 1;
  const word = dotted < 0 ? 0 : ipv4Word(text.slice(dotted));
  const plain =
    dotted < 0 ? text : `${dotted === 0 ? '::ffff:' : text.slice(0, dotted)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const groupsOf = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16) & 0xffff));
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const groups = [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
  const pair = (at: number): number => ((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0);
  return [pair(0), pair(2), pair(4), pair(6)];
}
