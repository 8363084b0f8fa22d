/** Characters in one string. The longest that Skydive's own page wrote has some hundreds. */
export const MAX_QUERY_LENGTH = 65_536;

/** Steps in one string. */
export const MAX_STEPS = 256;

/** Parameters of one step. */
export const MAX_ARGUMENTS = 4_096;

/** Characters in one regular expression: RE2 is linear in the text, but compiling is not free. */
export const MAX_REGEX_LENGTH = 1_000;

/** What one run may use up. */
export interface RunLimits {
  /** Milliseconds from start to answer. */
  readonly deadlineMs: number;
  /** Elements and values that all steps together look at. */
  readonly rows: number;
  /** Edges in a row that one walk follows (`Descendants`, `Ascendants`, `Neighbors`). */
  readonly depth: number;
}

/** Ten seconds; ten million rows, a hundred times the largest graph that is measured; a thousand edges in a row. */
export const DEFAULT_RUN_LIMITS: RunLimits = { deadlineMs: 10_000, rows: 10_000_000, depth: 1_000 };
