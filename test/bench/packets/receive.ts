import { readdirSync, readFileSync } from 'node:fs';
import { openAfpacket } from '../../../agent/capture/afpacket/open.js';

import { openEbpf } from '../../../agent/capture/ebpf/open.js';
import { newSharedMemory, ringShare } from '../../../agent/capture/worker/shared.js';
import { Waits } from '../../../agent/capture/worker/waits.js';
import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';
import { openFlowTable } from '../../../src/flow/table/flowTable.js';
import { captureSpec, SETTINGS } from '../../agent/capture/pump.js';

/** A capture for measurements: `receive.js SOURCE NAMESPACE INTERFACE SECONDS`, with a flow table behind it. Prints what came in and what it cost. */

const [source, namespace, interfaceName, seconds] = process.argv.slice(2) as [string, string, string, string];
await prepareNamespaces();
const { fd } = openNamespace(namespace);
const waits = new Waits();
const table = openFlowTable(FLOW_TABLE_DEFAULTS);
const opened = (source === 'ebpf' ? openEbpf : openAfpacket)({
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
process.stdout.write(`${JSON.stringify({ ...opened.counts(), flows: table.stats.flows, cpu, kernelNs: kernelNs() })}\n`);
opened.close();

/** Nanoseconds of the kernel for each run of our program, where `kernel.bpf_stats_enabled` has it counted. */
function kernelNs(): number | undefined {
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    try {
      const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      const [time, runs] = ['run_time_ns', 'run_cnt'].map((name) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(info)?.[1]));
      if (runs! > 0) return time! / runs!;
    } catch {
      // Closed meanwhile.
    }
  }
  return undefined;
}
