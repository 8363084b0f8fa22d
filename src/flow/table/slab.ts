/** Rows of one slab, in bits: small tables stay small, large ones grow without being copied. */
const BITS = 12;

/** A row's slab is its number without the low bits, its place in it the low bits. */
export const SLAB = { bits: BITS, rows: 1 << BITS, mask: (1 << BITS) - 1 } as const;
