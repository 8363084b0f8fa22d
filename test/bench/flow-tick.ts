import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { lessIsBetter, type Bench } from './bench.js';
import { fullTable } from './flow/fullTable.js';
import { MANY_FLOWS } from './flow/measured.js';

/** Rows between two visits of the rings, as a capture worker sweeps them. */
const ROWS = 512;

/** Longest pause in ms while all flows are updated and packed, `rows` at a time. */
function longestPause(rows: number): number {
  const { table, lastMs } = fullTable(MANY_FLOWS);
  let shipped = 0;
  const writer = openFlowBatchWriter({ emit: (_, flows) => (shipped += flows) });
  const now = lastMs + table.options.updateMs;
  let longest = 0;
  for (let visited = 0; visited < MANY_FLOWS;) {
    const started = performance.now();
    visited += table.sweep(now, rows, writer);
    longest = Math.max(longest, performance.now() - started);
  }
  writer.end();
  if (shipped !== MANY_FLOWS) throw new Error(`${shipped} flows were shipped instead of ${MANY_FLOWS}`);
  return longest;
}

export const bench: Bench = {
  name: 'flow-tick',
  measures: 'longest pause in ms between two visits of the rings while 500,000 flows are updated and packed in slices, against all at once',
  run: async () => {
    // Each of the two sees code that is already compiled.
    longestPause(ROWS);
    return [lessIsBetter('flow-tick', longestPause(ROWS), 'ms', longestPause(MANY_FLOWS))];
  },
};
