/**
 * The table's own hash of a conversation: the same from either side, with a seed that nobody knows, so that nobody can make two
 * conversations meet. Small functions over numbers, because every packet goes through them.
 */

/** One end of a conversation: its port and MAC, 0 where they are not part of the key, and its IPv4 address or what `foldAddress` makes of another. */
export function endHash(seed: number, port: number, macHigh: number, macLow: number, address: number): number {
  // The words are taken in one after the other: those that were put together at once could make up for each other.
  const byMac = Math.imul(seed ^ macHigh, 0x9e3779b1);
  const byAddress = Math.imul(byMac ^ (byMac >>> 15) ^ address, 0x85ebca6b);
  const byPort = Math.imul(byAddress ^ (byAddress >>> 13) ^ ((macLow << 16) | port), 0xc2b2ae35);
  return byPort ^ (byPort >>> 16);
}

/** One word of the four of an IPv6 address. */
export function foldAddress(seed: number, word0: number, word1: number, word2: number, word3: number): number {
  const first = Math.imul(word0 ^ seed, 0xc2b2ae35);
  const second = Math.imul(first ^ (first >>> 15) ^ word1, 0x27d4eb2f);
  const third = Math.imul(second ^ (second >>> 13) ^ word2, 0x9e3779b1);
  return third ^ (third >>> 16) ^ word3;
}

/** Both ends together, in any order, with what else is in the key. `other` is 0 for most: ICMP's word and the tunnel's number. */
export function conversationHash(end: number, otherEnd: number, kind: number, parent: number, other: number): number {
  const byEnds = Math.imul(((end + otherEnd) | 0) ^ kind, 0x85ebca6b);
  const byParent = Math.imul(byEnds ^ (byEnds >>> 15) ^ parent, 0xc2b2ae35);
  const hash = Math.imul(byParent ^ (byParent >>> 13) ^ other, 0x27d4eb2f);
  return hash ^ (hash >>> 16);
}
