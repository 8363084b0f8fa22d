import { largePages } from '../../../agent/linux/largePages.js';
import { readPcap } from '../../../src/flow/pcap/readPcap.js';
import { openFlowTable, type FlowTable } from '../../../src/flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';
import { PACKETS } from './measured.js';
import { traffic } from './traffic.js';

/** A table with so many flows, and the time of the last packet. */
export function fullTable(flows: number): { table: FlowTable; lastMs: number } {
  const table = openFlowTable({ ...FLOW_TABLE_DEFAULTS, captureId: 'capture', nodeTid: 'node', maxFlows: flows }, largePages);
  const file = traffic(PACKETS, flows);
  let lastMs = 0;
  readPcap(file, {
    packet: (...packet) => table.packet(...packet),
    packets: (batch) => {
      table.packets(batch);
      lastMs = batch.timeMs[batch.size - 1]!;
    },
  });
  if (table.stats.flows !== flows) throw new Error(`${table.stats.flows} flows instead of ${flows}`);
  return { table, lastMs };
}
