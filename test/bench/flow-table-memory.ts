import type { Bench } from './bench.js';
import { fullTable } from './flow/fullTable.js';
import { MANY_FLOWS } from './flow/measured.js';

export const bench: Bench = {
  name: 'flow-table-memory',
  measures: 'bytes a flow of a table with 500,000 flows: its columns and its index',
  run: async () => [{ name: 'flow-table-memory', value: fullTable(MANY_FLOWS).table.stats.bytes / MANY_FLOWS, unit: 'bytes/flow' }],
};
