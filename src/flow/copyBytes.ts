/** A copy of its own. (`slice` of a `Buffer` shares its memory.) */
export const copyBytes = (bytes: Uint8Array, from: number, to: number): Uint8Array => new Uint8Array(bytes.subarray(from, to));
