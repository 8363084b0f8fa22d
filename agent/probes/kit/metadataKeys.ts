/** What a probe says about one key that it writes. The reference of metadata in the documentation is made from these lists. */
export interface MetadataKey {
  /** Dotted path: `Metric.RxBytes`. `*` stands for a free part. */
  readonly path: string;
  /** State makes revisions, measurements make samples, tables change by row (ARCHITECTURE.md §4). */
  readonly kind: 'state' | 'measurement' | 'table';
  readonly type: 'text' | 'integer' | 'boolean' | 'texts' | 'object';
  /** `bytes`, `ms since the epoch`, `Mbit/s`; left out where a value has none. */
  readonly unit?: string;
  /** Whether elements are found by it quickly. */
  readonly indexed?: boolean;
  /** One sentence: what it is and when it is there. */
  readonly meaning: string;
}
