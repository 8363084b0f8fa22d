import { takeTurns } from '../../agent/capture/worker/takeTurns.js';
import { openFlowBatchWriter } from '../../src/flow/batch/flowBatchWriter.js';
import { lessIsBetter, type Bench } from './bench.js';
import { fullTable } from './flow/fullTable.js';
import { MANY_FLOWS } from './flow/measured.js';

/** Milliseconds of each pause while all flows are updated and packed: `inTurns` as a capture worker does it, or all at once. */
function pauses(inTurns: boolean): number[] {
  const { table, lastMs } = fullTable(MANY_FLOWS);
  let shipped = 0;
  const writer = openFlowBatchWriter({ emit: (_, flows) => (shipped += flows) });
  const now = lastMs + table.options.updateMs;
  let visited = 0;
  const step = (rows: number): boolean => {
    visited += table.sweep(now, rows, writer);
    return visited < MANY_FLOWS;
  };
  const work = inTurns ? takeTurns(new Map([[0, { step }]])) : () => step(MANY_FLOWS);
  const lengths: number[] = [];
  for (let isBehind = true; isBehind;) {
    const started = performance.now();
    isBehind = work();
    lengths.push(performance.now() - started);
  }
  writer.end();
  if (shipped !== MANY_FLOWS) throw new Error(`${shipped} flows were shipped instead of ${MANY_FLOWS}`);
  return lengths;
}

export const bench: Bench = {
  name: 'flow-tick',
  measures: 'longest pause in ms between two visits of the rings while 500,000 flows are updated and packed in slices, against all at once',
  run: async () => {
    // Each of the two sees code that is already compiled, and that has seen more than one table.
    pauses(true);
    pauses(true);
    return [lessIsBetter('flow-tick', Math.max(...pauses(true)), 'ms', Math.max(...pauses(false)))];
  },
};
