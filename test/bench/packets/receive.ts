import { openAfpacket } from '../../../agent/capture/afpacket/open.js';

import { newSharedMemory, ringShare } from '../../../agent/capture/worker/shared.js';
import { Waits } from '../../../agent/capture/worker/waits.js';
import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';
import { openFlowTable } from '../../../src/flow/table/flowTable.js';
import { captureSpec, SETTINGS } from '../../agent/capture/pump.js';

/** A capture for measurements: `receive.js NAMESPACE INTERFACE SECONDS`, with a flow table behind it. Prints what came in and what it cost. */

const [namespace, interfaceName, seconds] = process.argv.slice(2) as [string, string, string];
await prepareNamespaces();
const { fd } = openNamespace(namespace);
const waits = new Waits();
const table = openFlowTable(FLOW_TABLE_DEFAULTS);
const opened = openAfpacket({
  spec: captureSpec(),
  place: { node: 'node', tid: 'tid', interfaceName, namespacePath: namespace, addresses: [] },
  settings: SETTINGS,
  filter: '',
  packets: table,
  external: (flow) => table.external(flow, Date.now()),
  measure: () => undefined,
  watch: (socket, ready) => waits.watch(socket, ready),
  unwatch: (socket) => waits.unwatch(socket),
  failed: (error) => {
    throw error;
  },
  rings: ringShare(newSharedMemory(256 * 1024 * 1024)),
  inPlace: (work) => inNamespace(fd, work),
});
const until = performance.now() + Number(seconds) * 1_000;
process.stdout.write('ready\n');
// The beginning is compiled while it runs, so the cost is counted from the first second on.
let begin: NodeJS.CpuUsage | undefined;
let beginAt = 0;
while (performance.now() < until) {
  waits.wait(20);
  opened.tick?.(Date.now());
  if (begin === undefined && performance.now() > until - Number(seconds) * 500) {
    begin = process.cpuUsage();
    beginAt = performance.now();
  }
}
const { user, system } = process.cpuUsage(begin);
const cpu = (user + system) / 1_000 / (performance.now() - beginAt);
process.stdout.write(`${JSON.stringify({ ...opened.counts(), flows: table.stats.flows, cpu })}\n`);
opened.close();
