/** The Internet checksum, RFC 1071: the complement of the sum of all 16-bit words. */

/** Sum of the words of these bytes, an odd last one filled up with zero; added to what was summed before. */
export function sumWords(bytes: Buffer, before = 0): number {
  let sum = before;
  const even = bytes.length & ~1;
  for (let at = 0; at < even; at += 2) sum += bytes.readUInt16BE(at);
  return even === bytes.length ? sum : sum + (bytes[even]! << 8);
}

/** What stands in the header for a sum. */
export function checksumOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return ~folded & 0xffff;
}
