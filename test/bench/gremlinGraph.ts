import { compile, execute, type GraphSource, type Outcome } from '../../src/gremlin/gremlin.js';
import { systemClock } from '../../src/common/clock.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import type { GraphView } from '../../src/graph/view.js';
import { percentile } from './bench.js';
import { HOST_ID, inBatches, putHost, putInterface, putOwnership } from './interfaces.js';

export const NODES = 100_000;

const BATCH = 1_000;

/** A host and its interfaces, as agents would have sent them. */
export function interfaceGraph(interfaces = NODES - 1): LiveGraph {
  const graph = new LiveGraph({ now: () => Date.now() });
  const numbers = Array.from({ length: interfaces }, (_, number) => number);
  const deltas = [putHost, ...numbers.map((number) => putInterface(number)), ...numbers.map((number) => putOwnership(HOST_ID, number))];
  for (const batch of inBatches(deltas, BATCH)) graph.apply({ origin: 'agent.host-0', deltas: batch });
  return graph;
}

const notAsked = (): never => {
  throw new Error('the bench asks the present only');
};

/** From the string to its rows, as a request does it: a view of its own, reading and planning the string included. */
export async function runString(view: GraphView, query: string): Promise<Outcome> {
  const source: GraphSource = { present: () => view, at: notAsked, between: notAsked, readings: notAsked };
  return execute(compile(query), { source, clock: systemClock });
}

/** Median times of two ways to do the same, in milliseconds. They take turns, so that what else the machine does meets both; the first half only warms up. */
export async function takingTurns(
  rounds: number,
  ours: () => unknown,
  baseline: () => unknown,
): Promise<{ ours: number; baseline: number }> {
  const times = { ours: [] as number[], baseline: [] as number[] };
  for (let round = 0; round < rounds * 2; round++) {
    for (const [side, call] of [
      ['ours', ours],
      ['baseline', baseline],
    ] as const) {
      const started = performance.now();
      await call();
      if (round >= rounds) times[side].push(performance.now() - started);
    }
  }
  return { ours: percentile(times.ours, 50), baseline: percentile(times.baseline, 50) };
}
