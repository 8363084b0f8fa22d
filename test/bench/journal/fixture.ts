import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import type { Delta } from '../../../src/graph/delta.js';
import { openRecorder, type Recorder } from '../../../src/journal/recorder.js';

/** How a graph with a history is made up. */
export interface Shape {
  readonly nodes: number;
  readonly edges: number;
  /** In all, those that add the elements included. */
  readonly changes: number;
}

const MAX_TAIL_BYTES = 1 << 28;
const BATCH = 500;

/** One millisecond passes with each batch, so that a history of any length has an instant for each. */
class BatchClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  now = (): number => this.#now;
  monotonic = (): number => performance.now();
  after = systemClock.after;
  every = systemClock.every;
  tick(): void {
    this.#now += 20;
  }
}

export const openBenchRecorder = (dataDir: string, clock: Clock = systemClock): Promise<Recorder> =>
  openRecorder({ dataDir, clock, log: silentLog, limits: { maxTailBytes: MAX_TAIL_BYTES } });

/** A folder that goes when the process ends. */
export function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An interface as the netlink probe describes one. */
export function interfaceDelta(index: number, change: number): Delta {
  return {
    op: 'putNode',
    id: `6d2a4b8e-0000-4000-8000-${String(index).padStart(12, '0')}`,
    host: `host-${index % 100}`,
    metadata: {
      Type: 'veth',
      Name: `eth${index}`,
      MAC: `02:00:00:${(index >> 16) & 255}:${(index >> 8) & 255}:${index & 255}`,
      IPV4: [`10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}/16`],
      MTU: 1_500,
      State: change % 2 === 0 ? 'UP' : 'DOWN',
      LinkFlags: ['UP', 'BROADCAST', 'RUNNING'],
      Driver: 'veth',
      EncapType: 'ether',
      Revision: change,
    },
  };
}

const nodeId = (index: number): string => `6d2a4b8e-0000-4000-8000-${String(index).padStart(12, '0')}`;

function edgeDelta(index: number, nodes: number): Delta {
  const parent = index % nodes;
  const child = (parent + 1 + Math.floor(index / nodes) * 7) % nodes;
  return {
    op: 'putEdge',
    id: `edge-${index}`,
    host: 'host-0',
    parent: nodeId(parent),
    child: nodeId(child),
    metadata: { RelationType: 'layer2' },
  };
}

/** Writes a history of the shape: all elements at first, then updates of nodes in a spread order. Returns the folder, closed. */
export async function writeHistory(shape: Shape, dataDir = benchFolder()): Promise<string> {
  const clock = new BatchClock();
  const recorder = await openBenchRecorder(dataDir, clock);
  const total = shape.changes;
  let earlier = Promise.resolve();
  for (let written = 0; written < total;) {
    const size = Math.min(BATCH, total - written);
    const deltas = Array.from({ length: size }, (_, offset) => deltaOf(written + offset, shape));
    const { durable, changes } = recorder.record({ origin: 'agent.bench', deltas, immediate: true });
    if (changes.length !== size) throw new Error(`${changes.length} changes instead of ${size}`);
    clock.tick();
    written += size;
    if (written % (BATCH * 8) !== 0) continue;
    // The disk works on one part while the next is made.
    await earlier;
    earlier = durable;
  }
  await recorder.close(600_000);
  return dataDir;
}

function deltaOf(change: number, { nodes, edges }: Shape): Delta {
  if (change < nodes) return interfaceDelta(change, 0);
  if (change < nodes + edges) return edgeDelta(change - nodes, nodes);
  // A stride that is prime to the number of nodes meets all of them, far from each other.
  const update = change - nodes - edges;
  return interfaceDelta((update * 7_919) % nodes, 1 + Math.floor(update / nodes));
}
