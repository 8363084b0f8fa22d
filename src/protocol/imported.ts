/** Headers of the answer to `POST /api/pcap`. */
export const IMPORTED = {
  packets: 'canopy-packets',
  flows: 'canopy-flows',
  /** Why reading stopped before the end of the file, percent-encoded. */
  problem: 'canopy-problem',
} as const;
