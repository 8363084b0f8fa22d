import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { openAfpacket } from '../../../agent/capture/afpacket/open.js';
import { openEbpf } from '../../../agent/capture/ebpf/open.js';
import { loadProgram } from '../../../agent/linux/bpf.js';
import { interfaceNow } from '../../../agent/linux/interface.js';
import { attachProgram, bindToInterface, openPacketSocket } from '../../../agent/linux/packetSocket.js';
import { OtherThreads } from '../../../agent/linux/slowCalls.js';
import { newSharedMemory, ringShare } from '../../../agent/capture/worker/shared.js';
import { Waits } from '../../../agent/capture/worker/waits.js';
import { inNamespace, openNamespace, prepareNamespaces } from '../../../agent/linux/namespace.js';
import { FLOW_TABLE_DEFAULTS } from '../../../src/flow/table/options.js';
import { openFlowTable } from '../../../src/flow/table/flowTable.js';
import type { KernelRuns } from './receivers.js';
import { captureSpec, SETTINGS } from '../../agent/capture/pump.js';

/**
 * A capture for measurements: `receive.js SOURCE NAMESPACE INTERFACE`, with a flow table behind it. Runs until its input ends; prints
 * each second what came in, a JSON line.
 */

const [source, namespace, interfaceName] = process.argv.slice(2) as [string, string, string];
await prepareNamespaces();
const { fd } = openNamespace(namespace);
const waits = new Waits();
const aside = new OtherThreads();
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
  rest: (milliseconds) => waits.rest(milliseconds),
  failed: (error) => {
    throw error;
  },
  aside,
  rings: ringShare(newSharedMemory(256 * 1024 * 1024)),
  inPlace: (work) => inNamespace(fd, work),
});
/** Runs for the same packets as the program of the capture, and does nothing: what it takes is the clock that measures both. */
const idleProgram = source === 'ebpf' ? attachNothing() : undefined;
const INPUT = 0;
let isOver = false;
waits.watch(INPUT, () => (isOver = true));
const say = (): void =>
  void process.stdout.write(
    `${JSON.stringify({ ...opened.counts(), flows: table.stats.flows, kernel: kernelRuns(), clock: idleProgram && runsOf(String(idleProgram)) })}\n`,
  );
say();
for (let saidAt = performance.now(); !isOver;) {
  waits.wait(100);
  if (aside.isBusy) await turnOfEventLoop();
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

/** Attaches a program that answers 0 to a socket of the same interface. */
function attachNothing(): number {
  const program = loadProgram({ compiler: '', instructions: 'twAAAAAAAACVAAAAAAAAAA==', maps: [], relocations: [] });
  inNamespace(fd, () => {
    const socket = openPacketSocket();
    attachProgram(socket, program.fd);
    bindToInterface(socket, interfaceNow(interfaceName).index);
  });
  return program.fd;
}

/** What the kernel has counted of the program of this descriptor, where `kernel.bpf_stats_enabled` is set. */
function runsOf(descriptor: string): KernelRuns | undefined {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    const [ns, runs] = ['run_time_ns', 'run_cnt'].map((name) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(info)?.[1]));
    return runs! > 0 ? { ns: ns!, runs: runs! } : undefined;
  } catch {
    // Closed meanwhile.
    return undefined;
  }
}

/** Runs of the capture's program. */
function kernelRuns(): KernelRuns | undefined {
  if (idleProgram === undefined) return undefined;
  for (const descriptor of readdirSync('/proc/self/fdinfo')) {
    const runs = descriptor === String(idleProgram) ? undefined : runsOf(descriptor);
    if (runs !== undefined) return runs;
  }
  return undefined;
}
