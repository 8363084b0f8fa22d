import { readdirSync, readFileSync } from 'node:fs';
import { openAfpacket } from '../../../agent/capture/afpacket/open.js';

import { openEbpf } from '../../../agent/capture/ebpf/open.js';
import { newSharedMemory, ringShare } from '../../../agent/capture/worker/shared.js';
import { Waits } from '../../../agent/capture/worker/waits.js';
import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';
import { openFlowTable } from '../../../src/flow/table/flowTable.js';
import { captureSpec, SETTINGS } from '../../agent/capture/pump.js';

/**
 * A capture for measurements: `receive.js SOURCE NAMESPACE INTERFACE`, with a flow table behind it. Runs until its input ends; prints
 * each second what came in, a JSON line.
 */

const [source, namespace, interfaceName] = process.argv.slice(2) as [string, string, string];
await prepareNamespaces();
const { fd } = openNamespace(namespace);
const waits = new Waits();
const table = openFlowTable(FLOW_TABLE_DEFAULTS);
const opened = (source === 'ebpf' ? openEbpf : openAfpacket)({
  spec: captureSpec(),
  place: { node: 'node', tid: 'tid', interfaceName, namespacePath: namespace, addresses: [] },
  settings: SETTINGS,
  filter: '',
  joining: undefined,
  mplsUdpPort: 0,
  packets: table,
  external: (flow) => table.external(flow, Date.now()),
  recount: (counted) => table.recount(counted, Date.now()),
  measure: () => undefined,
  watch: (socket, ready) => waits.watch(socket, ready),
  unwatch: (socket) => waits.unwatch(socket),
  failed: (error) => {
    throw error;
  },
  rings: ringShare(newSharedMemory(256 * 1024 * 1024)),
  inPlace: (work) => inNamespace(fd, work),
});
const INPUT = 0;
let isOver = false;
waits.watch(INPUT, () => (isOver = true));
const say = (): void =>
  void process.stdout.write(`${JSON.stringify({ ...opened.counts(), flows: table.stats.flows, kernelNs: kernelNs() })}\n`);
say();
for (let saidAt = performance.now(); !isOver;) {
  waits.wait(100);
  opened.tick?.(Date.now());
  if (performance.now() - saidAt < 1_000) continue;
  saidAt = performance.now();
  say();
}
// What is still in the kernel comes now.
opened.tick?.(Date.now());
waits.wait(200);
opened.tick?.(Date.now() + 10_000);
say();
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
