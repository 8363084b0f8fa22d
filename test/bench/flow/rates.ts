import { readFileSync } from 'node:fs';
import { largePages } from '../../../agent/linux/largePages.js';
import { readPcap } from '../../../src/flow/pcap/readPcap.js';
import { openFlowTable } from '../../../src/flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';

/** In a process of its own: prints packets a second, and flows, of the file that is its argument; the file is in memory, the compiler is warm. */
const file = readFileSync(process.argv[2]!);
const ROUNDS = 9;
const WARM_UP = 3;

const rates: number[] = [];
let flows = 0;
let bytes = 0;
for (let round = 0; round < ROUNDS; round++) {
  const table = openFlowTable({ ...FLOW_TABLE_DEFAULTS, maxFlows: 1_000_000 }, largePages);
  const started = performance.now();
  const { packets } = readPcap(file, table);
  if (round >= WARM_UP) rates.push(packets / ((performance.now() - started) / 1000));
  flows = table.stats.flows;
  bytes = table.stats.bytes;
}
rates.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ rate: rates[rates.length >> 1], flows, bytes }));
