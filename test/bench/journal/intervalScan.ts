import type { Journal } from '../../../src/journal/journal.js';

/** Rows that one scan looks at. */
export let INTERVAL_SCAN_ROWS = 0;

interface Interval {
  readonly ordinal: number;
  readonly from: number;
  readonly until: number;
}

const rowsOf = new WeakMap<Journal, readonly Interval[]>();

/** The obvious way: every revision is a row with the interval in which it stood, in memory already, and all rows are looked at. Returns ms. */
export function intervalScan(journal: Journal, seq: number): number {
  const rows = rowsOf.get(journal) ?? makeRows(journal);
  rowsOf.set(journal, rows);
  INTERVAL_SCAN_ROWS = rows.length;
  const started = performance.now();
  const found = new Map<number, Interval>();
  for (const row of rows) if (row.from <= seq && seq < row.until) found.set(row.ordinal, row);
  if (found.size === 0) throw new Error('the scan found nothing');
  return performance.now() - started;
}

function makeRows(journal: Journal): readonly Interval[] {
  const rows: { ordinal: number; from: number; until: number }[] = [];
  const standing = new Map<number, { ordinal: number; from: number; until: number }>();
  for (let seq = 1; seq <= journal.lastSeq;) {
    const block = journal.timeline.blockOf(seq)!;
    for (let index = seq - block.firstSeq; index < block.count; index++) {
      const ordinal = block.ordinal[index]!;
      const before = standing.get(ordinal);
      if (before !== undefined) before.until = block.firstSeq + index;
      const row = { ordinal, from: block.firstSeq + index, until: Infinity };
      standing.set(ordinal, row);
      rows.push(row);
    }
    seq = block.lastSeq + 1;
  }
  return rows;
}
