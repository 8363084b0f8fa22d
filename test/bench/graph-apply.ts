import graphology from 'graphology';
import type { JsonObject } from '../../src/common/json.js';
import type { Delta } from '../../src/graph/delta.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { moreIsBetter, type Bench } from './bench.js';
import { HOST_ID, inBatches, putHost, putInterface, putOwnership } from './interfaces.js';

const INTERFACES = 50_000;
const BATCH = 500;
const ROUNDS = 5;

/**
 * Each interface with its ownership edge, then each interface twice more: whole with another state, and a patch with which one in ten leaves its master.
 * Half of the deltas are updates.
 */
function workload(): Delta[][] {
  const deltas: Delta[] = [putHost];
  for (let number = 0; number < INTERFACES; number++) deltas.push(putInterface(number), putOwnership(HOST_ID, number));
  for (let number = 0; number < INTERFACES; number++) {
    const changed: JsonObject =
      number % 2 === 0 ? { State: 'DOWN', LinkFlags: ['BROADCAST'] } : { IPV4: [`172.16.${number >> 8}.${number & 0xff}/12`] };
    deltas.push(putInterface(number, changed));
  }
  for (let number = 0; number < INTERFACES; number++) {
    const { id } = putInterface(number);
    deltas.push({ op: 'patch', id, set: [['MTU', 9000]], unset: number % 10 === 0 ? ['MasterIndex'] : [] });
  }
  return inBatches(deltas, BATCH);
}

/** Deltas a second into a new live graph. */
function intoLiveGraph(batches: readonly Delta[][]): number {
  const graph = new LiveGraph({ now: Date.now });
  let applied = 0;
  const start = performance.now();
  for (const deltas of batches) {
    const { changes, rejected } = graph.apply({ origin: 'agent.host-0', deltas });
    if (rejected.length > 0) throw new Error(rejected[0]?.message);
    applied += changes.length;
  }
  const seconds = (performance.now() - start) / 1_000;
  const expected = 1 + 4 * INTERFACES;
  if (applied !== expected) throw new Error(`${applied} changes instead of ${expected}`);
  return applied / seconds;
}

/** Deltas a second of the same elements into graphology, which keeps no history, no indexes and no origins. */
function intoGraphology(batches: readonly Delta[][]): number {
  const graph = new graphology.MultiDirectedGraph();
  let count = 0;
  const start = performance.now();
  for (const deltas of batches) {
    for (const delta of deltas) {
      count++;
      if (delta.op === 'putNode') {
        const attributes = { ...delta.metadata, host: delta.host };
        if (graph.hasNode(delta.id)) graph.replaceNodeAttributes(delta.id, attributes);
        else graph.addNode(delta.id, attributes);
      } else if (delta.op === 'putEdge') graph.mergeDirectedEdgeWithKey(delta.id, delta.parent, delta.child, delta.metadata);
      else if (delta.op === 'patch') {
        for (const [path, value] of delta.set ?? []) graph.setNodeAttribute(delta.id, path, value);
        for (const path of delta.unset ?? []) graph.removeNodeAttribute(delta.id, path);
      }
    }
  }
  return count / ((performance.now() - start) / 1_000);
}

/** The fastest of some runs, each with deltas of its own: what else the machine does only ever makes one slower. */
const fastest = (run: (batches: readonly Delta[][]) => number): number =>
  Math.max(...Array.from({ length: ROUNDS }, () => run(workload())));

export const bench: Bench = {
  name: 'graph-apply',
  measures: `deltas/s into the live graph, ${INTERFACES} interfaces with their ownership edges, half updates; against graphology`,
  run: async () => [moreIsBetter('graph-apply', fastest(intoLiveGraph), 'deltas/s', fastest(intoGraphology))],
};
