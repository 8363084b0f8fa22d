/** One measured figure. `ratio` says how many times better than the baseline; both are left out where a row has none. */
export interface Figure {
  /** `graph-apply`, or with a part: `journal-commit/p99`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  readonly ratio?: number;
}

/** A measurement: real work, its baseline in the same run. */
export interface Bench {
  readonly name: string;
  /** One sentence: what is measured, against what. */
  readonly measures: string;
  run(): Promise<readonly Figure[]>;
}

/** Ratio for figures where more is better (rates). */
export const moreIsBetter = (name: string, value: number, unit: string, baseline: number): Figure => ({
  name,
  value,
  unit,
  baseline,
  ratio: value / baseline,
});

/** Ratio for figures where less is better (times, sizes). */
export const lessIsBetter = (name: string, value: number, unit: string, baseline: number): Figure => ({
  name,
  value,
  unit,
  baseline,
  ratio: baseline / value,
});

/** The p-th percentile (0 to 100) of the values, nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? NaN;
}
